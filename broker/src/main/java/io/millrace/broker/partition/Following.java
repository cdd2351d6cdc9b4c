package io.millrace.broker.partition;

import io.millrace.broker.delivery.DeliveryBatch;
import io.millrace.broker.delivery.DeliveryState;
import io.millrace.broker.journal.JournalEntry;
import io.millrace.broker.journal.JournalListener;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.log.AppendedBatch;
import io.millrace.broker.log.LeaderEpochs;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogKind;
import io.millrace.protocol.record.RecordBatch;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replica while it follows: brings both logs to where the leader's are, byte for byte, through the journal, and folds what the leader says
 * is committed. Dropped whole when it follows somebody else, or leads.
 *
 * <p>Invariants:
 * <ul>
 *   <li>Nothing is appended before the leader has found that the log so far is a beginning of its own: {@link LogData#divergence} is what it
 *       finds otherwise, and the log is cut there (KIP-101, KIP-279).
 *   <li>A gap that a recovery left is the leader's to fill: the log is cut there before the leader is told where it ends. But not while this replica is
 *       named as in sync: if all the others die now, it is elected, and must have what was acknowledged behind the gap.
 *   <li>What is folded is committed, and is cut only if its leader was alone in sync and lost what nobody had asked to be on disk.
 * </ul>
 *
 * <p>Owned by the partition's lane.
 */
final class Following {
    private static final Logger LOG = LoggerFactory.getLogger(Following.class);

    private final int leaderEpoch;
    private final LaneJournal journal;
    private final JournalListener listener;
    private final DeliveryState state;
    private final Log messages;
    private final HighWatermark messagesOnDisk;
    private final DeliveryLog deliveries;
    private final StateKeeper keeper;

    /** Whether the position that is told next is a new beginning. */
    private boolean anew = true;
    /** Of the last cut, while that is not on disk: what comes behind it must not be there before; otherwise 0. */
    private long cutTicket;

    private boolean refused;
    private boolean refusalTold;

    Following(
            int leaderEpoch,
            LaneJournal journal,
            JournalListener listener,
            DeliveryState state,
            Appends appends,
            DeliveryLog deliveries,
            StateKeeper keeper) {
        this.leaderEpoch = leaderEpoch;
        this.journal = journal;
        this.listener = listener;
        this.state = state;
        this.messages = appends.log();
        this.messagesOnDisk = appends.highWatermark();
        this.deliveries = deliveries;
        this.keeper = keeper;
        messagesOnDisk.follow();
        deliveries.highWatermark().follow();
    }

    /** Comes in the place of another, which may have cut what is not cut on disk yet. */
    void follows(@Nullable Following before) {
        cutTicket = before == null ? cutTicket : before.cutTicket;
    }

    int leaderEpoch() {
        return leaderEpoch;
    }

    /** Where the replica stands, to be told to the leader; after this it stands there no more anew. Null while a cut is due or not on disk. */
    @Nullable
    ReplicaPosition takePosition() {
        if (cutTicket > 0 || messages.firstGap() >= 0 || deliveries.log().firstGap() >= 0) {
            return null;
        }
        LogPosition ofDeliveries = position(deliveries.log(), deliveries.highWatermark());
        if (keeper.lacksState(state)) {
            // It could not lead yet, so it must not be taken for in sync.
            ofDeliveries = new LogPosition(ofDeliveries.endOffset(), ofDeliveries.lastEpoch(), 0);
        }
        ReplicaPosition position =
                new ReplicaPosition(leaderEpoch, anew, position(messages, messagesOnDisk), ofDeliveries);
        anew = false;
        refused = false;
        return position;
    }

    /** The connection was lost, and with it what was under way: the next position is a new beginning. */
    void onDisconnected() {
        anew = true;
    }

    /** What the leader sent could not be taken: it is asked for anew, a moment later. */
    void onRefused(RuntimeException why) {
        if (!refusalTold) {
            LOG.atWarn()
                    .addKeyValue("log", messages.key())
                    .setCause(why)
                    .log("a replica can not take what its leader has");
        }
        refusalTold = true;
        refused = true;
        anew = true;
    }

    /** Whether it is time to ask for what could not be taken. */
    boolean isToBeginAnew() {
        return refused;
    }

    /** All tickets up to this one are on disk; whether a position may be told that could not be before. */
    boolean onFlushed(long ticket) {
        if (cutTicket > 0 && cutTicket <= ticket) {
            cutTicket = 0;
            return true;
        }
        return false;
    }

    private static LogPosition position(Log log, HighWatermark onDisk) {
        return new LogPosition(
                log.logEndOffset(), log.leaderEpochs().latestEpoch(), Math.min(onDisk.offset(), log.logEndOffset()));
    }

    /**
     * Takes what the leader sent; whether the replica stands elsewhere now, or must say that it begins anew.
     *
     * @param onDisk whether only what is on disk counts for the leader: then what was appended is told when it is there
     */
    boolean onData(ReplicaData data, boolean onDisk, long nowMs) {
        if (data.leaderEpoch() != leaderEpoch || anew) {
            return anew && !refused;
        }
        LogData.Divergence messagesLeave = data.messages().divergence();
        LogData.Divergence deliveriesLeave = data.deliveries().divergence();
        if (messagesLeave != null || deliveriesLeave != null) {
            if (messagesLeave != null) {
                cutMessages(leavesAt(messages, messagesLeave, state.messageEnd()));
            }
            if (deliveriesLeave != null) {
                cutDeliveries(leavesAt(deliveries.log(), deliveriesLeave, state.deliveryEnd()));
            }
            anew = true;
            return true;
        }
        long messageEnd = messages.logEndOffset();
        long deliveryEnd = deliveries.log().logEndOffset();
        if (!goesOn(data.messages(), messageEnd) || !goesOn(data.deliveries(), deliveryEnd)) {
            anew = true;
            return true;
        }
        boolean lacked = keeper.lacksState(state);
        appendMessages(data.messages(), nowMs);
        appendDeliveries(data.deliveries(), nowMs);
        fold(data);
        refusalTold = false;
        messages.deleteBefore(Math.min(data.messages().logStartOffset(), state.messageEnd()));
        deliveries.log().deleteBefore(Math.min(data.deliveries().logStartOffset(), state.deliveryEnd()));
        boolean moved = messages.logEndOffset() > messageEnd || deliveries.log().logEndOffset() > deliveryEnd;
        if (moved) {
            journal.flush(true);
        }
        return (moved && !onDisk) || lacked != keeper.lacksState(state);
    }

    /** Whether what was sent begins where the log ends, or before that, or behind what the leader keeps no more. */
    private static boolean goesOn(LogData data, long end) {
        return data.fromOffset() <= end || data.fromOffset() == data.logStartOffset();
    }

    // ---- cutting

    /** The cluster's metadata names others as in sync, and not this replica: they have what was acknowledged, and it is not elected. */
    void onLeftInSync() {
        long messagesGap = messages.firstGap();
        if (messagesGap >= 0) {
            logGap(messages, messagesGap);
            cutMessages(messagesGap);
        }
        long deliveriesGap = deliveries.log().firstGap();
        if (deliveriesGap >= 0) {
            logGap(deliveries.log(), deliveriesGap);
            cutDeliveries(deliveriesGap);
        }
    }

    private static void logGap(Log log, long gap) {
        LOG.atInfo()
                .addKeyValue("log", log.key())
                .addKeyValue("gap", gap)
                .addKeyValue("end", log.logEndOffset())
                .log(
                        "records that nobody asked to be on disk were lost with the power; they are fetched from the leader");
    }

    private void cutMessages(long end) {
        cut(messages, messagesOnDisk, end);
        state.cutMessages(messages.logEndOffset());
    }

    private void cutDeliveries(long end) {
        cut(deliveries.log(), deliveries.highWatermark(), end);
        deliveries.truncateTo(deliveries.log().logEndOffset());
        if (deliveries.log().logEndOffset() < state.deliveryEnd()) {
            keeper.restoreAgain(state);
            deliveries.clearUncommitted();
            keeper.forEachUnfolded(state, deliveries::addUncommitted);
        }
    }

    private static long leavesAt(Log log, LogData.Divergence divergence, long folded) {
        LeaderEpochs.EpochEnd own = log.leaderEpochs().endOf(divergence.epoch(), log.logEndOffset());
        long ownEnd = own.endOffset() < 0 ? log.logEndOffset() : own.endOffset();
        long end = divergence.epoch() < 0 ? divergence.endOffset() : Math.min(divergence.endOffset(), ownEnd);
        if (end < folded) {
            LOG.atWarn()
                    .addKeyValue("log", log.key())
                    .addKeyValue("committed", folded)
                    .addKeyValue("end", end)
                    .log("the leader lost what was committed without being asked for on disk; this replica follows");
        }
        return end;
    }

    private void cut(Log log, HighWatermark onDisk, long end) {
        log.truncateTo(end);
        onDisk.truncateTo(log.logEndOffset());
        cutTicket = journal.append(JournalEntry.truncation(log.key(), leaderEpoch, log.logEndOffset()), listener);
        journal.flush(true);
    }

    // ---- appending

    private void appendMessages(LogData data, long nowMs) {
        ByteBuffer batches = data.batches();
        if (data.fromOffset() > messages.logEndOffset()) {
            messages.advanceTo(data.fromOffset());
            messagesOnDisk.advanceTo(data.fromOffset());
            state.applyMessages(data.fromOffset());
        }
        if (batches == null) {
            return;
        }
        journal.ensureAccepting(LogKind.MESSAGE);
        for (int position = batches.position(); position < batches.limit(); ) {
            RecordBatch batch = checked(messages, batches, position);
            position = batch.end();
            if (batch.nextOffset() <= messages.logEndOffset()) {
                continue; // it was sent twice
            }
            messages.advanceTo(batch.baseOffset());
            int epoch = batch.leaderEpoch();
            AppendedBatch appended = messages.append(batch, epoch, nowMs);
            long ticket = journal.append(
                    JournalEntry.message(messages.key(), epoch, appended.baseOffset(), batch.bytes(), () -> {}),
                    listener);
            messagesOnDisk.onAppend(appended.nextOffset(), appended.lengthBytes(), ticket);
        }
    }

    private void appendDeliveries(LogData data, long nowMs) {
        ByteBuffer batches = data.batches();
        Log log = deliveries.log();
        if (data.fromOffset() > log.logEndOffset()) {
            // What lies before is told again by a state record.
            log.advanceTo(data.fromOffset());
            log.deleteBefore(data.fromOffset());
            deliveries.highWatermark().advanceTo(data.fromOffset());
            deliveries.clearUncommitted();
        }
        if (batches == null) {
            return;
        }
        journal.ensureAccepting(LogKind.DELIVERY);
        for (int position = batches.position(); position < batches.limit(); ) {
            RecordBatch batch = checked(log, batches, position);
            position = batch.end();
            if (batch.nextOffset() <= log.logEndOffset()) {
                continue; // it was sent twice
            }
            log.advanceTo(batch.baseOffset());
            deliveries.appendReplicated(batch, nowMs);
        }
    }

    private static RecordBatch checked(Log log, ByteBuffer batches, int position) {
        if (!RecordBatch.isComplete(batches, position, batches.limit())) {
            throw new BadDataException("a leader sent a part of a batch for log " + log.key());
        }
        RecordBatch batch = new RecordBatch(batches, position);
        boolean isAcross = batch.baseOffset() < log.logEndOffset() && batch.nextOffset() > log.logEndOffset();
        if (!batch.isIntact() || isAcross) {
            throw new BadDataException("a leader sent the batch at " + batch.baseOffset() + " for log " + log.key()
                    + ", which ends at " + log.logEndOffset() + "; its CRC is "
                    + (batch.isIntact() ? "right" : "wrong"));
        }
        return batch;
    }

    // ---- folding

    private void fold(ReplicaData data) {
        state.applyMessages(Math.min(data.messages().highWatermark(), messages.logEndOffset()));
        long committed =
                Math.min(data.deliveries().highWatermark(), deliveries.log().logEndOffset());
        if (keeper.lacksState(state) && !keeper.restoreFromLog(state, committed)) {
            return;
        }
        for (DeliveryBatch batch = nextCommitted(committed); batch != null; batch = nextCommitted(committed)) {
            if (batch.baseOffset() >= state.deliveryEnd()) {
                state.apply(batch);
                keeper.onFolded(batch);
            }
        }
    }

    private @Nullable DeliveryBatch nextCommitted(long committed) {
        return deliveries.nextCommitted(committed);
    }
}
