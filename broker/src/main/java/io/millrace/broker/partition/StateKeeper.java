package io.millrace.broker.partition;

import io.millrace.broker.delivery.DeliveryBatch;
import io.millrace.broker.delivery.DeliveryBatchCodec;
import io.millrace.broker.delivery.DeliveryFormatException;
import io.millrace.broker.delivery.DeliveryRecord;
import io.millrace.broker.delivery.DeliveryState;
import io.millrace.broker.delivery.DeliveryStateCodec;
import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogSlice;
import io.millrace.broker.log.PartitionStorage;
import io.millrace.broker.log.Snapshot;
import io.millrace.broker.log.StorageException;
import io.millrace.protocol.record.RecordBatch;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the fold over restarts: snapshots beside the segments, from which a start folds only the tail of both logs; and state records in
 * the delivery log itself, so that the logs alone suffice and the delivery log may still lose its oldest part.
 *
 * <p>Owned by the partition's lane.
 */
final class StateKeeper {
    static final String SNAPSHOT = "delivery";

    /** A state record's part of the whole: small enough to share a journal frame with others. */
    private static final int CHUNK_BYTES = 64 * 1024;

    /** After what time a snapshot that found no room is tried again. */
    private static final long RETRY_MS = 60_000;

    private static final int READ_BYTES = 256 * 1024;
    private static final Logger LOG = LoggerFactory.getLogger(StateKeeper.class);

    private final PartitionStorage storage;
    private final Log messages;
    private final Log deliveries;
    private final FormatLevel formats;

    private boolean queue;
    private long foldedBytes;
    private long lastSnapshotMs;
    private long retryMs = Long.MIN_VALUE;
    /** Where the newest committed state record stands, or -1: the delivery log may begin there. */
    private long stateOffset = -1;

    StateKeeper(PartitionStorage storage, FormatLevel formats) {
        this.formats = formats;
        this.storage = storage;
        this.messages = storage.messages();
        this.deliveries = storage.deliveries();
    }

    // ---- at the start

    /** The newest state that was kept, which is one of what is committed. */
    DeliveryState restore(boolean isQueue, long nowMs) {
        lastSnapshotMs = nowMs;
        queue = isQueue;
        return start(queue);
    }

    /** Goes back to the newest state that was kept and that the delivery log still reaches: it was cut below what is folded. */
    void restoreAgain(DeliveryState state) {
        state.become(start(queue));
    }

    /**
     * Folds both logs up to their ends, where all that is in them is committed and no other broker has a replica. A message log that lost its
     * unsynced end moves forward to where it was.
     */
    void foldAll(DeliveryState state) {
        messages.advanceTo(state.messageEnd());
        forEachUnfolded(state, batch -> {
            messages.advanceTo(batch.messageLogEnd());
            state.apply(batch);
            noteState(batch);
        });
        state.applyMessages(messages.logEndOffset());
    }

    /** Reads the batches of the delivery log that are not folded yet. */
    void forEachUnfolded(DeliveryState state, Consumer<DeliveryBatch> each) {
        forEachBatch(deliveries, state.deliveryEnd(), deliveries.logEndOffset(), batch -> {
            if (batch.baseOffset() >= state.deliveryEnd()) {
                each.accept(DeliveryBatchCodec.decode(batch));
            }
        });
    }

    /** Whether the delivery log begins behind what is folded: the state is to be had from a state record then. */
    boolean lacksState(DeliveryState state) {
        return state.deliveryEnd() < deliveries.logStartOffset();
    }

    /** Makes the state of the newest whole state record below {@code committed}, if there is one; whether there was. */
    boolean restoreFromLog(DeliveryState state, long committed) {
        DeliveryState whole = findWholeState(committed);
        if (whole == null) {
            return false;
        }
        state.become(whole);
        return true;
    }

    private DeliveryState start(boolean isQueue) {
        long end = deliveries.logEndOffset();
        storage.deleteSnapshotsAbove(SNAPSHOT, end);
        while (end >= 0) {
            Snapshot snapshot = storage.latestSnapshot(SNAPSHOT, end);
            if (snapshot == null) {
                break;
            }
            try {
                DeliveryState state = DeliveryStateCodec.decode(snapshot.content());
                if (state.deliveryEnd() >= deliveries.logStartOffset()) {
                    return state;
                }
                break;
            } catch (DeliveryFormatException e) {
                LOG.atWarn()
                        .addKeyValue("partition", storage.topicId() + "-" + storage.partition())
                        .addKeyValue("offset", snapshot.offset())
                        .setCause(e)
                        .log("a snapshot of deliveries can not be read; an older one or the log is read instead");
                end = snapshot.offset() - 1;
            }
        }
        if (deliveries.logStartOffset() == 0) {
            return DeliveryState.empty(isQueue);
        }
        DeliveryState whole = findWholeState(deliveries.logEndOffset());
        return whole == null ? DeliveryState.empty(isQueue) : whole;
    }

    /** The newest state of which all parts are in the log; null if there is none. */
    private @Nullable DeliveryState findWholeState(long end) {
        List<DeliveryRecord.State> parts = new ArrayList<>();
        List<DeliveryRecord.State> whole = new ArrayList<>();
        forEachBatch(deliveries, deliveries.logStartOffset(), end, batch -> {
            for (DeliveryRecord deliveryRecord :
                    DeliveryBatchCodec.decode(batch).records()) {
                if (deliveryRecord instanceof DeliveryRecord.State part) {
                    if (part.index() == 0) {
                        parts.clear();
                    }
                    parts.add(part);
                    if (part.index() == part.count() - 1 && parts.size() == part.count()) {
                        whole.clear();
                        whole.addAll(parts);
                    }
                }
            }
        });
        if (whole.isEmpty()) {
            return null;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        whole.forEach(part -> bytes.writeBytes(part.bytes()));
        return DeliveryStateCodec.decode(ByteBuffer.wrap(bytes.toByteArray()));
    }

    private static void forEachBatch(Log log, long from, long end, Consumer<RecordBatch> each) {
        long offset = Math.max(from, log.logStartOffset());
        while (offset < end) {
            LogSlice slice = log.read(offset, READ_BYTES, end);
            if (slice == null) {
                return;
            }
            try {
                ByteBuffer bytes = slice.copy();
                for (int position = 0; RecordBatch.isComplete(bytes, position, bytes.limit()); ) {
                    RecordBatch batch = new RecordBatch(bytes, position);
                    each.accept(batch);
                    position = batch.end();
                }
                offset = slice.nextOffset();
            } finally {
                slice.release();
            }
        }
    }

    // ---- as it goes on

    /** Takes notice of what was folded. */
    void onFolded(long bytes) {
        foldedBytes += bytes;
    }

    /** Takes notice of a delivery batch that was folded. */
    void onFolded(DeliveryBatch batch) {
        noteState(batch);
    }

    private void noteState(DeliveryBatch batch) {
        for (DeliveryRecord deliveryRecord : batch.records()) {
            if (deliveryRecord instanceof DeliveryRecord.State part && part.index() == part.count() - 1) {
                stateOffset = part.deliveryOffset();
            }
        }
    }

    /** Whether a restart would have so much to fold, or the last snapshot is so old, that a new one is due. */
    boolean isSnapshotDue(PartitionConfig config, long nowMs) {
        return nowMs >= retryMs
                && (foldedBytes >= config.snapshotBytes()
                        || (foldedBytes > 0 && nowMs - lastSnapshotMs >= config.snapshotMs()));
    }

    /** Writes a snapshot, or tries it again later if the disk is full: the logs can do without. */
    void writeSnapshot(DeliveryState state, long nowMs) {
        try {
            storage.writeSnapshot(
                    SNAPSHOT, state.deliveryEnd(), ByteBuffer.wrap(DeliveryStateCodec.encode(state, formats)));
        } catch (StorageException e) {
            if (!e.isDiskFull()) {
                throw e;
            }
            LOG.atWarn()
                    .addKeyValue("partition", storage.topicId() + "-" + storage.partition())
                    .setCause(e)
                    .log("the disk is full: a snapshot of deliveries waits for room");
            retryMs = nowMs + RETRY_MS;
            return;
        }
        foldedBytes = 0;
        lastSnapshotMs = nowMs;
    }

    /** Lets the delivery log lose what is past retention; if it needs a state record first, that is the answer. */
    @Nullable
    List<DeliveryRecord> trim(DeliveryState state, long nowMs) {
        deliveries.deleteOutdated();
        long wanted = Math.min(deliveries.retentionOffset(nowMs), state.deliveryEnd());
        if (wanted <= deliveries.logStartOffset()) {
            return null;
        }
        if (stateOffset >= wanted) {
            deliveries.deleteBefore(wanted);
            return null;
        }
        return stateRecords(state);
    }

    private List<DeliveryRecord> stateRecords(DeliveryState state) {
        byte[] bytes = DeliveryStateCodec.encode(state, formats);
        int count = Math.max(1, (bytes.length + CHUNK_BYTES - 1) / CHUNK_BYTES);
        List<DeliveryRecord> records = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            byte[] part = Arrays.copyOfRange(bytes, i * CHUNK_BYTES, Math.min(bytes.length, (i + 1) * CHUNK_BYTES));
            records.add(new DeliveryRecord.State(state.deliveryEnd(), state.messageEnd(), i, count, part));
        }
        return records;
    }
}
