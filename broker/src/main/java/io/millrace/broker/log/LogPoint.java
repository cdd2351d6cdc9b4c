package io.millrace.broker.log;

import java.nio.ByteBuffer;

/**
 * Up to where a log is known to be whole on disk: what a checkpoint keeps of each log, so that opening it reads only what lies behind.
 *
 * @param startOffset the log start offset
 * @param endOffset the recovery point: everything below is on disk
 * @param segmentBase the base offset of the segment in which it lies
 * @param position where it lies in that segment's file
 * @param maxTimestampMs the largest timestamp of that segment up to there
 * @param truncations how often the log had been truncated by then
 * @param gapOffset where a gap begins that a recovery left, or -1: see {@link Log#firstGap}
 */
public record LogPoint(
        long startOffset,
        long endOffset,
        long segmentBase,
        long position,
        long maxTimestampMs,
        int truncations,
        long gapOffset) {
    /** The size of a point as it is stored. */
    public static final int ENCODED_BYTES = 6 * Long.BYTES + Integer.BYTES;

    public void encode(ByteBuffer into) {
        into.putLong(startOffset)
                .putLong(endOffset)
                .putLong(segmentBase)
                .putLong(position)
                .putLong(maxTimestampMs)
                .putInt(truncations)
                .putLong(gapOffset);
    }

    public static LogPoint decode(ByteBuffer from) {
        LogPoint point = decodeWithoutGap(from);
        return new LogPoint(
                point.startOffset,
                point.endOffset,
                point.segmentBase,
                point.position,
                point.maxTimestampMs,
                point.truncations,
                from.getLong());
    }

    /** A point as it was stored before gaps were noted. */
    public static LogPoint decodeWithoutGap(ByteBuffer from) {
        return new LogPoint(
                from.getLong(), from.getLong(), from.getLong(), from.getLong(), from.getLong(), from.getInt(), -1);
    }

    LogPoint withTruncations(int count) {
        return new LogPoint(startOffset, endOffset, segmentBase, position, maxTimestampMs, count, gapOffset);
    }
}
