package io.millrace.protocol;

/** Whether a destination is a queue (its consumers share one subscription) or a topic (each subscription has all). */
public enum DestinationKind {
    /** Point to point. */
    QUEUE((byte) 0, "queue"),
    /** Publish and subscribe. */
    TOPIC((byte) 1, "topic");

    private final byte code;
    private final String word;

    DestinationKind(byte code, String word) {
        this.code = code;
        this.word = word;
    }

    /** The number on the wire. */
    public byte code() {
        return code;
    }

    /** The word in a URL, on the command line and in records: {@code queue} or {@code topic}. */
    public String word() {
        return word;
    }

    /**
     * The kind of a code.
     *
     * @throws IllegalArgumentException for any number but 0 and 1
     */
    public static DestinationKind of(byte code) {
        return switch (code) {
            case 0 -> QUEUE;
            case 1 -> TOPIC;
            default ->
                throw new IllegalArgumentException("destination kind " + code + " is not 0 (queue) or 1 (topic)");
        };
    }
}
