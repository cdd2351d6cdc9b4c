package io.millrace.broker.delivery;

import io.millrace.protocol.SettlementKind;
import java.util.Objects;

/**
 * A consumer's decision on a run of its deliveries. Offsets of the run that the consumer does not hold are passed over without
 * harm: they were settled before (settlements are idempotent), or another consumer holds them. Immutable.
 */
public record Settlement(int consumerId, SettlementKind kind, long firstOffset, long lastOffset) {
    public Settlement {
        Objects.requireNonNull(kind, "kind");
        if (firstOffset < 0 || lastOffset < firstOffset) {
            throw new IllegalArgumentException("settlement from " + firstOffset + " to " + lastOffset);
        }
    }

    /** What of it concerns offsets up to {@code offset}, which is not below the first. */
    Settlement upTo(long offset) {
        return lastOffset <= offset ? this : new Settlement(consumerId, kind, firstOffset, offset);
    }
}
