package io.millrace.jms.engine;

/** Where a {@link PartitionAttachment} stands. A lost link leads back to UNATTACHED from any state but OVER. */
enum AttachState {
    /** Waits for a link to the partition's leader. */
    UNATTACHED,
    /** Attach was sent. */
    ATTACHING,
    /** The broker delivers. */
    ATTACHED,
    /** Detach was sent. */
    DETACHING,
    /** Detached, ended by the broker, or lost for good. */
    OVER
}
