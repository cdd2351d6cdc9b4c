package io.millrace.broker.partition;

/**
 * When the leader sent what a follower has answered last: as long as that is recent, no other can have been elected and have begun to
 * deliver. Times are the leader's own elapsed ms. Written by the lane of the follower's connection, read by the partitions'.
 */
public final class ReplicaLease {
    /** For how long after a stamp was sent its answer lets the leader deliver; a new leader waits as long. */
    public static final long DURATION_MS = 1000;

    private volatile long answeredStampMs;

    /**
     * @param stampMs before which the follower has been heard of last
     */
    public ReplicaLease(long stampMs) {
        this.answeredStampMs = stampMs;
    }

    /** The follower has answered what was sent then. */
    public void onAnswered(long stampMs) {
        if (stampMs > answeredStampMs) {
            answeredStampMs = stampMs;
        }
    }

    /** When what was answered last had been sent. */
    long answeredStampMs() {
        return answeredStampMs;
    }

    boolean isValid(long elapsedMs) {
        return elapsedMs - answeredStampMs < DURATION_MS;
    }
}
