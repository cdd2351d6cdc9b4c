package io.millrace.broker.format;

/** Something that is stored or sent between brokers, and has a version of its own at each level. */
public enum Structure {
    /** A value of the metadata store. */
    METADATA("metadata"),
    /** A frame and a file of the journal. */
    JOURNAL("journal"),
    /** The journal's checkpoint. */
    CHECKPOINT("checkpoint"),
    /** A control value of the delivery log, which is replicated. */
    DELIVERY_RECORD("delivery-record"),
    /** A snapshot of the delivery fold, alone or as a record of the delivery log. */
    DELIVERY_SNAPSHOT("delivery-snapshot");

    private final String word;

    Structure(String word) {
        this.word = word;
    }

    /** As it is named in {@code format-versions.properties}. */
    String word() {
        return word;
    }
}
