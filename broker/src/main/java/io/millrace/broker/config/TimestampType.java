package io.millrace.broker.config;

/** Whose time a record carries. */
public enum TimestampType {
    /** The producer's. */
    CREATE_TIME("CreateTime"),
    /** The leader's at append, never going back. */
    LOG_APPEND_TIME("LogAppendTime");

    private final String word;

    TimestampType(String word) {
        this.word = word;
    }

    /** The word as Kafka writes it. */
    public String word() {
        return word;
    }
}
