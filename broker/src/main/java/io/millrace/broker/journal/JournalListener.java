package io.millrace.broker.journal;

import io.millrace.broker.log.StorageException;

/** Who handed entries over and learns what became of them. Called in the lane. */
public interface JournalListener {
    /** All entries of the lane with tickets up to this one are durable. Comes once a flush, to those who had entries in it. */
    void onFlushed(long ticket);

    /** The journal failed: no entry that was not reported as flushed will be, and no further one is taken. Comes at most once. */
    void onFailed(StorageException cause);
}
