package io.millrace.broker.partition;

/** What a leader sent is not what it should be. This replica is whole; it asks again. */
final class BadDataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadDataException(String message) {
        super(message);
    }
}
