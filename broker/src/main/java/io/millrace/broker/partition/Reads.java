package io.millrace.broker.partition;

import io.millrace.broker.delivery.AttachSpec;
import io.millrace.broker.log.LeaderEpochs;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogSlice;
import io.millrace.broker.log.TimestampOffset;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.record.Codecs;
import io.millrace.protocol.record.RecordBatch;
import io.millrace.protocol.record.RecordReader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What Kafka clients read: committed batches, offsets by time and by epoch; and those of them that wait for more. Owned by the partition's lane. */
final class Reads {
    /** ListOffsets' special timestamps. */
    private static final long LATEST = -1;

    private static final long EARLIEST = -2;
    private static final long MAX_TIMESTAMP = -3;
    private static final long EARLIEST_LOCAL = -4;
    private static final long LATEST_TIERED = -5;

    private static final int NO_EPOCH = -1;

    private final Log log;
    private final HighWatermark highWatermark;
    private final List<Waiter> waiters = new ArrayList<>();

    Reads(Log log, HighWatermark highWatermark) {
        this.log = log;
        this.highWatermark = highWatermark;
    }

    /** Where the log ends that a client speaks of: behind that, offsets were given to other messages since. */
    long knownEnd(AttachSpec spec, int leaderEpoch) {
        if (!spec.reattach()) {
            return log.logEndOffset();
        }
        boolean isKnown = spec.leaderEpoch() >= 0 && spec.leaderEpoch() <= leaderEpoch;
        return isKnown ? log.leaderEpochs().endOfAllUpTo(spec.leaderEpoch(), log.logEndOffset()) : 0;
    }

    FetchResult fetch(FetchSpec spec, int leaderEpoch) {
        ErrorCode error = checkEpoch(spec.currentLeaderEpoch(), leaderEpoch);
        if (error == ErrorCode.NONE && !isInLog(spec.offset())) {
            error = ErrorCode.OFFSET_OUT_OF_RANGE;
        }
        LogSlice records = error == ErrorCode.NONE && spec.offset() < highWatermark.offset()
                ? log.read(spec.offset(), spec.maxBytes(), highWatermark.offset())
                : null;
        return new FetchResult(error, highWatermark.offset(), highWatermark.offset(), log.logStartOffset(), records);
    }

    /** Whether a reader may stand there: at the log end offset too, and between it and the high watermark. */
    private boolean isInLog(long offset) {
        return offset >= log.logStartOffset() && offset <= log.logEndOffset();
    }

    // ---- waiting for more

    ParkedFetch park(long offset, int minBytes, long deadlineMs, Runnable wake) {
        long present = 0;
        if (offset < highWatermark.offset() && isInLog(offset)) {
            LogSlice slice = log.read(offset, Math.max(1, minBytes), highWatermark.offset());
            if (slice != null) {
                present = slice.lengthBytes();
                slice.release();
            }
        }
        long target = highWatermark.committedBytes() + Math.max(1, minBytes) - present;
        Waiter waiter = new Waiter(target, deadlineMs, wake);
        waiters.add(waiter);
        return waiter::cancel;
    }

    /** Wakes those who have enough, or waited long enough. */
    void wake(long nowMs) {
        if (waiters.isEmpty()) {
            return;
        }
        List<Waiter> woken = new ArrayList<>();
        waiters.removeIf(waiter -> {
            boolean isDone = waiter.cancelled
                    || waiter.deadlineMs <= nowMs
                    || waiter.targetBytes <= highWatermark.committedBytes();
            if (isDone) {
                woken.add(waiter);
            }
            return isDone;
        });
        woken.forEach(Waiter::wake);
    }

    void wakeAll() {
        List<Waiter> woken = List.copyOf(waiters);
        waiters.clear();
        woken.forEach(Waiter::wake);
    }

    /** When somebody has waited long enough; {@link Long#MAX_VALUE} if nobody waits. */
    long nextDeadlineMs() {
        long next = Long.MAX_VALUE;
        for (Waiter waiter : waiters) {
            next = Math.min(next, waiter.deadlineMs);
        }
        return next;
    }

    private static final class Waiter {
        private final long targetBytes;
        private final long deadlineMs;
        private final Runnable wake;
        private boolean cancelled;

        Waiter(long targetBytes, long deadlineMs, Runnable wake) {
            this.targetBytes = targetBytes;
            this.deadlineMs = deadlineMs;
            this.wake = wake;
        }

        void cancel() {
            cancelled = true;
        }

        void wake() {
            if (!cancelled) {
                cancelled = true;
                wake.run();
            }
        }
    }

    // ---- offsets

    OffsetResult listOffset(long timestamp, int currentLeaderEpoch, int leaderEpoch) {
        ErrorCode error = checkEpoch(currentLeaderEpoch, leaderEpoch);
        if (error != ErrorCode.NONE) {
            return new OffsetResult(error, -1, -1, NO_EPOCH);
        }
        long end = highWatermark.offset();
        if (timestamp == LATEST) {
            return at(end, -1);
        }
        if (timestamp == EARLIEST || timestamp == EARLIEST_LOCAL) {
            return at(log.logStartOffset(), -1);
        }
        if (timestamp == LATEST_TIERED) {
            return new OffsetResult(ErrorCode.NONE, -1, -1, NO_EPOCH);
        }
        if (timestamp == MAX_TIMESTAMP) {
            return largest(end);
        }
        if (timestamp < 0) {
            return new OffsetResult(ErrorCode.UNSUPPORTED_VERSION, -1, -1, NO_EPOCH);
        }
        return firstAtOrAfter(timestamp, log.logStartOffset(), end);
    }

    /** The first record of that time or later. A batch that has one may have it below the log start offset. */
    private OffsetResult firstAtOrAfter(long timestamp, long fromOffset, long end) {
        TimestampOffset found = log.firstAtOrAfter(timestamp, fromOffset, end);
        while (found != null) {
            RecordBatch batch = read(found);
            OffsetResult result = recordAtOrAfter(batch, timestamp);
            if (result != null) {
                return result;
            }
            found = log.firstAtOrAfter(timestamp, batch.nextOffset(), end);
        }
        return none();
    }

    /** The first record of those with the largest timestamp. */
    private OffsetResult largest(long end) {
        TimestampOffset largest = log.largestTimestamp(log.logStartOffset(), end);
        if (largest == null) {
            return none();
        }
        RecordBatch batch = read(largest);
        OffsetResult result = recordAtOrAfter(batch, largest.maxTimestampMs());
        if (result != null) {
            return result;
        }
        // The record lies below the log start offset, which lies in the batch.
        long restMs = largestTimestampOf(batch);
        TimestampOffset behind = log.largestTimestamp(batch.nextOffset(), end);
        long behindMs = behind == null ? -1 : behind.maxTimestampMs();
        return Math.max(restMs, behindMs) < 0
                ? none()
                : firstAtOrAfter(Math.max(restMs, behindMs), log.logStartOffset(), end);
    }

    EpochEndOffset endOfEpoch(int currentLeaderEpoch, int epoch, int leaderEpoch) {
        ErrorCode error = checkEpoch(currentLeaderEpoch, leaderEpoch);
        if (error != ErrorCode.NONE) {
            return new EpochEndOffset(error, NO_EPOCH, -1);
        }
        LeaderEpochs.EpochEnd end = log.leaderEpochs().endOf(epoch, log.logEndOffset());
        return new EpochEndOffset(ErrorCode.NONE, end.epoch(), end.endOffset());
    }

    /** The batch found, which may begin below the log start offset. */
    private RecordBatch read(TimestampOffset found) {
        long offset = Math.max(found.baseOffset(), log.logStartOffset());
        LogSlice slice = log.read(offset, 1, highWatermark.offset());
        if (slice == null) {
            throw new IllegalStateException("the batch at " + found.baseOffset() + " was found and can not be read");
        }
        try {
            return new RecordBatch(slice.copy(), 0);
        } finally {
            slice.release();
        }
    }

    /** The first record of that time or later in a batch; null if it has none that is still in the log. */
    private @Nullable OffsetResult recordAtOrAfter(RecordBatch batch, long timestamp) {
        if (batch.isLogAppendTime()) {
            return at(Math.max(batch.baseOffset(), log.logStartOffset()), batch.maxTimestampMs());
        }
        RecordReader reader = new RecordReader(Codecs.records(batch, BatchRules.MAX_PLAIN_BYTES));
        while (reader.next()) {
            long recordTimeMs = batch.baseTimestampMs() + reader.timestampDelta();
            long offset = batch.baseOffset() + reader.offsetDelta();
            if (recordTimeMs >= timestamp && offset >= log.logStartOffset()) {
                return at(offset, recordTimeMs);
            }
        }
        return null;
    }

    /** The largest timestamp of the records of a batch that are still in the log, or -1. */
    private long largestTimestampOf(RecordBatch batch) {
        long largestMs = -1;
        RecordReader reader = new RecordReader(Codecs.records(batch, BatchRules.MAX_PLAIN_BYTES));
        while (reader.next()) {
            if (batch.baseOffset() + reader.offsetDelta() >= log.logStartOffset()) {
                largestMs = Math.max(largestMs, batch.baseTimestampMs() + reader.timestampDelta());
            }
        }
        return largestMs;
    }

    private OffsetResult at(long offset, long timestampMs) {
        return new OffsetResult(ErrorCode.NONE, offset, timestampMs, epochAt(offset));
    }

    private static OffsetResult none() {
        return new OffsetResult(ErrorCode.NONE, -1, -1, NO_EPOCH);
    }

    private int epochAt(long offset) {
        int epoch = NO_EPOCH;
        for (LeaderEpochs.EpochStart start : log.leaderEpochs().entries()) {
            if (start.startOffset() > offset) {
                break;
            }
            epoch = start.epoch();
        }
        return epoch;
    }

    private static ErrorCode checkEpoch(int current, int leaderEpoch) {
        if (current < 0 || current == leaderEpoch) {
            return ErrorCode.NONE;
        }
        return current < leaderEpoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH;
    }
}
