package io.millrace.broker.group;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.log.LogSlice;
import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.AppendResult;
import io.millrace.broker.partition.FetchResult;
import io.millrace.broker.partition.FetchSpec;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.PartitionDescription;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.record.Codecs;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordBatch;
import io.millrace.protocol.record.RecordReader;
import io.millrace.protocol.wire.MalformedFrameException;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition of {@code __consumer_offsets} that this broker leads, and the coordinator on it.
 *
 * <pre>
 *   LOADING --all that was in the log is folded--> ACTIVE --leadership ends--> ENDED
 *      |                                                                         ^
 *      +-----------------------leadership ends-----------------------------------+
 * </pre>
 *
 * <p>A log that can not be read leaves it without a coordinator until leadership ends.
 *
 * <p>Owned by the partition's lane; {@link #call} is for any thread.
 */
public final class GroupPartition implements GroupLog {
    private static final Logger LOG = LoggerFactory.getLogger(GroupPartition.class);

    /** What is folded in one turn of the lane: a few ms. */
    private static final int LOAD_BYTES = 256 * 1024;

    private static final int MAX_PLAIN_BYTES = 64 * 1024 * 1024;
    private static final long LOAD_WAIT_MS = 1000;
    private static final int ANY_EPOCH = -1;

    private final Partition partition;
    private final Lane lane;
    private final LongSupplier elapsedMs;
    /** The lane's time when the elapsed one was 0. */
    private final long begunMs;

    private final GroupConfig config;
    private final Supplier<UUID> ids;
    private final GroupStore store = new GroupStore();
    private final Rewrite rewrite;

    private @Nullable GroupCoordinator coordinator;
    /** Why there is no coordinator. */
    private ErrorCode refusal = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;

    private boolean ended;
    private long scheduledMs = Long.MAX_VALUE;
    /** Appends that are neither committed nor failed. */
    private int underWay;

    /** @param elapsedMs a clock that only goes forward: nobody waits for hours because the other one was set back */
    GroupPartition(Partition partition, Lane lane, LongSupplier elapsedMs, GroupConfig config, Supplier<UUID> ids) {
        this.partition = partition;
        this.lane = lane;
        this.elapsedMs = elapsedMs;
        this.begunMs = lane.nowMs() - elapsedMs.getAsLong();
        this.config = config;
        this.ids = ids;
        this.rewrite = new Rewrite(config.rewriteBytes());
    }

    /**
     * Calls the coordinator on its lane. The reply fails with {@code COORDINATOR_LOAD_IN_PROGRESS}, {@code COORDINATOR_NOT_AVAILABLE} or
     * {@code NOT_COORDINATOR} if there is none.
     *
     * @param reply for any thread; given on the lane
     */
    public void call(Reply<?> reply, Call call) {
        if (lane.inLane()) {
            callInLane(reply, call);
        } else {
            lane.execute(() -> callInLane(reply, call));
        }
    }

    private void callInLane(Reply<?> reply, Call call) {
        GroupCoordinator active = coordinator;
        if (active == null) {
            reply.fail(refusal, refusal.meaning());
        } else {
            call.on(active, nowMs());
            watch(active);
        }
    }

    /** What is asked of a coordinator, on its lane. */
    @FunctionalInterface
    public interface Call {
        void on(GroupCoordinator coordinator, long nowMs);
    }

    // ---- leadership

    boolean isOn(Partition other) {
        return partition == other;
    }

    /** Begins to fold what is in the log now; some of it may still have to be committed. */
    void begin() {
        lane.execute(() -> {
            if (!ended) {
                PartitionDescription log = partition.describe();
                rewrite.onAppended(log.sizeBytes());
                load(log.logStartOffset(), log.logEndOffset());
            }
        });
    }

    /** This broker does not lead the partition any more. */
    void end() {
        ended = true;
        refusal = ErrorCode.NOT_COORDINATOR;
        GroupCoordinator active = coordinator;
        coordinator = null;
        if (active != null) {
            active.clear(nowMs());
        }
    }

    private void load(long fromOffset, long endOffset) {
        if (ended) {
            return;
        }
        if (fromOffset >= endOffset) {
            activate();
            return;
        }
        FetchResult result = partition.onFetch(new FetchSpec(fromOffset, LOAD_BYTES, ANY_EPOCH), lane.nowMs());
        if (result.error() != ErrorCode.NONE) {
            LOG.atWarn()
                    .addKeyValue("partition", partition.id())
                    .addKeyValue("error", result.error())
                    .log("the groups of a partition can not be loaded");
            return; // it has ended or is about to
        }
        LogSlice slice = result.records();
        if (slice == null && result.highWatermark() >= endOffset) {
            activate(); // the log ends in a gap
            return;
        }
        if (slice == null) {
            partition.park(
                    fromOffset, 1, lane.nowMs() + LOAD_WAIT_MS, () -> lane.execute(() -> load(fromOffset, endOffset)));
            return;
        }
        long nextOffset = slice.nextOffset();
        try {
            fold(slice.copy(), fromOffset);
        } catch (InvalidBatchException e) {
            onUnreadable(e);
            return;
        } finally {
            slice.release();
        }
        lane.execute(() -> load(nextOffset, endOffset));
    }

    /** Half of the groups would be another state than was committed: there is none rather. */
    private void onUnreadable(InvalidBatchException cause) {
        refusal = ErrorCode.COORDINATOR_NOT_AVAILABLE;
        LOG.atError()
                .addKeyValue("partition", partition.id())
                .setCause(cause)
                .log("the groups of a partition can not be loaded; restore it from a backup");
    }

    private void activate() {
        GroupCoordinator active = new GroupCoordinator(store, this, config, ids, nowMs());
        coordinator = active;
        watch(active);
        LOG.atDebug()
                .addKeyValue("partition", partition.id())
                .addKeyValue("groups", store.ids().size())
                .log("a partition's groups are loaded");
    }

    private void fold(ByteBuffer batches, long fromOffset) {
        int position = 0;
        while (RecordBatch.isComplete(batches, position, batches.limit())) {
            RecordBatch batch = new RecordBatch(batches, position);
            if (!batch.isIntact()) {
                throw new InvalidBatchException(
                        ErrorCode.CORRUPT_MESSAGE, "the batch at " + batch.baseOffset() + " is not as it was written");
            }
            position = batch.end();
            if (batch.isControl()) {
                continue;
            }
            RecordReader reader = new RecordReader(Codecs.records(batch, MAX_PLAIN_BYTES));
            while (reader.next()) {
                long offset = batch.baseOffset() + reader.offsetDelta();
                if (offset >= fromOffset) {
                    fold(reader, offset);
                }
            }
        }
    }

    private void fold(RecordReader reader, long offset) {
        ByteBuffer key = reader.key();
        if (key == null) {
            return;
        }
        try {
            GroupRecord record = GroupRecordCodec.read(key, reader.value());
            if (record != null) {
                store.apply(record);
            }
        } catch (MalformedFrameException e) {
            LOG.atWarn()
                    .addKeyValue("partition", partition.id())
                    .addKeyValue("offset", offset)
                    .log("a record of a group can not be read and is passed over: {}", e.getMessage());
        }
    }

    // ---- time

    /** The coordinator's time: the lane's when it began, and what has elapsed since. */
    private long nowMs() {
        return begunMs + elapsedMs.getAsLong();
    }

    private void watch(GroupCoordinator active) {
        long next = active.nextDeadlineMs();
        if (next < scheduledMs) {
            scheduledMs = next;
            lane.schedule(lane.nowMs() + Math.max(0, next - nowMs()), () -> tick(next));
        }
    }

    private void tick(long atMs) {
        if (atMs != scheduledMs) {
            return; // an earlier one has come since, and asked for the next
        }
        scheduledMs = Long.MAX_VALUE;
        GroupCoordinator active = coordinator;
        if (active != null) {
            active.onTick(nowMs());
            watch(active);
        }
    }

    // ---- the log

    @Override
    public void append(List<GroupRecord> records, Listener listener, long nowMs) {
        ByteBuf batch = GroupBatch.of(records, nowMs);
        rewrite.onAppended(batch.readableBytes());
        underWay++;
        Append append = new Append(batch, true, Append.Source.PRODUCE);
        partition.onAppend(append, new Appended(records, listener), lane.nowMs());
    }

    /** What became of an append. It is told at the end of the turn, since the partition is not to be called from within its answer. */
    private final class Appended implements Reply<AppendResult> {
        private final List<GroupRecord> records;
        private final Listener listener;

        Appended(List<GroupRecord> records, Listener listener) {
            this.records = records;
            this.listener = listener;
        }

        @Override
        public void complete(AppendResult result) {
            lane.endOfTurn(() -> {
                underWay--;
                records.forEach(store::apply);
                listener.onCommitted(nowMs());
                afterAppend();
            });
        }

        @Override
        public void fail(ErrorCode error, String message) {
            lane.endOfTurn(() -> {
                underWay--;
                listener.onFailed(forClients(error), message, nowMs());
                afterAppend();
            });
        }
    }

    private void afterAppend() {
        if (coordinator != null) {
            watch(coordinator);
            // What is on its way to be committed is newer than the store: it must not come to lie before its older
            // self.
            if (underWay == 0 && rewrite.isDue()) {
                rewriteLog();
            }
        }
    }

    /** Writes the store behind the log, and gives up what is before once that is committed. */
    private void rewriteLog() {
        long startOffset = partition.describe().logEndOffset();
        rewrite.begin(() -> partition.onDeleteBefore(startOffset));
        for (List<GroupRecord> batch : store.batches()) {
            append(batch, rewrite.part(), nowMs());
        }
        rewrite.allBegun();
    }

    /** Why nothing was stored, as a client of a coordinator understands it: it tries again here, or looks for the coordinator. */
    private static ErrorCode forClients(ErrorCode error) {
        return switch (error) {
            case NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR, BROKER_CLOSING, DESTINATION_DELETED ->
                ErrorCode.NOT_COORDINATOR;
            case DISK_FULL, NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND, REQUEST_TIMED_OUT ->
                ErrorCode.COORDINATOR_NOT_AVAILABLE;
            default -> error;
        };
    }
}
