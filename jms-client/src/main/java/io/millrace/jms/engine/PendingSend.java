package io.millrace.jms.engine;

import io.millrace.protocol.record.EncodedRecord;

/**
 * A message on its way to the broker, encoded once and kept until the broker has answered. What becomes of it is told by
 * one call of {@link #onSent} or {@link #onFailed}. Filled by the thread that sends, then owned by the engine's.
 */
public abstract class PendingSend {
    private final Destination destination;
    private final int partition;
    private final boolean durable;
    private final EncodedRecord record;
    private boolean batched;

    /**
     * A message to send.
     *
     * @param partition which of the destination's partitions
     * @param durable whether to answer only when it is on disk (PERSISTENT)
     */
    protected PendingSend(Destination destination, int partition, boolean durable, EncodedRecord record) {
        this.destination = destination;
        this.partition = partition;
        this.durable = durable;
        this.record = record;
    }

    /** The broker has it, as durable as was asked. */
    protected abstract void onSent();

    /** The broker refused it, or nobody knows. */
    protected abstract void onFailed(EngineException cause);

    public final Destination destination() {
        return destination;
    }

    public final int partition() {
        return partition;
    }

    /** The bytes that it takes in a batch, at most. */
    public final int sizeBytes() {
        return record.maxSizeBytes();
    }

    final boolean isDurable() {
        return durable;
    }

    final EncodedRecord record() {
        return record;
    }

    /** Whether it has a sequence and may have reached the broker. */
    final boolean isBatched() {
        return batched;
    }

    final void markBatched() {
        batched = true;
    }
}
