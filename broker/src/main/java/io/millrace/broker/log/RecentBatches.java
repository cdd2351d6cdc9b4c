package io.millrace.broker.log;

/** Where the last batches appended to a segment lie, so that who reads at the end needs no index. Owned by the partition's lane. */
final class RecentBatches {
    private static final int CAPACITY = 128;

    private final long[] offsets = new long[CAPACITY];
    private final int[] positions = new int[CAPACITY];
    private int count;
    private int next;

    void add(long baseOffset, long position) {
        offsets[next] = baseOffset;
        positions[next] = (int) position;
        next = (next + 1) % CAPACITY;
        count = Math.min(count + 1, CAPACITY);
    }

    void clear() {
        count = 0;
        next = 0;
    }

    /** How many are known. They are numbered from the newest, 0, to the oldest. */
    int count() {
        return count;
    }

    long baseOffset(int age) {
        return offsets[slot(age)];
    }

    long position(int age) {
        return positions[slot(age)];
    }

    /** The age of the batch that holds an offset below the log end, or -1 if it is older than all that are known. */
    int ageOf(long offset) {
        if (count == 0 || offset < baseOffset(count - 1)) {
            return -1;
        }
        int low = 0;
        int high = count - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (baseOffset(middle) <= offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private int slot(int age) {
        return Math.floorMod(next - 1 - age, CAPACITY);
    }
}
