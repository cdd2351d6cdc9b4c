package io.millrace.broker.partition;

import io.netty.buffer.ByteBuf;
import java.util.Objects;

/**
 * Record batches to be appended. Ownership of {@code records} passes to the partition, which stamps it in place (it must be writable
 * and not shared) and releases it when the journal has written it.
 *
 * @param records one record batch of format v2, or several if {@code source} is Kafka
 * @param durable whether to answer only when the batches are committed on disk, or already at append
 * @param source which API asks
 */
public record Append(ByteBuf records, boolean durable, Source source) {
    public Append {
        Objects.requireNonNull(records, "records");
        Objects.requireNonNull(source, "source");
    }

    /**
     * The API by which an append came. For both, a batch that was appended before is answered with its first offset, or fails with
     * {@code DUPLICATE_SEQUENCE_NUMBER} if that is not known any more; either way it is committed then.
     */
    public enum Source {
        /** Send: exactly one batch. */
        SEND,
        /** Kafka's Produce: one batch or more. */
        PRODUCE
    }
}
