package io.millrace.protocol;

/** What kind of subscription a consumer attaches to. */
public enum SubscriptionKind {
    /** The one subscription of a queue, which all its consumers share. */
    QUEUE((byte) 0),
    /** A topic's, for one consumer and as long as it lives. */
    NON_DURABLE((byte) 1),
    /** A topic's, with a client identifier and a name, kept until it is unsubscribed; one consumer at a time. */
    DURABLE((byte) 2),
    /** A topic's, shared by consumers that give the same name, as long as one of them lives. */
    SHARED_NON_DURABLE((byte) 3),
    /** A topic's, shared by consumers that give the same name, kept until it is unsubscribed. */
    SHARED_DURABLE((byte) 4);

    private static final SubscriptionKind[] KINDS = values();

    private final byte code;

    SubscriptionKind(byte code) {
        this.code = code;
    }

    /** The number on the wire and in the delivery log. */
    public byte code() {
        return code;
    }

    /**
     * The kind of a code.
     *
     * @throws IllegalArgumentException for a number outside 0 to 4
     */
    public static SubscriptionKind of(byte code) {
        if (code < 0 || code >= KINDS.length) {
            throw new IllegalArgumentException("subscription kind " + code + " is not 0 to " + (KINDS.length - 1));
        }
        return KINDS[code];
    }
}
