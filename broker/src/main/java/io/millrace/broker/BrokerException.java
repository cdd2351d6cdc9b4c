package io.millrace.broker;

import org.jspecify.annotations.Nullable;

/** Why a broker did not start, or did not do what its embedder asked; the message is for its operator. */
public final class BrokerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BrokerException(String message) {
        super(message);
    }

    public BrokerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** What stands behind a failure that only says that something failed. */
    static String causeOf(Exception wrapper) {
        Throwable cause = wrapper.getCause();
        return String.valueOf(cause == null ? wrapper.getMessage() : cause.getMessage());
    }
}
