package io.millrace.broker.log;

import java.util.List;
import java.util.UUID;

/** The directories of all partitions that a broker has on one disk. For any thread. */
@SuppressWarnings("DoNotCallSuggester") // signatures first: the bodies follow at once and remove this
public final class PartitionStore {
    /** @param directory holds one directory a partition */
    public PartitionStore(StorageDirectory directory, RecoveryPoints points) {}

    /** The partitions that have a directory. */
    public List<Entry> list() {
        throw new UnsupportedOperationException();
    }

    /**
     * Opens a partition, creating what is not there; reads only what lies behind the last checkpoint. To be opened once at a time. From
     * then on it belongs to the lane whose dirty logs are given.
     */
    public PartitionStorage open(
            UUID topicId, int partition, LogConfig messages, LogConfig deliveries, DirtyLogs dirtyLogs) {
        throw new UnsupportedOperationException();
    }

    /** Deletes a partition that is not open; does nothing if there is none. */
    public void delete(UUID topicId, int partition) {
        throw new UnsupportedOperationException();
    }

    /** Names a partition. */
    public record Entry(UUID topicId, int partition) {}
}
