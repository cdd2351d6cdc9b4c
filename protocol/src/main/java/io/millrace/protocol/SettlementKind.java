package io.millrace.protocol;

/** What becomes of a delivery. */
public enum SettlementKind {
    /** Consumed: it is never delivered again. */
    ACCEPT((byte) 0),
    /** Given back unseen by the application: it is delivered again, and this delivery does not count. */
    RELEASE((byte) 1),
    /** Seen and given back (recover, rollback, a dead consumer): it is delivered again as redelivered, and this counts. */
    FAIL((byte) 2),
    /** Refused for good: the broker's policy for undeliverable messages takes it. */
    REJECT((byte) 3);

    private final byte code;

    SettlementKind(byte code) {
        this.code = code;
    }

    /** The number on the wire and in the delivery log. */
    public byte code() {
        return code;
    }

    /**
     * The kind of a code.
     *
     * @throws IllegalArgumentException for a number outside 0 to 3
     */
    public static SettlementKind of(byte code) {
        return switch (code) {
            case 0 -> ACCEPT;
            case 1 -> RELEASE;
            case 2 -> FAIL;
            case 3 -> REJECT;
            default ->
                throw new IllegalArgumentException(
                        "settlement kind " + code + " is not 0 (accept), 1 (release), 2 (fail) or 3 (reject)");
        };
    }
}
