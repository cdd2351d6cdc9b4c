package io.millrace.broker.delivery;

import io.millrace.protocol.ErrorCode;

/** A consumer's request that can not be met, with the answer that it gets. */
public final class DeliveryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode error;

    public DeliveryException(ErrorCode error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    public ErrorCode error() {
        return error;
    }

    /** What was wrong and what would be right. */
    public String answer() {
        String message = getMessage();
        return message == null ? error.meaning() : message;
    }
}
