package io.millrace.broker.partition;

/**
 * How far one log is committed: the largest offset below which every record that asked for disk is on this replica's disk, and which all other
 * in-sync replicas have reached. A record that did not ask is committed as soon as nothing that asked stands unflushed before it and the
 * other replicas have it. On a follower, where nobody else is waited for, it tells how much of the log is on its disk.
 *
 * <p>The uncommitted appends are a ring, in the order of the log. Owned by the partition's lane.
 */
final class HighWatermark {
    /** The ticket of what needs no flush. */
    private static final long NO_TICKET = 0;

    /** No other replica is waited for. */
    static final long ALONE = Long.MAX_VALUE;

    private long[] tickets = new long[64];
    private long[] ends = new long[64];
    private long[] bytesAtEnd = new long[64];
    private int head;
    private int count;

    private long logEnd;
    private long bytes;
    private long flushedTicket;
    private long replicated = ALONE;
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
        add(nextOffset, lengthBytes, NO_TICKET);
        advance();
    }

    /** A batch was appended that is on disk when {@code ticket} is flushed. */
    void onAppend(long nextOffset, int lengthBytes, long ticket) {
        add(nextOffset, lengthBytes, ticket);
    }

    private void add(long nextOffset, long lengthBytes, long ticket) {
        if (count == tickets.length) {
            grow();
        }
        logEnd = nextOffset;
        bytes += lengthBytes;
        int at = (head + count) & (tickets.length - 1);
        tickets[at] = ticket;
        ends[at] = nextOffset;
        bytesAtEnd[at] = bytes;
        count++;
    }

    /** All tickets up to this one are on disk; whether anything more is committed by that. */
    boolean onFlushed(long ticket) {
        flushedTicket = Math.max(flushedTicket, ticket);
        return advance();
    }

    /** All other in-sync replicas have the log up to there; whether anything more is committed by that. */
    boolean onReplicated(long offset) {
        replicated = offset;
        return advance();
    }

    /**
     * Begins anew, as the leader's: what lies between {@code knownCommitted} and the log's end is to be committed.
     *
     * @param newReplicated as {@link #onReplicated} says, or {@link #ALONE}
     */
    void lead(long knownCommitted, long newLogEnd, long newReplicated) {
        long unflushed = NO_TICKET;
        for (int i = 0; i < count; i++) { // the last may be of what nobody wants on disk
            unflushed = Math.max(unflushed, tickets[(head + i) & (tickets.length - 1)]);
        }
        head = 0;
        count = 0;
        logEnd = knownCommitted;
        committed = knownCommitted;
        committedBytes = bytes;
        replicated = newReplicated;
        if (newLogEnd > knownCommitted) {
            add(newLogEnd, 0, unflushed);
            advance();
        }
    }

    /** Begins anew, as a follower's. */
    void follow() {
        replicated = ALONE;
        advance();
    }

    /** The log was cut, on a follower. */
    void truncateTo(long newLogEnd) {
        while (count > 0) {
            int last = (head + count - 1) & (tickets.length - 1);
            long begin = count > 1 ? ends[(last - 1) & (tickets.length - 1)] : committed;
            if (ends[last] <= newLogEnd) {
                break;
            }
            if (begin < newLogEnd) {
                ends[last] = newLogEnd;
                break;
            }
            count--;
        }
        logEnd = Math.min(logEnd, newLogEnd);
        committed = Math.min(committed, newLogEnd);
    }

    /** The log goes on at an offset behind its end, on a follower. */
    void advanceTo(long newLogEnd) {
        if (newLogEnd > logEnd) {
            onAppend(newLogEnd, 0);
        }
    }

    private boolean advance() {
        long before = committed;
        while (count > 0 && tickets[head] <= flushedTicket && ends[head] <= replicated) {
            committed = ends[head];
            committedBytes = bytesAtEnd[head];
            head = (head + 1) & (tickets.length - 1);
            count--;
        }
        return committed > before;
    }

    private void grow() {
        tickets = grown(tickets);
        ends = grown(ends);
        bytesAtEnd = grown(bytesAtEnd);
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
