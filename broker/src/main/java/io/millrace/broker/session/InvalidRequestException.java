package io.millrace.broker.session;

import io.millrace.protocol.ErrorCode;
import java.util.Objects;

/** Says that a request's field is not valid: its message, what was wrong and what would be right, goes to the peer. */
public final class InvalidRequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode error;

    public InvalidRequestException(ErrorCode error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    public ErrorCode error() {
        return error;
    }

    /** What was wrong and what would be right. */
    public String reason() {
        return Objects.requireNonNull(getMessage());
    }
}
