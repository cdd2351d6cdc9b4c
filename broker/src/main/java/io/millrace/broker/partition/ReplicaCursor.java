package io.millrace.broker.partition;

import io.millrace.broker.log.Log;
import java.util.ArrayDeque;

/** How far another replica is in one log, as the leader knows it. Owned by the partition's lane. */
final class ReplicaCursor {
    /** Bytes of one log that a follower has not reported to be on its disk: more are sent when it has, so its memory is bounded. */
    private static final long WINDOW_BYTES = 8L * 1024 * 1024;

    /** What is known to be on the replica's disk, or in its log, in this leader's epoch. */
    private long disk = -1;

    private long end = -1;
    private long sent;
    private long toldHighWatermark;
    private long toldLogStart;
    /** What was sent and is not on the replica's disk, as pairs of end offset and bytes. */
    private final ArrayDeque<long[]> underWay = new ArrayDeque<>();

    private long bytesUnderWay;

    /** Up to where the replica has the log on its disk, or in its log. */
    long reached(boolean onDisk) {
        return onDisk ? disk : end;
    }

    boolean isOnDiskTo(long offset) {
        return disk >= offset;
    }

    long disk() {
        return disk;
    }

    long end() {
        return end;
    }

    /** Where the next bytes to be sent begin. */
    long sent() {
        return sent;
    }

    /** Whether it was never told of a high watermark since it began. */
    boolean isNew() {
        return toldHighWatermark < 0;
    }

    /** Its log is not a beginning of this one. */
    void diverges() {
        disk = -1;
        end = -1;
    }

    /** What lies before is not kept any more, or was sent. */
    void goesOnAt(long offset) {
        sent = offset;
    }

    void told(HighWatermark mark, Log log) {
        toldHighWatermark = mark.offset();
        toldLogStart = log.logStartOffset();
    }

    void onSent(long nextOffset, int bytes) {
        sent = nextOffset;
        underWay.add(new long[] {nextOffset, bytes});
        bytesUnderWay += bytes;
    }

    boolean hasWindow() {
        return bytesUnderWay < WINDOW_BYTES;
    }

    boolean isIgnorant(HighWatermark mark, Log log) {
        return toldHighWatermark < mark.offset() || toldLogStart < log.logStartOffset();
    }

    void onPosition(LogPosition position, boolean anew) {
        if (anew) {
            sent = position.endOffset();
            toldHighWatermark = -1;
            underWay.clear();
            bytesUnderWay = 0;
        }
        disk = position.diskOffset();
        while (!underWay.isEmpty() && underWay.peek()[0] <= disk) {
            bytesUnderWay -= underWay.poll()[1];
        }
        end = position.endOffset();
    }
}
