package io.millrace.broker.session;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Finds the partitions that this broker holds. For any thread; called for every send. */
public interface PartitionDirectory {
    /** The partition, or null if this broker does not hold it. */
    @Nullable
    HostedPartition find(UUID topicId, int partition);
}
