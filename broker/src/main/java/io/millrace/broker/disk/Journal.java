package io.millrace.broker.disk;

import io.millrace.broker.journal.JournalConfig;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.log.PartitionStore;
import io.millrace.broker.log.StorageException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The journal of one disk at work: its thread, which writes and syncs, and its keeper, which checkpoints, and fills files with zeros ahead.
 *
 * <p>Use: {@link #open} recovers what the last run left; {@link #lane} for each lane; then partitions are opened from {@link #partitions}.
 * At the end, partitions are closed in their lanes, then {@link #close} leaves everything synced.
 *
 * <p>For any thread.
 */
@SuppressWarnings("DoNotCallSuggester") // signatures first: the bodies follow at once and remove this
public final class Journal implements AutoCloseable {
    private Journal() {}

    /**
     * Recovers: reads the checkpoint, brings what the journal holds behind it into the logs, and begins a new file.
     *
     * @param onFault told, on the journal's thread, of a failure after which nothing can be made durable any more: the broker should stop
     * @throws StorageException of kind {@code CORRUPT} naming file, position and sequence if acknowledged bytes are damaged
     */
    public static Journal open(DataDirectory directory, JournalConfig config, Consumer<StorageException> onFault) {
        throw new UnsupportedOperationException();
    }

    /** The partitions on this disk. */
    public PartitionStore partitions() {
        throw new UnsupportedOperationException();
    }

    /** A new lane's side of the journal. The lane calls {@link LaneJournal#handOver} at the end of each turn. */
    public LaneJournal lane(Executor lane) {
        throw new UnsupportedOperationException();
    }

    /** What recovery found, for the log and for metrics. */
    public RecoverySummary recovery() {
        throw new UnsupportedOperationException();
    }

    /**
     * Writes what was handed over, takes a last checkpoint, which marks a clean shutdown, and stops the threads. The lanes must still run
     * their tasks, and append no more.
     */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
