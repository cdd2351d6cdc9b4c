package io.millrace.broker.log;

import org.jspecify.annotations.Nullable;

/**
 * Finds batches in a log's segments. Remembers where recent reads ended, as the next one mostly goes on there, and keeps at most one closed
 * segment's files open. Owned by the partition's lane.
 */
final class LogReader {
    private static final int CURSORS = 4;

    private final Segments segments;
    private final RecentBatches recent;
    private final Cursor[] cursors = new Cursor[CURSORS];
    private int nextCursor;
    private @Nullable Segment warm;

    /** Where a read ended. */
    private record Cursor(long segmentBase, long offset, long position) {}

    LogReader(Segments segments, RecentBatches recent) {
        this.segments = segments;
        this.recent = recent;
        forget();
    }

    /** Forgets all positions: the log was cut. */
    void forget() {
        java.util.Arrays.fill(cursors, new Cursor(-1, -1, -1));
    }

    /** Closes the files of segments that are synced, but those of the last one and of that which is read. */
    void restOthers() {
        for (int at = 0; at + 1 < segments.count(); at++) {
            if (segments.get(at) != warm) {
                segments.get(at).rest();
            }
        }
    }

    /** The segment is about to be deleted. */
    void forget(Segment segment) {
        if (segment == warm) {
            warm = null;
        }
    }

    /** See {@link Log#read}; the offset lies in the log and {@code beforeOffset} is not above its end. */
    @Nullable
    LogSlice read(long offset, int maxBytes, long beforeOffset) {
        for (int at = segments.indexOf(offset); at < segments.count(); at++) {
            Segment segment = segments.get(at);
            keepOpen(segment);
            Segment.Place first = find(segment, offset);
            if (first != null) {
                return first.nextOffset() > beforeOffset ? null : slice(at, first, maxBytes, beforeOffset);
            }
        }
        return null;
    }

    private LogSlice slice(int at, Segment.Place first, int maxBytes, long beforeOffset) {
        Segment segment = segments.get(at);
        long maxPosition = Math.max(first.position() + maxBytes, first.endPosition());
        long segmentEnd = segments.endOffset(at);
        long endPosition;
        long nextOffset;
        if (segment.sizeBytes() <= maxPosition && segmentEnd <= beforeOffset) {
            endPosition = segment.sizeBytes();
            nextOffset = segmentEnd;
        } else {
            Segment.Place end = end(segment, first, maxPosition, beforeOffset);
            endPosition = end.position();
            nextOffset = end.nextOffset();
        }
        cursors[nextCursor] = new Cursor(segment.baseOffset(), nextOffset, endPosition);
        nextCursor = (nextCursor + 1) % CURSORS;
        return new LogSlice(
                segment.data().retain(), first.position(), (int) (endPosition - first.position()), nextOffset);
    }

    private Segment.@Nullable Place find(Segment segment, long offset) {
        if (segments.isLast(segment)) {
            int age = recent.ageOf(offset);
            if (age >= 0) {
                return recentPlace(segment, age);
            }
        }
        for (Cursor cursor : cursors) {
            if (cursor.segmentBase() == segment.baseOffset() && cursor.offset() == offset) {
                return segment.at(cursor.position());
            }
        }
        return segment.find(offset);
    }

    private Segment.Place end(Segment segment, Segment.Place first, long maxPosition, long beforeOffset) {
        if (segments.isLast(segment)) {
            int age = recent.ageOf(beforeOffset);
            if (age >= 0
                    && recent.position(age) <= maxPosition
                    && recent.position(age) >= first.endPosition()
                    && beforeOffset < segments.endOffset()) {
                return Segment.Place.end(recent.baseOffset(age), recent.position(age));
            }
        }
        return segment.lastEnd(first, maxPosition, beforeOffset);
    }

    private Segment.Place recentPlace(Segment segment, int age) {
        long nextOffset = age == 0 ? segments.endOffset() : recent.baseOffset(age - 1);
        long endPosition = age == 0 ? segment.sizeBytes() : recent.position(age - 1);
        return new Segment.Place(recent.baseOffset(age), nextOffset, recent.position(age), endPosition, -1);
    }

    private void keepOpen(Segment segment) {
        if (segments.isLast(segment) || segment == warm) {
            return;
        }
        if (warm != null && !segments.isLast(warm)) {
            warm.rest();
        }
        warm = segment;
    }

    /** The first batch with that timestamp or a later one in it, of those that end above one offset and at or below another. */
    @Nullable
    TimestampOffset firstAtOrAfter(long timestampMs, long fromOffset, long beforeOffset) {
        for (int at = segments.indexOf(fromOffset);
                at < segments.count() && segments.get(at).baseOffset() < beforeOffset;
                at++) {
            Segment segment = segments.get(at);
            if (segment.maxTimestampMs() >= timestampMs) {
                keepOpen(segment);
                Segment.Place found = segment.findTime(timestampMs, fromOffset);
                if (found != null) {
                    return found.nextOffset() > beforeOffset
                            ? null
                            : new TimestampOffset(found.baseOffset(), found.maxTimestampMs());
                }
            }
        }
        return null;
    }

    /** The first batch that has the largest timestamp of those that end above one offset and at or below another. */
    @Nullable
    TimestampOffset largestTimestamp(long fromOffset, long beforeOffset) {
        long largestMs = -1;
        for (int at = segments.indexOf(fromOffset);
                at < segments.count() && segments.get(at).baseOffset() < beforeOffset;
                at++) {
            Segment segment = segments.get(at);
            boolean whole = segments.endOffset(at) <= beforeOffset && segment.baseOffset() >= fromOffset;
            largestMs = Math.max(
                    largestMs, whole ? segment.maxTimestampMs() : segment.maxTimestampWithin(fromOffset, beforeOffset));
        }
        return largestMs < 0 ? null : firstAtOrAfter(largestMs, fromOffset, beforeOffset);
    }
}
