package io.millrace.broker.partition;

import io.millrace.protocol.ErrorCode;

/**
 * The answer to ListOffsets for one partition.
 *
 * @param error {@link ErrorCode#NONE} or what was wrong
 * @param offset the offset, or -1 if there is none
 * @param timestampMs the timestamp of the record at that offset, or -1
 * @param leaderEpoch the epoch of the record at that offset, or -1
 */
public record OffsetResult(ErrorCode error, long offset, long timestampMs, int leaderEpoch) {}
