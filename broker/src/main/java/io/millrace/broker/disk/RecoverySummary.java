package io.millrace.broker.disk;

/**
 * What a start found.
 *
 * @param clean whether the last run ended with a clean shutdown
 * @param frames how many frames of the journal were read
 * @param entries how many entries they held
 * @param replayed how many of those were missing in their logs and were appended
 * @param cutBytes how many bytes of torn frames were dropped
 * @param elapsedMs how long it took
 */
public record RecoverySummary(boolean clean, long frames, long entries, long replayed, long cutBytes, long elapsedMs) {}
