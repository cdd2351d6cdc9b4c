package io.millrace.broker.metadata;

import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.Reply;
import java.util.List;

/** Where a leader says which replicas are in sync with it. For any thread; replies come on the metadata thread. */
public interface InSyncSets {
    /**
     * Changes the in-sync replicas of a partition, if nobody else has changed its state meanwhile, and answers the state
     * with its new version. Fails with {@code FENCED_LEADER_EPOCH} if the partition is led in another epoch, with {@code
     * INVALID_UPDATE_VERSION} if its state was changed since, with {@code INELIGIBLE_REPLICA} if a new member is no replica
     * or not registered; after {@code REQUEST_TIMED_OUT} it may have been done or not, and a later state tells.
     *
     * @param expectedVersion of the state that the leader knows
     */
    void change(PartitionId id, int leaderEpoch, List<Integer> isr, int expectedVersion, Reply<PartitionState> reply);
}
