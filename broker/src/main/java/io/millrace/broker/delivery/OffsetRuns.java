package io.millrace.broker.delivery;

import java.util.Arrays;

/**
 * The offsets that one consumer holds: a short sorted list of runs in two arrays. Deliveries are added at the end and settled from
 * the front, both without searching; anything else moves a few array elements. Bounded by the consumer's credit. Not for several
 * threads.
 */
final class OffsetRuns {
    private long[] firsts = new long[8];
    private long[] lasts = new long[8];
    private int head;
    private int tail;
    private long count;

    boolean isEmpty() {
        return head == tail;
    }

    /** How many offsets are held. */
    long count() {
        return count;
    }

    int runs() {
        return tail - head;
    }

    long firstOfRun(int run) {
        return firsts[head + run];
    }

    long lastOfRun(int run) {
        return lasts[head + run];
    }

    boolean contains(long offset) {
        int i = indexOf(offset);
        return i < tail && firsts[i] <= offset;
    }

    /** The smallest offset held that is at least {@code from}, or -1. */
    long next(long from) {
        int i = indexOf(from);
        return i < tail ? Math.max(from, firsts[i]) : -1;
    }

    /** The last offset of the run that holds {@code offset}. */
    long lastOfRunAt(long offset) {
        return lasts[indexOf(offset)];
    }

    void add(long offset) {
        add(offset, offset);
    }

    /** Adds a run; none of it may be held. */
    void add(long first, long last) {
        count += last - first + 1;
        if (head < tail && lasts[tail - 1] == first - 1) {
            lasts[tail - 1] = last;
        } else if (head == tail || lasts[tail - 1] < first) {
            insert(tail, first, last);
        } else {
            addBetween(first, last);
        }
    }

    /** Removes what is held between {@code first} and {@code last}, and calls {@code removed} for each run of it, in order. */
    void remove(long first, long last, OffsetSet.RunConsumer removed) {
        for (int i = indexOf(first); i < tail && firsts[i] <= last; i = indexOf(first)) {
            long from = Math.max(first, firsts[i]);
            long to = Math.min(last, lasts[i]);
            removeWithin(i, from, to);
            removed.run(from, to);
        }
    }

    void clear() {
        head = 0;
        tail = 0;
        count = 0;
    }

    private void addBetween(long first, long last) {
        int i = indexOf(first);
        if (i < tail && firsts[i] <= last) {
            throw new IllegalStateException(
                    "adding " + first + ".." + last + " to a consumer that holds " + firsts[i] + ".." + lasts[i]);
        }
        boolean joinsBefore = i > head && lasts[i - 1] == first - 1;
        boolean joinsAfter = i < tail && firsts[i] == last + 1;
        if (joinsBefore && joinsAfter) {
            lasts[i - 1] = lasts[i];
            delete(i);
        } else if (joinsBefore) {
            lasts[i - 1] = last;
        } else if (joinsAfter) {
            firsts[i] = first;
        } else {
            insert(i, first, last);
        }
    }

    private void removeWithin(int i, long from, long to) {
        count -= to - from + 1;
        boolean fromStart = from == firsts[i];
        boolean toEnd = to == lasts[i];
        if (fromStart && toEnd) {
            delete(i);
        } else if (fromStart) {
            firsts[i] = to + 1;
        } else if (toEnd) {
            lasts[i] = from - 1;
        } else {
            long last = lasts[i];
            lasts[i] = from - 1;
            insert(i + 1, to + 1, last);
        }
    }

    /** The first run whose last offset is at least {@code offset}, or {@code tail}. */
    private int indexOf(long offset) {
        if (head == tail || offset <= lasts[head]) {
            return head;
        }
        int i = Arrays.binarySearch(lasts, head, tail, offset);
        return i >= 0 ? i : -i - 1;
    }

    private void insert(int at, long first, long last) {
        int index = at;
        if (tail == firsts.length) {
            index -= makeRoom();
        }
        System.arraycopy(firsts, index, firsts, index + 1, tail - index);
        System.arraycopy(lasts, index, lasts, index + 1, tail - index);
        firsts[index] = first;
        lasts[index] = last;
        tail++;
    }

    /** Slides to the front or grows; returns by how much everything moved down. */
    private int makeRoom() {
        int moved = head;
        int length = tail - head;
        if (head >= firsts.length / 2) {
            System.arraycopy(firsts, head, firsts, 0, length);
            System.arraycopy(lasts, head, lasts, 0, length);
        } else {
            firsts = grown(firsts, length);
            lasts = grown(lasts, length);
        }
        head = 0;
        tail = length;
        return moved;
    }

    private long[] grown(long[] from, int length) {
        long[] to = new long[from.length * 2];
        System.arraycopy(from, head, to, 0, length);
        return to;
    }

    private void delete(int at) {
        if (at == head) {
            head++;
        } else {
            System.arraycopy(firsts, at + 1, firsts, at, tail - at - 1);
            System.arraycopy(lasts, at + 1, lasts, at, tail - at - 1);
            tail--;
        }
        if (head == tail) {
            head = 0;
            tail = 0;
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = head; i < tail; i++) {
            text.append(i > head ? "," : "").append(firsts[i]).append("..").append(lasts[i]);
        }
        return text.append(']').toString();
    }
}
