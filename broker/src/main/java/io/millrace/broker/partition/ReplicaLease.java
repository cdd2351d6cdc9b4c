package io.millrace.broker.partition;

import java.util.function.LongSupplier;

/**
 * One replica's part in a leader's lease: when the leader sent what the follower has answered last. As long as that is recent, no other can
 * have been elected and have begun to deliver. Times are the leader's own elapsed ms. For any thread.
 */
public final class ReplicaLease {
    /** For how long after a stamp was sent its answer lets the leader deliver; a new leader waits as long. */
    public static final long DURATION_MS = 1000;

    private final LongSupplier answeredStampMs;
    private volatile boolean ended;

    /**
     * @param answeredStampMs when what the follower's broker has answered last had been sent
     */
    public ReplicaLease(LongSupplier answeredStampMs) {
        this.answeredStampMs = answeredStampMs;
    }

    /** The replica does not follow any more, whatever its broker answers for others. */
    public void end() {
        ended = true;
    }

    /** When what the follower's broker answered last had been sent, for this replica or for others that it has. */
    long heardOfBrokerMs() {
        return answeredStampMs.getAsLong();
    }

    /** When what was answered last had been sent. */
    long answeredStampMs() {
        long stampMs = answeredStampMs.getAsLong();
        // Behind the stamp: one that was echoed after the end is not taken for this replica's.
        return ended ? Long.MIN_VALUE / 2 : stampMs;
    }

    /** When it ends, if nothing more is answered. */
    long validUntilMs() {
        return answeredStampMs() + DURATION_MS;
    }

    boolean isValid(long elapsedMs) {
        return elapsedMs - answeredStampMs() < DURATION_MS;
    }
}
