package io.millrace.jms.engine;

import io.millrace.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/** Why a command failed: the broker's error code, and words for a person. It has no stack trace. */
public final class EngineException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    /** An exception with a code and words. */
    public EngineException(ErrorCode code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    /** What the broker answered. */
    static EngineException answered(ErrorCode code, @Nullable String message) {
        return new EngineException(code, message == null || message.isEmpty() ? code.meaning() : message);
    }

    /**
     * Whether the same request may succeed later. A disk that failed is among it: what became of the request nobody knows
     * before the broker was restarted, so it is asked for again, never taken for refused.
     */
    boolean isTransient() {
        return code.isRetriable() || code == ErrorCode.KAFKA_STORAGE_ERROR;
    }

    /** The broker's code, or the nearest one for what the engine found itself. */
    public ErrorCode code() {
        return code;
    }
}
