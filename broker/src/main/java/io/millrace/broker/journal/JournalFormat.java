package io.millrace.broker.journal;

/** The numbers of the journal's format. */
final class JournalFormat {
    /** Frames begin at multiples of this, so that no write touches a block that holds an acknowledged frame. */
    static final int BLOCK_BYTES = 4096;

    private JournalFormat() {}
}
