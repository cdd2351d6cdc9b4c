package io.millrace.broker.metadata;

/** Why a {@link MetadataStore} did not do what it was asked. */
public final class StoreException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    public StoreException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** The reasons that a caller tells apart. */
    public enum Reason {
        /** There is already something at the path. */
        EXISTS,
        /** There is nothing at the path. */
        ABSENT,
        /** What is at the path has another version than was expected. */
        OTHER_VERSION,
        /** The store's disk is nearly full, so nothing was written. */
        NO_ROOM,
        /** The store can not be reached; the write may or may not have been done. */
        UNAVAILABLE
    }
}
