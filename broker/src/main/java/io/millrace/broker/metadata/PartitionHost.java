package io.millrace.broker.metadata;

import io.millrace.broker.delivery.ConnectionInfo;
import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.Reply;
import org.jspecify.annotations.Nullable;

/**
 * Where this broker's partitions live. Calls return at once; replies come on any thread. A failure to open, close or
 * delete is one of storage.
 */
public interface PartitionHost {
    /** How many partitions have files here, whether the metadata knows them or not. */
    default int countOnDisk() {
        return 0;
    }

    /**
     * Tells of a partition's state: if this broker is one of the replicas, the partition is opened if it is not open, with
     * whatever is on disk, and then leads in the state's epoch if this broker is the leader, and follows otherwise. A state
     * whose leader epoch or version is lower than one that was taken before is passed over; the same one may come again.
     * If this broker is none of the replicas, what there is of the partition is closed and deleted: the state says that it is elsewhere.
     * A partition that was deleted so and comes again is opened later, when nothing on disk speaks of the deletion any more.
     */
    void onState(Destination destination, PartitionState state, Reply<@Nullable Void> reply);

    /**
     * The broker is about to close, and others are to lead what it leads: a partition answers nothing any more that its other in-sync replicas
     * do not have. Answers when they have what was answered before; fails after a moment if they do not get it.
     */
    void handOver(PartitionId id, Reply<@Nullable Void> reply);

    /** The broker does not belong to the cluster at the moment: nothing here may lead until a later state says so. */
    void onSessionLost();

    /** Gives the partition the destination's present settings. */
    void configure(Destination destination, int index);

    /** Closes a partition if it is open and deletes its files; success if there is nothing. */
    void delete(PartitionId id, Reply<@Nullable Void> reply);

    /** Writes a durable subscription into a partition; success if it is there. */
    void openSubscription(
            PartitionId id, DurableSubscription subscription, ConnectionInfo by, Reply<@Nullable Void> reply);

    /**
     * Takes a durable subscription out of a partition; success if it is not there. Fails with {@code
     * SUBSCRIPTION_IN_USE} while it has a consumer.
     */
    void closeSubscription(
            PartitionId id, DurableSubscription subscription, ConnectionInfo by, Reply<@Nullable Void> reply);
}
