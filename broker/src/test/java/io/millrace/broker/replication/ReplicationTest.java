package io.millrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.HostPort;
import io.millrace.broker.lane.Lane;
import io.millrace.broker.lane.VirtualLane;
import io.millrace.broker.partition.ReplicaData;
import io.millrace.broker.peer.Peer;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** To whom a broker's fetchers connect, and when. */
class ReplicationTest {
    private static final Peer LEADER = peer(2, 7);

    private final VirtualLane lane = new VirtualLane();
    private final FakePeers peers = new FakePeers();
    private final Replication replication = new Replication(1, id -> lane, peers);

    @Test
    void connectsAnewWhenThisBrokerHasAnotherEpoch() {
        // Given
        replication.onBrokers(List.of(peer(1, 5), LEADER));
        replication.fetcher(2).follow(new ReplicaKey(new UUID(1, 2), 0), new Silent());
        lane.turn();
        FakePeers.Link before = peers.last();
        before.ready();

        // When its registration expires, and it makes another
        replication.onBrokers(List.of(LEADER));
        replication.onBrokers(List.of(peer(1, 8), LEADER));
        lane.turn();

        // Then
        assertThat(before.closed).isTrue();
        assertThat(peers.opened).hasSize(2);
        assertThat(peers.last().closed).isFalse();
    }

    @Test
    void keepsItsConnectionWhenOnlyOthersChange() {
        // Given
        replication.onBrokers(List.of(peer(1, 5), LEADER));
        replication.fetcher(2).follow(new ReplicaKey(new UUID(1, 2), 0), new Silent());
        lane.turn();
        peers.last().ready();

        // When
        replication.onBrokers(List.of(peer(1, 5), LEADER, peer(3, 9)));
        lane.turn();

        // Then
        assertThat(peers.opened).noneMatch(link -> link.closed);
        assertThat(peers.opened).extracting(link -> link.peer().brokerId()).containsExactly(2, 3);
    }

    @Test
    void isConnectedToWhomItMayFollowNextAndSaysNothingThere() {
        // When
        replication.onBrokers(List.of(peer(1, 5), LEADER));
        lane.turn();
        peers.last().ready();
        lane.advance(60_000);

        // Then
        assertThat(peers.opened).hasSize(1);
        assertThat(peers.last().taken()).isEmpty();

        // When
        replication.fetcher(2).follow(new ReplicaKey(new UUID(1, 2), 0), new Silent());
        lane.turn();

        // Then
        assertThat(peers.opened).hasSize(1);
        assertThat(peers.last().closed).isFalse();
    }

    @Test
    void connectsToNobodyBeforeItsOwnEpochIsKnown() {
        // When
        replication.onBrokers(List.of(LEADER));
        lane.turn();

        // Then
        assertThat(peers.opened).isEmpty();
    }

    private static Peer peer(int id, long epoch) {
        return new Peer(id, epoch, new HostPort("127.0.0.1", 9092 + id));
    }

    private final class Silent implements Follower {
        @Override
        public Lane lane() {
            return lane;
        }

        @Override
        public void onData(ReplicaData data) {}

        @Override
        public void beginAnew() {}
    }
}
