package io.millrace.broker.log;

import io.millrace.protocol.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A log's own fold: producer states and leader epochs, up to an offset. It moves with each append, is rewound by truncation, and is made again from
 * a snapshot and the batches behind it. Owned by the partition's lane.
 */
final class LogState {
    private static final int MAGIC = 0x4d52534c;
    /** Since version 2 with the number of truncations. */
    private static final short VERSION = 2;

    /** Of a version that does not tell: before all truncations. */
    private static final int UNKNOWN_TRUNCATIONS = -1;

    private final ProducerStates producers = new ProducerStates();
    private final LeaderEpochs epochs = new LeaderEpochs();
    private long offset;

    /** The state of a log that is empty and begins at an offset. */
    LogState(long offset) {
        this.offset = offset;
    }

    ProducerStates producers() {
        return producers;
    }

    LeaderEpochs epochs() {
        return epochs;
    }

    /** All batches below are folded. */
    long offset() {
        return offset;
    }

    void apply(RecordBatch batch, long seenMs) {
        producers.apply(batch, seenMs);
        epochs.apply(batch.leaderEpoch(), batch.baseOffset());
        offset = batch.nextOffset();
    }

    void advanceTo(long logEndOffset) {
        offset = logEndOffset;
    }

    /**
     * A state as it was stored.
     *
     * @param truncations how often the log had been truncated by then; -1 if nobody knows
     */
    record Stored(LogState state, int truncations) {}

    /** @param truncations how often the log was truncated so far */
    ByteBuffer encode(int truncations) {
        List<LeaderEpochs.EpochStart> starts = epochs.entries();
        ByteBuffer content = ByteBuffer.allocate(Integer.BYTES
                + Long.BYTES
                + Integer.BYTES
                + starts.size() * (Integer.BYTES + Long.BYTES)
                + producers.encodedBytes());
        content.putInt(truncations).putLong(offset).putInt(starts.size());
        for (LeaderEpochs.EpochStart start : starts) {
            content.putInt(start.epoch()).putLong(start.startOffset());
        }
        producers.encode(content);
        return Sealed.seal(MAGIC, VERSION, content.flip());
    }

    /** The state in a snapshot, or null if it is damaged. */
    static @Nullable Stored decode(@Nullable ByteBuffer sealed) {
        ByteBuffer content = Sealed.open(MAGIC, VERSION, sealed);
        if (sealed == null || content == null) {
            return null;
        }
        int truncations = Sealed.version(sealed) >= 2 ? content.getInt() : UNKNOWN_TRUNCATIONS;
        LogState state = new LogState(content.getLong());
        int starts = content.getInt();
        for (int i = 0; i < starts; i++) {
            state.epochs.apply(content.getInt(), content.getLong());
        }
        state.producers.decode(content);
        return new Stored(state, truncations);
    }
}
