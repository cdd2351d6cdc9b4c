package io.millrace.broker.delivery;

/**
 * Elapsed time that counts only while the broker runs. A process that was stopped (SIGSTOP, a collection, a machine that sleeps) heard
 * nobody meanwhile, so that time must not count against clients who wait for it to wake up: of a long gap between two looks only a part counts.
 *
 * <p>Owned by the partition's lane.
 */
final class AttendedClock {
    /** Whoever waits for a time of this clock looks this often at least. */
    static final long LOOK_EVERY_MS = 100;
    /** More than this between two looks was a stop; a busy lane is late by less. */
    static final long MAX_GAP_MS = 2 * LOOK_EVERY_MS;

    private long lastLookMs;
    private long attendedMs;

    /** Looks at the clock. */
    long attendedMs(long elapsedMs) {
        attendedMs += Math.min(Math.max(elapsedMs - lastLookMs, 0), MAX_GAP_MS);
        lastLookMs = elapsedMs;
        return attendedMs;
    }

    /** When to look next, by the elapsed time, for who waits for {@code untilMs} of this clock. */
    long nextLookMs(long untilMs) {
        return lastLookMs + Math.min(Math.max(untilMs - attendedMs, 0), LOOK_EVERY_MS);
    }
}
