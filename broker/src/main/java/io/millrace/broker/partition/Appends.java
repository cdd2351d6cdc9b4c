package io.millrace.broker.partition;

import io.millrace.broker.config.Durability;
import io.millrace.broker.config.TimestampType;
import io.millrace.broker.delivery.BatchReader;
import io.millrace.broker.journal.JournalEntry;
import io.millrace.broker.journal.JournalListener;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.log.AppendedBatch;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.ProducerCheck;
import io.millrace.broker.log.ProducerStates;
import io.millrace.broker.log.TimestampOffset;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The way of record batches into the message log: checked, stamped, appended, handed to the journal, and answered when they are as durable
 * as was asked. Owned by the partition's lane.
 */
final class Appends {
    private final Log log;
    private final LaneJournal journal;
    private final JournalListener listener;
    private final BatchReader tail;
    private final HighWatermark highWatermark;
    private final BooleanSupplier knowsWhatIsThere;
    private final ReplyQueue replies = new ReplyQueue();

    private long lastAppendTimeMs = -1;
    private boolean handsOver;

    /**
     * @param knowsWhatIsThere whether nobody who may lead later has a batch that this log does not have
     */
    Appends(
            Log log,
            LaneJournal journal,
            JournalListener listener,
            BatchReader tail,
            BooleanSupplier knowsWhatIsThere) {
        this.log = log;
        this.journal = journal;
        this.listener = listener;
        this.tail = tail;
        this.knowsWhatIsThere = knowsWhatIsThere;
        this.highWatermark = new HighWatermark(log.logEndOffset());
    }

    Log log() {
        return log;
    }

    HighWatermark highWatermark() {
        return highWatermark;
    }

    /** Another may have appended meanwhile. What this log misses nobody has. */
    void onLeading() {
        log.keepGaps();
        lastAppendTimeMs = -1;
        handsOver = false;
    }

    /**
     * Another is about to lead: from now on nothing is answered that the other in-sync replicas do not have, whatever the durability says.
     * Answers when they have what was answered before.
     */
    void handOver(Reply<@Nullable Void> reply) {
        handsOver = true;
        if (highWatermark.isLevel()) {
            Reply.done(reply);
        } else {
            replies.park(ReplyQueue.NOBODY, log.logEndOffset(), reply, () -> Reply.done(reply));
        }
    }

    /**
     * Fills the log up to {@code offset} with a batch without records, as Kafka's compaction leaves one: what a delivery record of an earlier
     * leader speaks of is behind it, and the epoch of this leader begins before it, so that whoever has something else there is cut.
     */
    void fillTo(long offset, int leaderEpoch, long nowMs) {
        while (log.logEndOffset() < offset) {
            long missing = Math.min(offset - log.logEndOffset(), Integer.MAX_VALUE);
            RecordBatch batch = RecordBatch.empty((int) missing);
            AppendedBatch appended = log.append(batch, leaderEpoch, nowMs);
            long ticket = journal.append(
                    JournalEntry.message(log.key(), leaderEpoch, appended.baseOffset(), batch.bytes(), () -> {}),
                    listener);
            highWatermark.onAppend(appended.nextOffset(), appended.lengthBytes(), ticket);
        }
    }

    ReplyQueue replies() {
        return replies;
    }

    /**
     * Appends, and answers or parks the answer.
     *
     * @param keep whether somebody waits for these messages, so that they are kept to be delivered
     */
    void append(
            Append append,
            PartitionConfig config,
            int leaderEpoch,
            boolean keep,
            Reply<AppendResult> reply,
            long nowMs) {
        ByteBuf records = contiguous(append.records());
        try {
            ByteBuffer buffer = records.nioBuffer();
            RecordBatch batch = BatchRules.check(
                    buffer, append.source(), config, log.config().segmentBytes(), nowMs);
            journal.ensureAccepting(LogKind.MESSAGE);
            boolean durable = append.durable() && config.durability() == Durability.DISK;
            boolean waits = append.durable() && (handsOver || config.durability() != Durability.ASYNC);
            Outcome outcome = new Outcome();
            if (isNew(check(batch, append.source()), batch, outcome)) {
                long appendTimeMs = stamp(batch, config.timestamps(), nowMs);
                AppendedBatch appended = log.append(batch, leaderEpoch, nowMs);
                commit(records, batch, appended, durable, leaderEpoch);
                if (keep) {
                    tail.keep(batch, records);
                } else {
                    tail.forgetTail(); // it has no gaps
                }
                outcome.appended(appended, appendTimeMs);
            }
            answer(outcome, batch.producerId(), waits, reply);
        } catch (InvalidBatchException e) {
            reply.fail(e.error(), String.valueOf(e.getMessage()));
        } finally {
            records.release();
        }
    }

    private ProducerCheck check(RecordBatch batch, Append.Source source) {
        ProducerStates producers = log.producers();
        return source == Append.Source.SEND ? producers.checkFromBeginning(batch) : producers.check(batch);
    }

    /** Whether a batch is to be appended; what else is to be answered goes to {@code outcome}. */
    private boolean isNew(ProducerCheck check, RecordBatch batch, Outcome outcome) {
        switch (check.verdict()) {
            case NEW -> {
                return true;
            }
            case DUPLICATE ->
                outcome.duplicate(check.baseOffset(), check.baseOffset() + batch.count(), check.timestampMs());
            case DUPLICATE_SEQUENCE_NUMBER ->
                outcome.refused(
                        ErrorCode.DUPLICATE_SEQUENCE_NUMBER,
                        log.logEndOffset(),
                        "the batch was appended before; its offset is not known any more");
            case OUT_OF_ORDER_SEQUENCE_NUMBER ->
                refuse(
                        outcome,
                        ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
                        "producer " + batch.producerId() + " sent sequence " + batch.baseSequence()
                                + ", a batch before it is missing");
            case INVALID_PRODUCER_EPOCH ->
                refuse(
                        outcome,
                        ErrorCode.INVALID_PRODUCER_EPOCH,
                        "producer " + batch.producerId() + " sent epoch " + batch.producerEpoch()
                                + ", a newer one has appended");
        }
        return false;
    }

    /**
     * Refuses a batch for its sequence, which is a proof to its producer that the batch is not there: it numbers it anew. A leader whose epoch
     * is not committed proves nothing: it may be deposed, and the one after it have the batch.
     */
    private void refuse(Outcome outcome, ErrorCode error, String why) {
        if (knowsWhatIsThere.getAsBoolean()) {
            outcome.refused(error, 0, why);
        } else {
            outcome.refused(
                    ErrorCode.NOT_ENOUGH_REPLICAS,
                    0,
                    "the replicas do not follow this leader yet, so it does not know whether one of them has the batch");
        }
    }

    /** Stamps the append time, never going back; -1 if the records keep their producer's time. */
    private long stamp(RecordBatch batch, TimestampType timestamps, long nowMs) {
        if (timestamps == TimestampType.CREATE_TIME) {
            return -1;
        }
        if (lastAppendTimeMs < 0) {
            TimestampOffset largest = log.largestTimestamp(0, log.logEndOffset());
            lastAppendTimeMs = largest == null ? 0 : largest.maxTimestampMs();
        }
        lastAppendTimeMs = Math.max(lastAppendTimeMs, nowMs);
        batch.stampAppendTime(lastAppendTimeMs);
        return lastAppendTimeMs;
    }

    private void commit(ByteBuf records, RecordBatch batch, AppendedBatch appended, boolean durable, int leaderEpoch) {
        if (!durable) {
            highWatermark.onAppend(appended.nextOffset(), appended.lengthBytes());
            return;
        }
        records.retain();
        long ticket = journal.append(
                JournalEntry.message(log.key(), leaderEpoch, appended.baseOffset(), batch.bytes(), records::release),
                listener);
        highWatermark.onAppend(appended.nextOffset(), appended.lengthBytes(), ticket);
    }

    private void answer(Outcome outcome, long producerId, boolean asked, Reply<AppendResult> reply) {
        boolean waits = asked || outcome.isDuplicate;
        boolean isCommitted = !waits || outcome.requiredOffset <= highWatermark.offset();
        boolean isNext = !replies.isWaiting(producerId);
        AppendResult result =
                new AppendResult(outcome.baseOffset, outcome.appendTimeMs, log.logStartOffset(), outcome.isDuplicate);
        if (isCommitted && isNext) {
            outcome.answer(reply, result);
            return;
        }
        long required = waits ? outcome.requiredOffset : ReplyQueue.IN_TURN;
        replies.park(producerId, required, reply, () -> outcome.answer(reply, result));
        journal.flush(true);
    }

    /** What is written in place must be what the log writes: one piece of memory. */
    private static ByteBuf contiguous(ByteBuf records) {
        if (records.nioBufferCount() == 1) {
            return records;
        }
        ByteBuf copy = ByteBufAllocator.DEFAULT.buffer(records.readableBytes());
        copy.writeBytes(records);
        records.release();
        return copy;
    }

    /** What becomes of the batch of one request. */
    private static final class Outcome {
        private long baseOffset = -1;
        private long appendTimeMs = -1;
        private long requiredOffset;
        private boolean isDuplicate;
        private ErrorCode error = ErrorCode.NONE;
        private String message = "";

        void appended(AppendedBatch appended, long timeMs) {
            baseOffset = appended.baseOffset();
            appendTimeMs = timeMs;
            requiredOffset = appended.nextOffset();
        }

        void duplicate(long offset, long nextOffset, long timeMs) {
            baseOffset = offset;
            appendTimeMs = timeMs;
            requiredOffset = nextOffset;
            isDuplicate = true;
        }

        void answer(Reply<AppendResult> reply, AppendResult result) {
            if (error == ErrorCode.NONE) {
                reply.complete(result);
            } else {
                reply.fail(error, message);
            }
        }

        void refused(ErrorCode code, long required, String why) {
            error = code;
            message = why;
            requiredOffset = Math.max(requiredOffset, required);
            isDuplicate = code == ErrorCode.DUPLICATE_SEQUENCE_NUMBER;
        }
    }
}
