package io.millrace.broker.partition;

/**
 * Where appended records stand.
 *
 * @param baseOffset the offset of the first record
 * @param appendTimeMs the time stamped at append, or -1 if the records keep their producer's time
 * @param logStartOffset the first offset kept
 * @param duplicate whether they were appended before
 */
public record AppendResult(long baseOffset, long appendTimeMs, long logStartOffset, boolean duplicate) {}
