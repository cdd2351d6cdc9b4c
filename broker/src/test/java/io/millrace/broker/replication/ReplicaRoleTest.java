package io.millrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.HostPort;
import io.millrace.broker.lane.VirtualLane;
import io.millrace.broker.metadata.InSyncSets;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.partition.OpenPartition;
import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.peer.Peer;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a replica becomes, and when; each fetcher has a lane of its own here. */
class ReplicaRoleTest {
    private static final int SELF = 1;

    private final VirtualLane lane = new VirtualLane();
    private final Map<Integer, VirtualLane> fetcherLanes = Map.of(2, new VirtualLane(), 3, new VirtualLane());
    private final FakePeers peers = new FakePeers();
    private final Replication replication = new Replication(SELF, fetcherLanes::get, peers);
    private final OpenPartition opened = new OpenPartition(new UUID(1, 2), lane);
    private final ReplicaRole role = new ReplicaRole(opened.partition, lane, replication);

    ReplicaRoleTest() {
        opened.moved = role::onMoved;
        replication.onBrokers(List.of(peer(1), peer(2), peer(3)));
    }

    @Test
    void leadsOnlyWhenTheLeaderBeforeIsForgottenThoughItIsToldAgain() {
        // Given
        role.onState(state(2, 5, 1));
        turnAll();
        role.onState(state(SELF, 6, 2));

        // When the in-sync set changes before the leader is forgotten
        role.onState(state(SELF, 6, 3));
        lane.turn();
        int before = opened.led;
        turnAll();

        // Then
        assertThat(before).isZero();
        assertThat(opened.led).isEqualTo(1);
        assertThat(role.isLeading()).isTrue();
    }

    @Test
    void leadsOnlyWhenTheLeaderBeforeIsForgottenThoughItWasFencedBetween() {
        // Given
        role.onState(state(2, 5, 1));
        turnAll();
        role.fence();

        // When
        role.onState(state(SELF, 6, 2));
        lane.turn();
        int before = opened.led;
        turnAll();

        // Then
        assertThat(before).isZero();
        assertThat(opened.led).isEqualTo(1);
    }

    @Test
    void leadsOnlyWhenAllLeadersBeforeAreForgotten() {
        // Given
        role.onState(state(2, 5, 1));
        turnAll();
        role.onState(state(3, 6, 2));

        // When
        role.onState(state(SELF, 7, 3));
        turn(3);
        int before = opened.led;
        turn(2);

        // Then
        assertThat(before).isZero();
        assertThat(opened.led).isEqualTo(1);
    }

    @Test
    void leadsNotWhenItIsFencedBeforeTheLeaderBeforeIsForgotten() {
        // Given
        role.onState(state(2, 5, 1));
        turnAll();
        role.onState(state(SELF, 6, 2));

        // When
        role.fence();
        turnAll();

        // Then
        assertThat(opened.led).isZero();
        assertThat(role.isLeading()).isFalse();
    }

    @Test
    void beginsOnceWithALeaderThatIsLinked() {
        // Given
        role.onState(state(2, 5, 1));
        turnAll();
        peers.to(2).ready();
        turnAll();
        long first = peers.to(2).takenAnew();

        // When
        role.onState(state(2, 6, 2));
        turnAll();

        // Then
        assertThat(first).isEqualTo(1);
        assertThat(peers.to(2).takenAnew()).isEqualTo(1);
    }

    @Test
    void beginsWithAGapOnlyWhenTheStateNamesItAsInSyncNoMore() {
        // Given
        opened.lose(5);
        role.onState(state(2, 5, 1));
        turnAll();
        peers.to(2).ready();
        turnAll();
        long before = peers.to(2).takenAnew();

        // When
        role.onState(new PartitionState(0, List.of(1, 2, 3), 2, 5, List.of(2, 3), List.of(7L, 7L), 2));
        opened.handOver();
        turnAll();

        // Then
        assertThat(before).isZero();
        assertThat(peers.to(2).takenAnew()).isEqualTo(1);
    }

    @Test
    void stopsOneWhoseStateIsImpossibleAndNoMore() {
        // When
        role.onState(new PartitionState(0, List.of(1, 2, 3), SELF, 5, List.of(2), List.of(7L), 1));

        // Then
        assertThat(opened.stopped).hasMessageContaining("is to lead");
    }

    @Test
    void resignsWhenItHasStoppedAndAgainAsLongAsItIsNamedInSync() {
        // Given
        Resignations asked = new Resignations();
        replication.connect(asked);
        role.onState(state(SELF, 5, 1));

        // When
        role.onStopped();
        asked.replies.get(0).fail(ErrorCode.INVALID_UPDATE_VERSION, "it was changed");
        role.onState(state(2, 6, 2));
        lane.turn();
        lane.advance(1000);
        asked.replies.get(1).complete(new PartitionState(0, List.of(1, 2, 3), 2, 6, List.of(2, 3), List.of(7L, 7L), 3));
        lane.turn();
        lane.advance(10_000);

        // Then
        assertThat(asked.versions).containsExactly(1, 2);
    }

    @Test
    void staysWhenItHasStoppedAsTheLastInSync() {
        // Given
        Resignations asked = new Resignations();
        replication.connect(asked);
        role.onState(new PartitionState(0, List.of(1, 2, 3), SELF, 5, List.of(SELF), List.of(7L), 1));

        // When
        role.onStopped();

        // Then
        assertThat(asked.versions).isEmpty();
    }

    /** Who asks to resign, of which version. */
    private static final class Resignations implements InSyncSets {
        final List<Integer> versions = new ArrayList<>();
        final List<Reply<PartitionState>> replies = new ArrayList<>();

        @Override
        public void change(
                PartitionId id,
                int leaderEpoch,
                List<Integer> isr,
                List<Long> epochs,
                int expectedVersion,
                Reply<PartitionState> reply) {
            throw new AssertionError("nobody changes the in-sync set here");
        }

        @Override
        public void resign(PartitionId id, int brokerId, int expectedVersion, Reply<PartitionState> reply) {
            versions.add(expectedVersion);
            replies.add(reply);
        }
    }

    private void turn(int fetcher) {
        fetcherLanes.get(fetcher).turn();
        lane.turn();
    }

    private void turnAll() {
        for (int i = 0; i < 3; i++) {
            lane.turn();
            turn(2);
            turn(3);
        }
    }

    private static Peer peer(int id) {
        return new Peer(id, 7, new HostPort("127.0.0.1", 9092 + id));
    }

    private static PartitionState state(int leader, int epoch, int version) {
        return new PartitionState(0, List.of(1, 2, 3), leader, epoch, List.of(1, 2, 3), List.of(7L, 7L, 7L), version);
    }
}
