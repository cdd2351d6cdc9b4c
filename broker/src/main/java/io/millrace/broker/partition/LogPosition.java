package io.millrace.broker.partition;

/**
 * Where a follower stands in one log. Immutable.
 *
 * @param endOffset its log end offset
 * @param lastEpoch the leader epoch of its last batch, or -1
 * @param diskOffset up to where its log is on its disk; at most {@code endOffset}
 */
public record LogPosition(long endOffset, int lastEpoch, long diskOffset) {
    public LogPosition {
        if (endOffset < 0 || lastEpoch < -1 || diskOffset < 0 || diskOffset > endOffset) {
            throw new IllegalArgumentException(
                    "a log that ends at " + endOffset + " in epoch " + lastEpoch + ", on disk up to " + diskOffset);
        }
    }
}
