package io.millrace.broker.log;

/**
 * Up to where a log is known to be whole on disk: what a checkpoint keeps of each log, so that opening it reads only what lies behind.
 *
 * @param startOffset the log start offset
 * @param endOffset the recovery point: everything below is on disk
 * @param segmentBase the base offset of the segment in which it lies
 * @param position where it lies in that segment's file
 * @param maxTimestampMs the largest timestamp of that segment up to there
 */
public record LogPoint(long startOffset, long endOffset, long segmentBase, long position, long maxTimestampMs) {}
