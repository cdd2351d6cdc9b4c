package io.millrace.broker.partition;

/** A fetch that waits for more. Owned by the partition's lane. */
public interface ParkedFetch {
    /** Stops waiting: the wake-up is not called any more. Harmless when it was. */
    void cancel();
}
