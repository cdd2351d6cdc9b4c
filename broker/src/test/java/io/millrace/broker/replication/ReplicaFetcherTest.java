package io.millrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.HostPort;
import io.millrace.broker.lane.Lane;
import io.millrace.broker.lane.VirtualLane;
import io.millrace.broker.partition.LogData;
import io.millrace.broker.partition.LogPosition;
import io.millrace.broker.partition.ReplicaData;
import io.millrace.broker.partition.ReplicaPosition;
import io.millrace.broker.peer.Peer;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How often a leader is asked that refuses, and how often an answer is echoed. */
class ReplicaFetcherTest {
    private static final ReplicaKey KEY = new ReplicaKey(new UUID(1, 2), 0);

    private final VirtualLane lane = new VirtualLane();
    private final FakePeers peers = new FakePeers();
    private final ReplicaFetcher fetcher = new ReplicaFetcher(lane, peers);

    @BeforeEach
    void follow() {
        fetcher.onPeer(new Peer(2, 7, new HostPort("127.0.0.1", 9094)));
        fetcher.follow(KEY, new Replica());
        lane.turn();
        peers.last().ready();
        lane.turn();
        assertThat(peers.last().takenAnew()).isEqualTo(1);
    }

    @Test
    void asksOnceForAllRefusalsOfAPause() {
        // When
        peers.last().refuse(KEY);
        peers.last().refuse(KEY);
        lane.advance(50);

        // Then
        assertThat(peers.last().takenAnew()).isEqualTo(1);
    }

    @Test
    void asksEverLessOftenWhileItIsRefused() {
        long[] pausesMs = {50, 100, 200, 400, 800, 1600, 2000, 2000};
        for (long pauseMs : pausesMs) {
            // When
            peers.last().refuse(KEY);
            lane.advance(pauseMs - 1);
            long before = peers.last().takenAnew();
            lane.advance(1);

            // Then
            assertThat(before).as("before %s ms", pauseMs).isZero();
            assertThat(peers.last().takenAnew()).as("after %s ms", pauseMs).isEqualTo(1);
        }
    }

    @Test
    void asksSoonAgainOnceTheLeaderHasAnswered() {
        // Given
        for (int i = 0; i < 8; i++) {
            peers.last().refuse(KEY);
            lane.advance(2000);
        }
        peers.last().answer(ReplicaCodec.encode(KEY, new ReplicaData(1, nothing(), nothing())));
        lane.turn();
        peers.last().taken();

        // When
        peers.last().refuse(KEY);
        lane.advance(50);

        // Then
        assertThat(peers.last().takenAnew()).isEqualTo(1);
    }

    @Test
    void asksNobodyForAReplicaThatFollowsNoMore() {
        // Given
        peers.last().refuse(KEY);

        // When
        fetcher.forget(KEY, () -> {});
        lane.advance(5000);

        // Then
        assertThat(peers.last().takenAnew()).isZero();
    }

    @Test
    void echoesAHeartbeatAtOnce() {
        // Given
        peers.last().taken();

        // When
        peers.last().answer();
        lane.turn();

        // Then
        assertThat(peers.last().taken()).hasSize(1);
    }

    @Test
    void echoesRecordsWithThePositionToWhichTheyLead() {
        // Given
        peers.last().taken();
        peers.last().answer(ReplicaCodec.encode(KEY, new ReplicaData(1, something(), nothing())));
        lane.turn();
        int before = peers.last().taken().size();

        // When
        LogPosition position = new LogPosition(1, 1, 1);
        fetcher.onPosition(KEY, new ReplicaPosition(1, false, position, position));
        lane.advance(10);

        // Then
        assertThat(before).isZero();
        assertThat(peers.last().taken()).hasSize(1).allMatch(request -> request.stamp() == 1);
    }

    @Test
    void echoesRecordsThoughTheirFlushTakesLong() {
        // Given
        peers.last().taken();

        // When
        peers.last().answer(ReplicaCodec.encode(KEY, new ReplicaData(1, something(), nothing())));
        lane.advance(5);

        // Then
        assertThat(peers.last().taken()).hasSize(1);
    }

    private static LogData something() {
        return new LogData(0, 0, 0, ByteBuffer.allocate(10), null);
    }

    private static LogData nothing() {
        return new LogData(0, 0, 0, null, null);
    }

    private final class Replica implements Follower {
        @Override
        public Lane lane() {
            return lane;
        }

        @Override
        public void onData(ReplicaData data) {}

        @Override
        public void beginAnew() {
            LogPosition position = new LogPosition(0, -1, 0);
            fetcher.onPosition(KEY, new ReplicaPosition(1, true, position, position));
        }
    }
}
