package io.millrace.broker.delivery;

import org.jspecify.annotations.Nullable;

/** Why something was settled or ended, as the delivery log says it. */
public enum Reason {
    /** The client decided it. */
    CLIENT(0),
    /** The consumer was closed. */
    DETACHED(1),
    /** The connection was lost, and the client did not come back in time. */
    CONNECTION_LOST(2),
    /** The client came back and did not know of the delivery: it was lost on its way. */
    NEVER_ARRIVED(3),
    /** Another consumer of the same durable subscription took over. */
    TAKEN_OVER(4),
    /** The broker decided it by the message's own headers or the subscription's settings. */
    BROKER(5);

    private static final Reason[] REASONS = values();

    private final byte code;

    Reason(int code) {
        this.code = (byte) code;
    }

    byte code() {
        return code;
    }

    /** The reason of a code, or null if there is none. */
    static @Nullable Reason of(byte code) {
        return code < 0 || code >= REASONS.length ? null : REASONS[code];
    }
}
