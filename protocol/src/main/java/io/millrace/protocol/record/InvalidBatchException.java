package io.millrace.protocol.record;

import io.millrace.protocol.ErrorCode;

/** Says that bytes are not a record batch that a log may take: the peer's mistake, answered with its error code. */
public final class InvalidBatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode error;

    /** An exception with the code that answers it and what was wrong. */
    public InvalidBatchException(ErrorCode error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    /** The code to answer with. */
    public ErrorCode error() {
        return error;
    }
}
