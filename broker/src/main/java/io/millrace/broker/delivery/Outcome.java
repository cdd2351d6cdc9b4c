package io.millrace.broker.delivery;

import io.millrace.protocol.SettlementKind;
import org.jspecify.annotations.Nullable;

/** What became of a message for a subscription, as the delivery log says it. The first four are a consumer's decision. */
public enum Outcome {
    ACCEPT(0),
    RELEASE(1),
    FAIL(2),
    REJECT(3),
    /** Past its JMSExpiration. */
    EXPIRE(4),
    /** Not for this subscription: sent by its own connection, which asked to be spared ({@code noLocal}). */
    UNMATCHED(5),
    /** There is no message: a control record, or a gap where something was cleaned away or, never synced, lost with the power. */
    VOID(6);

    private static final Outcome[] OUTCOMES = values();

    private final byte code;

    Outcome(int code) {
        this.code = (byte) code;
    }

    byte code() {
        return code;
    }

    /** Whether the message is never delivered again. */
    boolean isFinal() {
        return this != RELEASE && this != FAIL;
    }

    static Outcome of(SettlementKind kind) {
        return switch (kind) {
            case ACCEPT -> ACCEPT;
            case RELEASE -> RELEASE;
            case FAIL -> FAIL;
            case REJECT -> REJECT;
        };
    }

    /** The outcome of a code, or null if there is none. */
    static @Nullable Outcome of(byte code) {
        return code < 0 || code >= OUTCOMES.length ? null : OUTCOMES[code];
    }
}
