package io.millrace.broker.log;

/**
 * A batch found by time.
 *
 * @param baseOffset the first offset of the batch; the record looked for may lie behind it in the batch
 * @param maxTimestampMs the largest timestamp in the batch
 */
public record TimestampOffset(long baseOffset, long maxTimestampMs) {}
