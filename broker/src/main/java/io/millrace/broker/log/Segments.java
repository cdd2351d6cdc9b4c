package io.millrace.broker.log;

import java.util.ArrayList;
import java.util.List;

/** The segments of a log, by rising base offset, and where the log ends. There is always a last one. Owned by the partition's lane. */
final class Segments {
    private final List<Segment> segments = new ArrayList<>();
    private long endOffset;

    /** The log end offset. */
    long endOffset() {
        return endOffset;
    }

    void endOffset(long offset) {
        endOffset = offset;
    }

    int count() {
        return segments.size();
    }

    Segment get(int at) {
        return segments.get(at);
    }

    Segment last() {
        return segments.get(segments.size() - 1);
    }

    boolean isEmpty() {
        return segments.isEmpty();
    }

    boolean isLast(Segment segment) {
        return segment == last();
    }

    void add(Segment segment) {
        segments.add(segment);
    }

    Segment removeFirst() {
        return segments.remove(0);
    }

    Segment removeLast() {
        return segments.remove(segments.size() - 1);
    }

    /** The offset behind a segment: the next one's base, or the log end offset. */
    long endOffset(int at) {
        return at + 1 < segments.size() ? segments.get(at + 1).baseOffset() : endOffset;
    }

    /** The number of the segment with the largest base offset up to that offset; 0 if there is none. */
    int indexOf(long offset) {
        int low = 0;
        int high = segments.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (segments.get(middle).baseOffset() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** The last segment that begins below an offset; the first one if none does. */
    Segment lastBelow(long offset) {
        int at = segments.size() - 1;
        while (at > 0 && segments.get(at).baseOffset() >= offset) {
            at--;
        }
        return segments.get(at);
    }

    /** How many bytes of batches lie behind the start of the one that holds an offset. */
    long bytesFrom(long offset) {
        long bytes = 0;
        for (int at = indexOf(offset); at < segments.size(); at++) {
            Segment segment = segments.get(at);
            Segment.Place first = offset > segment.baseOffset() ? segment.find(offset) : null;
            bytes += segment.sizeBytes();
            if (offset > segment.baseOffset()) {
                bytes -= first == null ? segment.sizeBytes() : first.position();
            }
        }
        return bytes;
    }

    /** A segment without timestamps ages from the first look at it, so all of a row of them are looked at. */
    void dateUnstamped(int from, long nowMs) {
        for (int at = from + 1; at < segments.size() && segments.get(at - 1).maxTimestampMs() < 0; at++) {
            var unused = segments.get(at).dateMs(nowMs);
        }
    }

    /** Takes the sync of all segments over: their files, to be forced and released. */
    List<SharedFile> takeUnsynced() {
        List<SharedFile> unsynced = new ArrayList<>();
        for (Segment segment : segments) {
            unsynced.addAll(segment.takeUnsynced());
        }
        return unsynced;
    }

    /** Makes durable what is not synced, now. */
    void force() {
        for (Segment segment : segments) {
            List<SharedFile> unsynced = segment.takeUnsynced();
            try {
                unsynced.forEach(SharedFile::force);
            } finally {
                unsynced.forEach(SharedFile::release);
            }
        }
    }

    /** Closes all files, whatever is synced. */
    void release() {
        segments.forEach(Segment::release);
    }

    /** Closes the files of segments that are synced. */
    void rest() {
        segments.forEach(Segment::rest);
    }

    /** The bytes of the segments that reach above an offset. */
    long sizeBytesFrom(long offset) {
        long bytes = 0;
        for (int at = 0; at < segments.size(); at++) {
            if (endOffset(at) > offset) {
                bytes += segments.get(at).sizeBytes();
            }
        }
        return bytes;
    }
}
