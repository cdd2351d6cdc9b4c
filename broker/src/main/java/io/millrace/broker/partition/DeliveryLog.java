package io.millrace.broker.partition;

import io.millrace.broker.config.Durability;
import io.millrace.broker.delivery.DeliveryBatch;
import io.millrace.broker.delivery.DeliveryBatchCodec;
import io.millrace.broker.delivery.DeliveryRecord;
import io.millrace.broker.delivery.TurnRecords;
import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.journal.JournalEntry;
import io.millrace.broker.journal.JournalListener;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.log.AppendedBatch;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogKind;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.record.RecordBatch;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The end of the delivery log: what a turn had to say, here or at the leader, becomes one batch, waits until it is committed, and is then
 * folded. Owned by the partition's lane.
 */
final class DeliveryLog {
    private final Log log;
    private final Log messages;
    private final LaneJournal journal;
    private final JournalListener listener;
    private final FormatLevel formats;
    private final HighWatermark highWatermark;
    private final TurnRecords turn = new TurnRecords();
    private final ArrayDeque<DeliveryBatch> uncommitted = new ArrayDeque<>();
    private final ReplyQueue replies = new ReplyQueue();
    private int uncommittedEffects;
    /** Below this somebody waits for what is not committed. */
    private long awaitedEnd;
    /** Whether other brokers hold replicas: then what this one lost is theirs to tell, not to be jumped over. */
    private boolean replicated;

    DeliveryLog(Log log, Log messages, LaneJournal journal, JournalListener listener, FormatLevel formats) {
        this.formats = formats;
        this.log = log;
        this.messages = messages;
        this.journal = journal;
        this.listener = listener;
        this.highWatermark = new HighWatermark(log.logEndOffset());
    }

    Log log() {
        return log;
    }

    void setReplicated(boolean isReplicated) {
        replicated = isReplicated;
    }

    /** What this turn has to say so far. */
    TurnRecords turn() {
        return turn;
    }

    HighWatermark highWatermark() {
        return highWatermark;
    }

    ReplyQueue replies() {
        return replies;
    }

    /** Whether all that was said is folded. */
    boolean isLevel() {
        return turn.isEmpty() && uncommitted.isEmpty();
    }

    /**
     * Answers when all that was settled, opened and closed so far, in this turn too, is folded.
     *
     * @param awaited whether somebody waits for that; otherwise it comes with the next flush
     * @param reply who is told if that never happens
     */
    void answerWhenCommitted(boolean awaited, Reply<?> reply, Runnable answer) {
        if (uncommittedEffects == 0 && replies.isEmpty() && !turn.hasEffects()) {
            answer.run();
            return;
        }
        replies.parkOpen(reply, answer);
        if (awaited) {
            turn.await();
        }
    }

    /** Appends what the turn had to say. Throws what refuses that; the turn keeps what is not in the log then. */
    void write(Durability durability, int leaderEpoch, long nowMs) {
        if (!turn.isEmpty()) {
            journal.ensureAccepting(LogKind.DELIVERY);
            for (List<DeliveryRecord> records : split(turn.records())) {
                append(records, durability, leaderEpoch, nowMs);
                turn.written(records.size());
            }
        }
        boolean awaited = turn.isAwaited();
        turn.clear();
        replies.close(log.logEndOffset());
        // What they wait for may have been committed between their asking and now.
        replies.answer(highWatermark.offset());
        if (awaited && !highWatermark.isLevel()) {
            awaitedEnd = log.logEndOffset();
            journal.flush(true);
        }
    }

    /** Up to where the log is to be sent to other replicas at once; what lies behind goes with the next that is, or some ms later. */
    long awaitedEnd() {
        return awaitedEnd;
    }

    /** One batch, but for parts of a state, which are large: each of them is one. */
    private static List<List<DeliveryRecord>> split(List<DeliveryRecord> records) {
        boolean hasState = false;
        for (DeliveryRecord deliveryRecord : records) {
            hasState |= deliveryRecord.kind() == DeliveryRecord.Kind.STATE;
        }
        return hasState ? records.stream().map(List::of).toList() : List.of(records);
    }

    private void append(List<DeliveryRecord> records, Durability durability, int leaderEpoch, long nowMs) {
        long messageLogEnd = messages.logEndOffset();
        ByteBuf bytes = DeliveryBatchCodec.encode(nowMs, messageLogEnd, records, formats);
        RecordBatch batch = new RecordBatch(bytes.nioBuffer(), 0);
        AppendedBatch appended = log.append(batch, leaderEpoch, nowMs);
        uncommitted.add(new DeliveryBatch(appended.baseOffset(), nowMs, messageLogEnd, records));
        uncommittedEffects += effects(records);
        if (durability == Durability.DISK) {
            long ticket = journal.append(
                    entry(leaderEpoch, appended.baseOffset(), replicated ? -1 : messageLogEnd, batch), listener);
            highWatermark.onAppend(appended.nextOffset(), appended.lengthBytes(), ticket);
        } else {
            highWatermark.onAppend(appended.nextOffset(), appended.lengthBytes());
        }
    }

    private JournalEntry entry(int leaderEpoch, long baseOffset, long messageLogEnd, RecordBatch batch) {
        return JournalEntry.delivery(log.key(), leaderEpoch, baseOffset, messageLogEnd, batch.bytes(), () -> {});
    }

    /** Appends what the leader has appended. */
    void appendReplicated(RecordBatch batch, long nowMs) {
        int epoch = batch.leaderEpoch();
        AppendedBatch appended = log.append(batch, epoch, nowMs);
        addUncommitted(DeliveryBatchCodec.decode(batch));
        long ticket = journal.append(entry(epoch, appended.baseOffset(), -1, batch), listener);
        highWatermark.onAppend(appended.nextOffset(), appended.lengthBytes(), ticket);
    }

    /** Takes a batch that is in the log and was not folded yet. */
    void addUncommitted(DeliveryBatch batch) {
        uncommitted.add(batch);
        uncommittedEffects += effects(batch.records());
    }

    /** The log was cut: forgets what is not in it any more. */
    void truncateTo(long logEndOffset) {
        while (!uncommitted.isEmpty() && uncommitted.getLast().nextOffset() > logEndOffset) {
            uncommittedEffects -= effects(uncommitted.removeLast().records());
        }
    }

    /** Where the message log ended, at most, when the batches were written that are not folded yet; -1 if there are none. */
    long largestMessageLogEnd() {
        long largest = -1;
        for (DeliveryBatch batch : uncommitted) {
            largest = Math.max(largest, batch.messageLogEnd());
        }
        return largest;
    }

    /** The next batch that is committed and not folded; null if there is none. */
    @Nullable
    DeliveryBatch nextCommitted() {
        return nextCommitted(highWatermark.offset());
    }

    /** The next batch that lies below {@code committed} and is not folded; null if there is none. */
    @Nullable
    DeliveryBatch nextCommitted(long committed) {
        DeliveryBatch next = uncommitted.peek();
        if (next == null || next.nextOffset() > committed) {
            return null;
        }
        uncommitted.remove();
        uncommittedEffects -= effects(next.records());
        return next;
    }

    private static int effects(List<DeliveryRecord> records) {
        int n = 0;
        for (DeliveryRecord deliveryRecord : records) {
            if (TurnRecords.isEffect(deliveryRecord)) {
                n++;
            }
        }
        return n;
    }

    /** Fails the answers that wait, and forgets what was not said yet. What is in the log stays to be folded. */
    void fail(ErrorCode error, String message) {
        replies.fail(error, message);
        turn.clear();
    }

    /** Forgets what waits to be folded: it will be read from the log, or was folded otherwise. */
    void clearUncommitted() {
        uncommitted.clear();
        uncommittedEffects = 0;
    }
}
