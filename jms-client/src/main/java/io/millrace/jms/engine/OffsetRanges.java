package io.millrace.jms.engine;

import java.util.Arrays;

/** A set of offsets as sorted, disjoint ranges, quick where offsets come and go in order. Owned by the engine's thread. */
final class OffsetRanges {
    private static final int FIRST_CAPACITY = 8;

    /** First and last offset of each range, from {@code head} on. */
    private long[] firsts = new long[FIRST_CAPACITY];

    private long[] lasts = new long[FIRST_CAPACITY];
    private int head;
    private int end;

    /** Takes the ranges one by one, in order. */
    interface Sink {
        void range(long first, long last);
    }

    static OffsetRanges of(long first, long last) {
        OffsetRanges ranges = new OffsetRanges();
        ranges.insert(0, first, last);
        return ranges;
    }

    boolean isEmpty() {
        return head == end;
    }

    boolean contains(long offset) {
        int at = indexOf(offset);
        return at < end && firsts[at] <= offset;
    }

    boolean containsAll(long first, long last) {
        int at = indexOf(first);
        return at < end && firsts[at] <= first && lasts[at] >= last;
    }

    void forEach(Sink sink) {
        for (int i = head; i < end; i++) {
            sink.range(firsts[i], lasts[i]);
        }
    }

    /** How many offsets. */
    long count() {
        long count = 0;
        for (int i = head; i < end; i++) {
            count += lasts[i] - firsts[i] + 1;
        }
        return count;
    }

    void clear() {
        head = 0;
        end = 0;
    }

    void add(long offset) {
        if (head < end && lasts[end - 1] == offset - 1) {
            lasts[end - 1] = offset;
        } else if (head == end || lasts[end - 1] < offset) {
            insert(end, offset, offset);
        } else {
            addWithin(offset);
        }
    }

    private void addWithin(long offset) {
        int at = indexOf(offset);
        if (firsts[at] <= offset) {
            return;
        }
        boolean joinsPrevious = at > head && lasts[at - 1] == offset - 1;
        boolean joinsNext = firsts[at] == offset + 1;
        if (joinsPrevious && joinsNext) {
            lasts[at - 1] = lasts[at];
            delete(at, at + 1);
        } else if (joinsPrevious) {
            lasts[at - 1] = offset;
        } else if (joinsNext) {
            firsts[at] = offset;
        } else {
            insert(at, offset, offset);
        }
    }

    /** Takes out all offsets from first to last, present or not. */
    void remove(long first, long last) {
        int from = indexOf(first);
        if (from < end && firsts[from] < first) {
            if (lasts[from] > last) {
                insert(from + 1, last + 1, lasts[from]);
                // An insertion may have moved the ranges, and what it follows is found again.
                lasts[indexOf(first)] = first - 1;
                return;
            }
            lasts[from] = first - 1;
            from++;
        }
        int to = from;
        while (to < end && lasts[to] <= last) {
            to++;
        }
        if (to < end && firsts[to] <= last) {
            firsts[to] = last + 1;
        }
        delete(from, to);
    }

    /** The first range that does not lie wholly before the offset. */
    private int indexOf(long offset) {
        if (head == end || lasts[head] >= offset) {
            return head;
        }
        int low = head;
        int high = end;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (lasts[middle] < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void insert(int at, long first, long last) {
        int index = at;
        if (end == firsts.length) {
            int size = end - head;
            int capacity = size > firsts.length / 2 ? firsts.length * 2 : firsts.length;
            firsts = Arrays.copyOfRange(firsts, head, head + capacity);
            lasts = Arrays.copyOfRange(lasts, head, head + capacity);
            index -= head;
            head = 0;
            end = size;
        }
        System.arraycopy(firsts, index, firsts, index + 1, end - index);
        System.arraycopy(lasts, index, lasts, index + 1, end - index);
        firsts[index] = first;
        lasts[index] = last;
        end++;
    }

    private void delete(int from, int to) {
        if (from >= to) {
            return;
        }
        if (from == head) {
            head = to;
        } else {
            System.arraycopy(firsts, to, firsts, from, end - to);
            System.arraycopy(lasts, to, lasts, from, end - to);
            end -= to - from;
        }
        if (head == end) {
            head = 0;
            end = 0;
        }
    }
}
