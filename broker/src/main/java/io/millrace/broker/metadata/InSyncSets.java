package io.millrace.broker.metadata;

import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.Reply;
import java.util.List;

/** Where a leader says which replicas are in sync with it. For any thread; replies come on the metadata thread. */
public interface InSyncSets {
    /**
     * Changes the in-sync replicas of a partition, if nobody else has changed its state meanwhile, and answers the state
     * with its new version. Fails with {@code FENCED_LEADER_EPOCH} if the partition is led in another epoch, with {@code
     * INVALID_UPDATE_VERSION} if its state was changed since, with {@code INELIGIBLE_REPLICA} if a new member is no replica,
     * or does not live in the epoch that is named; after {@code REQUEST_TIMED_OUT} it may have been done or not, and a later
     * state tells.
     *
     * @param epochs the broker epoch of each member that was seen to have everything, as it said itself: the broker that lives under
     *     its number by now may be another, with nothing. Those of present members do not matter.
     * @param expectedVersion of the state that the leader knows
     */
    void change(
            PartitionId id,
            int leaderEpoch,
            List<Integer> isr,
            List<Long> epochs,
            int expectedVersion,
            Reply<PartitionState> reply);

    /**
     * Takes a replica that has stopped out of the in-sync set and, where it leads, names no leader: the controller elects one of the
     * others in sync. Fails with {@code INVALID_UPDATE_VERSION} if the state was changed since, and with {@code INELIGIBLE_REPLICA} if
     * nobody else who lives is in sync: the last one stays.
     *
     * @param expectedVersion of the state that the replica knows
     */
    void resign(PartitionId id, int brokerId, int expectedVersion, Reply<PartitionState> reply);

    /** {@link #change} for sets that only lose members; a new one is taken in the epoch in which the image has it now. */
    default void change(
            PartitionId id, int leaderEpoch, List<Integer> isr, int expectedVersion, Reply<PartitionState> reply) {
        List<Long> unknown = isr.stream().map(member -> PartitionState.NO_EPOCH).toList();
        change(id, leaderEpoch, isr, unknown, expectedVersion, reply);
    }
}
