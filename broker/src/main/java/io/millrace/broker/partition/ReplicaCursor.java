package io.millrace.broker.partition;

import io.millrace.broker.log.Log;
import java.util.ArrayDeque;

/** How far another replica is in one log, as its leader knows. Owned by the partition's lane. */
final class ReplicaCursor {
    /** Bytes of one log that a follower has not reported to be on its disk: more are sent when it has, so its memory is bounded. */
    private static final long WINDOW_BYTES = 8L * 1024 * 1024;

    /** What is known to be on the replica's disk, or in its log, in this leader's epoch. */
    long disk = -1;

    long end = -1;
    long sent;
    long toldHighWatermark;
    long toldLogStart;
    /** What was sent and is not on the replica's disk, as pairs of end offset and bytes. */
    private final ArrayDeque<long[]> underWay = new ArrayDeque<>();

    private long bytesUnderWay;

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
