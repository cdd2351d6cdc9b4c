package io.millrace.broker.log;

import io.millrace.protocol.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What each idempotent producer appended last to a message log: a fold over its batches. The rules are Kafka's, with one exception: a repeated
 * batch that is older than the last five is reported as a duplicate, not as out of order. Owned by the partition's lane.
 */
public final class ProducerStates {
    private final Map<Long, ProducerState> producers = new HashMap<>();

    ProducerStates() {}

    /** Says what to do with a batch that was validated but not appended. A batch without a producer id is always new. Changes nothing. */
    public ProducerCheck check(RecordBatch batch) {
        if (!batch.hasProducerId()) {
            return ProducerCheck.NEW;
        }
        ProducerState state = producers.get(batch.producerId());
        return state == null ? ProducerCheck.NEW : state.check(batch);
    }

    /**
     * The same for a producer that can begin anew when it is told, and so has to: if it is not known, the batch must be its first. Else, if
     * its first batch was refused, for want of replicas, and the second taken, the first would pass for a duplicate when it comes again,
     * and be lost.
     */
    public ProducerCheck checkFromBeginning(RecordBatch batch) {
        boolean isGap = batch.hasProducerId() && batch.baseSequence() > 0 && !producers.containsKey(batch.producerId());
        return isGap ? ProducerCheck.refused(ProducerCheck.Verdict.OUT_OF_ORDER_SEQUENCE_NUMBER) : check(batch);
    }

    /**
     * Forgets producers that were silent for so long, but for those with an open transaction; call it now and then.
     *
     * @param expirationMs {@link LogConfig#producerIdExpirationMs()}
     */
    public void expire(long nowMs, long expirationMs) {
        producers.values().removeIf(state -> state.isSilent(nowMs, expirationMs));
    }

    /** How many producers are known. */
    public int size() {
        return producers.size();
    }

    /** Folds a batch. */
    void apply(RecordBatch batch, long seenMs) {
        if (batch.hasProducerId()) {
            producers
                    .computeIfAbsent(batch.producerId(), id -> new ProducerState(batch.producerEpoch()))
                    .apply(batch, seenMs);
        }
    }

    void clear() {
        producers.clear();
    }

    int encodedBytes() {
        int bytes = Integer.BYTES;
        for (ProducerState state : producers.values()) {
            bytes += Long.BYTES + state.encodedBytes();
        }
        return bytes;
    }

    void encode(ByteBuffer into) {
        into.putInt(producers.size());
        new TreeMap<>(producers).forEach((id, state) -> {
            into.putLong(id);
            state.encode(into);
        });
    }

    void decode(ByteBuffer from) {
        producers.clear();
        int count = from.getInt();
        for (int i = 0; i < count; i++) {
            producers.put(from.getLong(), ProducerState.decode(from));
        }
    }
}
