package io.millrace.broker.log;

import io.millrace.protocol.record.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * One log of a partition: segments of record batches, in the order of their offsets.
 *
 * <p>What is appended goes to the page cache at once and to the disk at the next checkpoint; until then the journal has it. A failed
 * append leaves the log as it was, or, where that can not be had, refusing everything with {@link StorageException.Kind#FAILED}.
 *
 * <p>Owned by the partition's lane, but for the slices it gave away.
 */
@SuppressWarnings("DoNotCallSuggester") // signatures first: the bodies follow at once and remove this
public final class Log {
    Log() {}

    public LogKey key() {
        throw new UnsupportedOperationException();
    }

    public LogConfig config() {
        throw new UnsupportedOperationException();
    }

    /** Takes new settings; a segment that is too large or too old by them ends at the next append. */
    public void configure(LogConfig config) {
        throw new UnsupportedOperationException();
    }

    /** The first offset kept. */
    public long logStartOffset() {
        throw new UnsupportedOperationException();
    }

    /** The offset of the next append. */
    public long logEndOffset() {
        throw new UnsupportedOperationException();
    }

    /** The bytes of all segments' batches. */
    public long sizeBytes() {
        throw new UnsupportedOperationException();
    }

    /** What idempotent producers have appended, up to the log end offset. */
    public ProducerStates producers() {
        throw new UnsupportedOperationException();
    }

    public LeaderEpochs leaderEpochs() {
        throw new UnsupportedOperationException();
    }

    /**
     * Appends one validated batch: gives it the next offsets and the epoch in place, writes it to the page cache, and folds it. Rolls the
     * segment first when it is full or old.
     */
    public AppendedBatch append(RecordBatch batch, int leaderEpoch, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Ends the segment; the next append begins a new one. */
    public void roll(long nowMs) {
        throw new UnsupportedOperationException();
    }

    /**
     * Whole batches from the one that holds {@code offset} on, all below {@code beforeOffset}, of one segment, up to {@code maxBytes};
     * the first batch also when it is larger. The first batch may begin below {@code offset}. Null if there is none. To be released.
     *
     * @throws IllegalArgumentException if {@code offset} lies below the log start offset or above the log end offset
     */
    public @Nullable LogSlice read(long offset, int maxBytes, long beforeOffset) {
        throw new UnsupportedOperationException();
    }

    /** The first batch below {@code beforeOffset} with a record of that time or later; null if there is none. */
    public @Nullable TimestampOffset firstAtOrAfter(long timestampMs, long beforeOffset) {
        throw new UnsupportedOperationException();
    }

    /** The first batch, of those below {@code beforeOffset}, that has the largest timestamp; null if the log is empty. */
    public @Nullable TimestampOffset largestTimestamp(long beforeOffset) {
        throw new UnsupportedOperationException();
    }

    /**
     * Cuts the log so that {@code offset} becomes the log end offset, or what lies just below it if it is inside a batch. Not for what is
     * committed. The caller journals it before what is appended next.
     */
    public void truncateTo(long offset) {
        throw new UnsupportedOperationException();
    }

    /** Moves the log end offset forward, leaving a gap; does nothing if it is there already. */
    public void advanceTo(long offset) {
        throw new UnsupportedOperationException();
    }

    /**
     * Raises the log start offset and deletes the segments that lie wholly below it. The caller sees to it that nothing there is needed.
     */
    public void deleteBefore(long offset) {
        throw new UnsupportedOperationException();
    }

    /**
     * Up to which offset whole segments are past {@code retentionMs} or {@code retentionBytes}, and could be deleted; the log start
     * offset if none.
     */
    public long retentionOffset(long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Whether an earlier failure left the log in a state that nobody knows. */
    public boolean isFailed() {
        throw new UnsupportedOperationException();
    }

    LogSync beginSync() {
        throw new UnsupportedOperationException();
    }
}
