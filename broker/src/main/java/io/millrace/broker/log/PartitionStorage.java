package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one partition's replica: its message log, its delivery log, and snapshots of what was folded from them. The files of
 * the message log have Kafka's names. Owned by the partition's lane.
 */
@SuppressWarnings("DoNotCallSuggester") // signatures first: the bodies follow at once and remove this
public final class PartitionStorage implements AutoCloseable {
    PartitionStorage() {}

    public UUID topicId() {
        throw new UnsupportedOperationException();
    }

    public int partition() {
        throw new UnsupportedOperationException();
    }

    public Log messages() {
        throw new UnsupportedOperationException();
    }

    /** The delivery log. Has no files before its first append. */
    public Log deliveries() {
        throw new UnsupportedOperationException();
    }

    /**
     * Writes a snapshot of a fold, and deletes all of that name but the newest two. The write is not synced: a damaged one is passed over
     * when it is read, so the tail that it stands for must stay in the log as long as an older one is needed.
     *
     * @param name letters and digits
     */
    public void writeSnapshot(String name, long offset, ByteBuffer content) {
        throw new UnsupportedOperationException();
    }

    /** The undamaged snapshot of that name with the largest offset up to {@code maxOffset}, or null. */
    public @Nullable Snapshot latestSnapshot(String name, long maxOffset) {
        throw new UnsupportedOperationException();
    }

    /** Closes the files. What is not synced yet stays with the lane's dirty logs. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /** Closes and deletes the partition. */
    public void delete() {
        throw new UnsupportedOperationException();
    }
}
