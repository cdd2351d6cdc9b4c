package io.millrace.broker.log;

import io.millrace.protocol.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** What one producer appended last. Owned by the partition's lane. */
final class ProducerState {
    /** How many batches a producer may have in flight, and so repeat. */
    static final int BATCHES = 5;
    /** No transaction is open. */
    static final long NO_TRANSACTION = -1;

    /** When a batch was appended that was found in a log: its timestamp, which is the producer's, does not tell. */
    static final long SEEN_BEFORE = -1;

    private static final int BATCH_BYTES = 4 + 4 + 8 + 8;

    private short epoch;
    private long lastSeenMs;
    private long transactionStart = NO_TRANSACTION;
    private final ArrayDeque<Batch> batches = new ArrayDeque<>(BATCHES);

    /** A batch that was appended. */
    private record Batch(int baseSequence, int lastSequence, long baseOffset, long maxTimestampMs) {}

    ProducerState(short epoch) {
        this.epoch = epoch;
    }

    ProducerCheck check(RecordBatch batch) {
        if (batch.producerEpoch() < epoch) {
            return ProducerCheck.refused(ProducerCheck.Verdict.INVALID_PRODUCER_EPOCH);
        }
        if (batch.producerEpoch() > epoch) {
            return batch.baseSequence() == 0
                    ? ProducerCheck.NEW
                    : ProducerCheck.refused(ProducerCheck.Verdict.OUT_OF_ORDER_SEQUENCE_NUMBER);
        }
        if (batches.isEmpty()) {
            return ProducerCheck.NEW;
        }
        Batch repeated = find(batch.baseSequence(), batch.lastSequence());
        if (repeated != null) {
            return new ProducerCheck(ProducerCheck.Verdict.DUPLICATE, repeated.baseOffset(), repeated.maxTimestampMs());
        }
        int last = batches.getLast().lastSequence();
        if (batch.baseSequence() == ((last + 1) & Integer.MAX_VALUE)) {
            return ProducerCheck.NEW;
        }
        return isAtOrBelow(batch.lastSequence(), last)
                ? ProducerCheck.refused(ProducerCheck.Verdict.DUPLICATE_SEQUENCE_NUMBER)
                : ProducerCheck.refused(ProducerCheck.Verdict.OUT_OF_ORDER_SEQUENCE_NUMBER);
    }

    /** Folds a batch of this producer. */
    void apply(RecordBatch batch, long seenMs) {
        if (batch.producerEpoch() != epoch) {
            epoch = batch.producerEpoch();
            batches.clear();
        }
        lastSeenMs = seenMs == SEEN_BEFORE ? SEEN_BEFORE : Math.max(lastSeenMs, seenMs);
        if (batch.isControl()) {
            transactionStart = NO_TRANSACTION;
            return;
        }
        if (batch.isTransactional() && transactionStart == NO_TRANSACTION) {
            transactionStart = batch.baseOffset();
        }
        if (batches.size() == BATCHES) {
            batches.removeFirst();
        }
        batches.addLast(
                new Batch(batch.baseSequence(), batch.lastSequence(), batch.baseOffset(), batch.maxTimestampMs()));
    }

    /** Whether the producer was silent for so long; for one that was found in a log that begins with the first time it is asked. */
    boolean isSilent(long nowMs, long expirationMs) {
        if (lastSeenMs == SEEN_BEFORE) {
            lastSeenMs = nowMs;
        }
        return transactionStart == NO_TRANSACTION && nowMs - lastSeenMs >= expirationMs;
    }

    int encodedBytes() {
        return 2 + 8 + 8 + 1 + batches.size() * BATCH_BYTES;
    }

    void encode(ByteBuffer into) {
        into.putShort(epoch).putLong(lastSeenMs).putLong(transactionStart).put((byte) batches.size());
        for (Batch batch : batches) {
            into.putInt(batch.baseSequence())
                    .putInt(batch.lastSequence())
                    .putLong(batch.baseOffset())
                    .putLong(batch.maxTimestampMs());
        }
    }

    static ProducerState decode(ByteBuffer from) {
        ProducerState state = new ProducerState(from.getShort());
        state.lastSeenMs = from.getLong();
        state.transactionStart = from.getLong();
        int count = from.get();
        for (int i = 0; i < count; i++) {
            state.batches.addLast(new Batch(from.getInt(), from.getInt(), from.getLong(), from.getLong()));
        }
        return state;
    }

    private @Nullable Batch find(int baseSequence, int lastSequence) {
        for (Iterator<Batch> newestFirst = batches.descendingIterator(); newestFirst.hasNext(); ) {
            Batch batch = newestFirst.next();
            if (batch.baseSequence() == baseSequence && batch.lastSequence() == lastSequence) {
                return batch;
            }
        }
        return null;
    }

    /** Sequences wrap, so one of two is the later one if it is less than half way round ahead. */
    private static boolean isAtOrBelow(int sequence, int other) {
        return ((other - sequence) & Integer.MAX_VALUE) < 1 << 30;
    }
}
