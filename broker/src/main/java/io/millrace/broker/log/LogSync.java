package io.millrace.broker.log;

/**
 * What makes one log durable up to where it ended when the lane made this: its unsynced files, held open, and the log's own snapshot.
 * Immutable; made in the lane, run once by whoever may wait for a disk.
 */
public interface LogSync {
    LogKey key();

    /** What holds when {@link #run} has returned. */
    LogPoint point();

    /** Forces the files. Throws {@link StorageException}; then the point is not reached, and no second try will tell the truth. */
    void run();
}
