package io.millrace.broker.group;

/**
 * How long a rebalance waits for members to join. An empty group waits a while for more, and a while longer whenever another one came,
 * up to what its members bear; any other group waits until all have joined again or the longest rebalance timeout is over. Owned by the
 * partition's lane.
 */
final class JoinPhase {
    private long deadlineMs = Long.MAX_VALUE;
    private boolean isInitial;
    private long remainingMs;
    private boolean grew;

    /** Waits for those who are members. */
    void begin(long timeoutMs, long nowMs) {
        isInitial = false;
        deadlineMs = nowMs + timeoutMs;
    }

    /** Waits for whoever comes. */
    void beginInitial(long delayMs, long rebalanceTimeoutMs, long nowMs) {
        isInitial = true;
        grew = false;
        deadlineMs = nowMs + delayMs;
        remainingMs = Math.max(0, rebalanceTimeoutMs - delayMs);
    }

    /** Takes notice of a new member. */
    void onNewMember() {
        grew = true;
    }

    /** Whether it waits for whoever comes, so that it is not over when all have joined. */
    boolean isInitial() {
        return isInitial;
    }

    /** Waits once more if somebody came meanwhile and there is time left; whether it does. */
    boolean extend(long delayMs, long nowMs) {
        if (!isInitial || !grew || remainingMs == 0) {
            return false;
        }
        grew = false;
        long moreMs = Math.min(delayMs, remainingMs);
        remainingMs -= moreMs;
        deadlineMs = nowMs + moreMs;
        return true;
    }

    long deadlineMs() {
        return deadlineMs;
    }
}
