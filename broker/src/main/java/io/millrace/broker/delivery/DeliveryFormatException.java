package io.millrace.broker.delivery;

/** Bytes of a delivery log or a snapshot that this build can not read: damaged, or written by a newer one. */
public final class DeliveryFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DeliveryFormatException(String message) {
        super(message);
    }

    public DeliveryFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
