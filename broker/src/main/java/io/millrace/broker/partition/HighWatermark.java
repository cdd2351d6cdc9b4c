package io.millrace.broker.partition;

/**
 * How far one log is committed: the largest offset below which every record that asked for disk is on disk. A record that did not ask is
 * committed as soon as nothing that asked stands unflushed before it. With followers this will also be the least of what the in-sync
 * replicas have; until then the leader alone is in sync.
 *
 * <p>The unflushed appends are a ring of their journal tickets, in the order of the log. Owned by the partition's lane.
 */
final class HighWatermark {
    private long[] tickets = new long[64];
    private long[] baseOffsets = new long[64];
    private long[] bytesBefore = new long[64];
    private int head;
    private int count;

    private long logEnd;
    private long bytes;
    private long committed;
    private long committedBytes;

    /** Begins with a log all of which is committed. */
    HighWatermark(long logEnd) {
        this.logEnd = logEnd;
        this.committed = logEnd;
    }

    /** The first offset not committed. */
    long offset() {
        return committed;
    }

    /** The bytes committed since this began, to be compared with an earlier answer. */
    long committedBytes() {
        return committedBytes;
    }

    /** Whether everything appended is committed. */
    boolean isLevel() {
        return count == 0;
    }

    /** A batch that nobody wants on disk was appended. */
    void onAppend(long nextOffset, int lengthBytes) {
        logEnd = nextOffset;
        bytes += lengthBytes;
        advance();
    }

    /** A batch was appended that is on disk when {@code ticket} is flushed. */
    void onAppend(long baseOffset, long nextOffset, int lengthBytes, long ticket) {
        if (count == tickets.length) {
            grow();
        }
        int at = (head + count) & (tickets.length - 1);
        tickets[at] = ticket;
        baseOffsets[at] = baseOffset;
        bytesBefore[at] = bytes;
        count++;
        logEnd = nextOffset;
        bytes += lengthBytes;
    }

    /** All tickets up to this one are on disk; whether anything more is committed by that. */
    boolean onFlushed(long ticket) {
        while (count > 0 && tickets[head] <= ticket) {
            head = (head + 1) & (tickets.length - 1);
            count--;
        }
        return advance();
    }

    private boolean advance() {
        long before = committed;
        committed = count == 0 ? logEnd : baseOffsets[head];
        committedBytes = count == 0 ? bytes : bytesBefore[head];
        if (committed < before) {
            throw new IllegalStateException("high watermark would go back from " + before + " to " + committed);
        }
        return committed > before;
    }

    private void grow() {
        tickets = grown(tickets);
        baseOffsets = grown(baseOffsets);
        bytesBefore = grown(bytesBefore);
        head = 0;
    }

    private long[] grown(long[] from) {
        long[] to = new long[from.length * 2];
        for (int i = 0; i < count; i++) {
            to[i] = from[(head + i) & (from.length - 1)];
        }
        return to;
    }
}
