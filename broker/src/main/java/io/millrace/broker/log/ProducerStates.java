package io.millrace.broker.log;

import io.millrace.protocol.record.RecordBatch;

/** What each idempotent producer appended last to a message log: a fold over its batches. Owned by the partition's lane. */
@SuppressWarnings("DoNotCallSuggester") // signatures first: the bodies follow at once and remove this
public final class ProducerStates {
    ProducerStates() {}

    /** Says what to do with a batch that was validated but not appended. A batch without a producer id is always new. Changes nothing. */
    public ProducerCheck check(RecordBatch batch) {
        throw new UnsupportedOperationException();
    }

    /** Forgets producers that were silent for {@link LogConfig#producerIdExpirationMs()}; call it now and then. */
    public void expire(long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** How many producers are known. */
    public int size() {
        throw new UnsupportedOperationException();
    }
}
