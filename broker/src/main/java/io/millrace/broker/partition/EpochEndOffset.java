package io.millrace.broker.partition;

import io.millrace.protocol.ErrorCode;

/** The answer to OffsetForLeaderEpoch: the largest epoch not above the one asked for, and where it ended; -1 and -1 for unknown. */
public record EpochEndOffset(ErrorCode error, int leaderEpoch, long endOffset) {}
