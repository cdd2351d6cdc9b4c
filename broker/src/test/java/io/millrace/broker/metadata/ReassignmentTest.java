package io.millrace.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.metadata.BrokerFixture.Answer;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Partitions on the way to other brokers, as metadata and controller see it; {@link ClusterTest} has the rest. */
final class ReassignmentTest {
    private final ClusterFixture cluster = ClusterFixture.of(1, 2, 3, 4);

    @Test
    void addsFirstAndRemovesWhenAllOfTheTargetAreInSync() {
        // Given
        cluster.create(1, 1, 3);
        int epoch = cluster.seenBy(2).leaderEpoch();
        // When
        PartitionState begun = move(List.of(2, 3, 4));
        // Then it is on the old ones and the new one, led as before in another epoch
        assertThat(begun.replicas()).containsExactly(2, 3, 4, 1);
        assertThat(begun.placement().adding()).containsExactly(4);
        assertThat(begun.placement().removing()).containsExactly(1);
        assertThat(begun.leaderId()).isEqualTo(1);
        assertThat(begun.leaderEpoch()).isEqualTo(epoch + 1);
        assertThat(begun.isr()).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(disks()).containsExactly(1, 2, 3, 4);
        // When the new one is in sync
        inSync(List.of(1, 2, 3, 4));
        // Then the old one is gone, and with it its files; a member of the target leads
        PartitionState arrived = cluster.seenBy(3);
        assertThat(arrived.placement().isMoving()).isFalse();
        assertThat(arrived.replicas()).containsExactly(2, 3, 4);
        assertThat(arrived.isr()).containsExactlyInAnyOrder(2, 3, 4);
        assertThat(arrived.leaderId()).isEqualTo(2);
        assertThat(arrived.leaderEpoch()).isEqualTo(epoch + 2);
        assertThat(disks()).containsExactly(2, 3, 4);
    }

    @Test
    void doesNotArriveOnABrokerThatHasDiedSinceItWasInSync() {
        // Given
        cluster.create(1, 1, 1);
        move(List.of(2, 3));
        cluster.kill(3);
        // When
        PartitionState state = cluster.seenBy(1);
        cluster.broker(1).changeInSync(state.leaderEpoch(), List.of(1, 2), state.version());
        cluster.pass(1000);
        // Then
        assertThat(cluster.seenBy(1).placement().isMoving()).isTrue();
        assertThat(cluster.seenBy(1).isr()).contains(1);
        assertThat(disks()).contains(1);
    }

    @Test
    void aReplicaThatIsDownDeletesItsFilesWhenItComesBack() {
        // Given
        cluster.create(1, 1, 2);
        cluster.kill(1);
        move(2, List.of(2, 3));
        inSyncSeenBy(2, List.of(2, 3));
        boolean keptWhileDown = cluster.disk(1).size() == 1;
        // When
        cluster.start(1);
        // Then
        assertThat(keptWhileDown).isTrue();
        assertThat(cluster.disk(1)).isEmpty();
        assertThat(cluster.seenBy(1).replicas()).containsExactly(2, 3);
    }

    @Test
    void goesBackWhenItIsCancelled() {
        // Given
        cluster.create(1, 1, 2);
        move(List.of(3, 4));
        inSync(List.of(1, 2, 3));
        // When
        PartitionState back = move(null);
        // Then
        assertThat(back.placement().isMoving()).isFalse();
        assertThat(back.replicas()).containsExactlyInAnyOrder(1, 2);
        assertThat(back.isr()).containsExactlyInAnyOrder(1, 2);
        assertThat(disks()).containsExactly(1, 2);
        assertThat(cluster.broker(1).move(null).error()).isEqualTo(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS);
    }

    @Test
    void isReplacedByAnother() {
        // Given
        cluster.create(1, 1, 2);
        move(List.of(3, 1));
        // When
        PartitionState other = move(List.of(4, 1));
        // Then
        assertThat(other.replicas()).containsExactly(4, 1, 2);
        assertThat(other.placement().adding()).containsExactly(4);
        assertThat(other.placement().removing()).containsExactly(2);
        assertThat(disks()).containsExactly(1, 2, 4);
    }

    @Test
    void theOnlyOneInSyncIsNotDroppedByCancelling() {
        // Given broker 1 had it, and only one of those that were added is left in sync
        cluster.create(1, 1, 1);
        move(List.of(2, 3));
        inSync(List.of(1, 2));
        cluster.kill(1);
        // When
        ErrorCode refused = cluster.broker(2).move(null).error();
        // Then
        assertThat(refused).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(cluster.seenBy(2).leaderId()).isEqualTo(2);
        assertThat(cluster.seenBy(2).isr()).containsExactly(2);
    }

    @Test
    void changesTheNumberOfReplicas() {
        // Given
        cluster.create(1, 1, 1);
        // When
        move(List.of(1, 2, 3));
        inSync(List.of(1, 2, 3));
        int more = cluster.seenBy(1).replicas().size();
        move(List.of(3));
        // Then
        assertThat(more).isEqualTo(3);
        assertThat(cluster.seenBy(1).replicas()).containsExactly(3);
        assertThat(cluster.seenBy(1).leaderId()).isEqualTo(3);
        assertThat(disks()).containsExactly(3);
    }

    @Test
    void anotherOrderMovesNothingAndKeepsTheEpoch() {
        // Given
        cluster.create(1, 1, 3);
        int epoch = cluster.seenBy(1).leaderEpoch();
        // When
        PartitionState reordered = move(List.of(3, 2, 1));
        // Then
        assertThat(reordered.placement().isMoving()).isFalse();
        assertThat(reordered.replicas()).containsExactly(3, 2, 1);
        assertThat(reordered.leaderEpoch()).isEqualTo(epoch);
    }

    @Test
    void refusesWhatCanNotBe() {
        // Given
        cluster.create(1, 1, 2);
        // When // Then
        assertThat(cluster.broker(1).move(List.of()).error()).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(cluster.broker(1).move(List.of(1, 1)).error()).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(cluster.broker(1).move(List.of(1, 9)).error()).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(cluster.broker(1).move(null).error()).isEqualTo(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS);
    }

    @Test
    void aNewControllerEndsWhatAnotherBegan() {
        // Given
        cluster.create(1, 1, 2);
        move(List.of(2, 4));
        int controller = cluster.controller();
        int other = controller == 3 ? 4 : 3;
        // When
        cluster.kill(controller);
        cluster.pass(1000);
        if (controller == 4) {
            cluster.start(4);
        }
        PartitionState state = cluster.seenBy(other);
        cluster.broker(state.leaderId())
                .changeInSync(state.leaderEpoch(), List.of(state.leaderId(), 2, 4), state.version());
        cluster.pass(1000);
        // Then
        assertThat(cluster.seenBy(other).replicas()).containsExactly(2, 4);
    }

    @Test
    void aDeletionNamesThoseThatWereAddedMeanwhile() {
        // Given
        cluster.create(1, 1, 2);
        move(List.of(3, 4));
        // When
        cluster.broker(2)
                .<Void>ask(reply -> cluster.broker(2).metadata.destinations().delete(ClusterFixture.ORDERS, reply));
        // Then
        assertThat(disks()).isEmpty();
    }

    @Test
    void aBrokerInMaintenanceLeadsNothingThatAnotherCan() {
        // Given
        cluster.create(1, 1, 2);
        int leader = cluster.seenBy(1).leaderId();
        // When
        setMaintenance(leader, true);
        PartitionState without = cluster.seenBy(1);
        setMaintenance(leader, false);
        cluster.broker(2)
                .<Void>ask(reply -> cluster.broker(2).metadata.destinations().electPreferredLeaders(reply));
        // Then
        assertThat(without.leaderId()).isNotEqualTo(leader);
        assertThat(without.isr()).contains(leader);
        assertThat(cluster.seenBy(1).leaderId()).isEqualTo(leader);
    }

    @Test
    void aPartitionThatWasNeverMovedIsStoredAsBefore() {
        // Given
        cluster.create(1, 1, 2);
        PartitionState made = cluster.seenBy(1);
        // When
        PartitionState moved = made.placed(made.placement().towards(List.of(2, 3)), 1);
        // Then
        assertThat(MetadataCodec.partition(made)).contains("\"version\":1").doesNotContain("replicas");
        assertThat(MetadataCodec.partition(moved)).contains("\"version\":2");
        assertThat(MetadataCodec.readPartition(stored(MetadataCodec.partition(moved)), 0, List.of(7)))
                .isEqualTo(moved.withVersion(5));
        assertThat(MetadataCodec.readPartition(stored(MetadataCodec.partition(made)), 0, made.replicas()))
                .isEqualTo(made.withVersion(5));
    }

    private static StoredValue stored(String text) {
        return new StoredValue("/millrace/partitions/x/0", text, 5, 1, 1);
    }

    private void setMaintenance(int broker, boolean isInMaintenance) {
        cluster.broker(1).<ClusterSettings>ask(reply -> cluster.broker(1)
                .metadata
                .settings()
                .change(settings -> settings.withMaintenance(broker, isInMaintenance), reply));
        cluster.pass(400);
    }

    private PartitionState move(List<Integer> target) {
        return move(1, target);
    }

    private PartitionState move(int through, List<Integer> target) {
        PartitionState state = cluster.broker(through).move(target).get();
        cluster.run();
        return state;
    }

    /** The leader has these taken for in sync. */
    private void inSync(List<Integer> members) {
        inSyncSeenBy(1, members);
    }

    private void inSyncSeenBy(int id, List<Integer> members) {
        PartitionState state = cluster.seenBy(id);
        Answer<PartitionState> changed =
                cluster.broker(state.leaderId()).changeInSync(state.leaderEpoch(), members, state.version());
        assertThat(changed.get().isr()).containsExactlyElementsOf(members);
        cluster.pass(400);
    }

    private List<Integer> disks() {
        return cluster.brokersWithFiles();
    }
}
