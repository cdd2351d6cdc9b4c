package io.millrace.broker.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.HostPort;
import io.millrace.broker.lane.VirtualLane;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.partition.OpenPartition;
import io.millrace.broker.peer.Peer;
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
        peers.last().ready();
        turnAll();
        long first = peers.last().takenAnew();

        // When
        role.onState(state(2, 6, 2));
        turnAll();

        // Then
        assertThat(first).isEqualTo(1);
        assertThat(peers.last().takenAnew()).isEqualTo(1);
    }

    @Test
    void beginsWithAGapOnlyWhenTheStateNamesItAsInSyncNoMore() {
        // Given
        opened.lose(5);
        role.onState(state(2, 5, 1));
        turnAll();
        peers.last().ready();
        turnAll();
        long before = peers.last().takenAnew();

        // When
        role.onState(new PartitionState(0, List.of(1, 2, 3), 2, 5, List.of(2, 3), List.of(7L, 7L), 2));
        opened.handOver();
        turnAll();

        // Then
        assertThat(before).isZero();
        assertThat(peers.last().takenAnew()).isEqualTo(1);
    }

    @Test
    void stopsOneWhoseStateIsImpossibleAndNoMore() {
        // When
        role.onState(new PartitionState(0, List.of(1, 2, 3), SELF, 5, List.of(2), List.of(7L), 1));

        // Then
        assertThat(opened.stopped).hasMessageContaining("is to lead");
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
