package io.millrace.broker.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A number for each of a few offsets, kept by runs of equal numbers; every other offset has zero. A dead consumer's deliveries are
 * one run. Not for several threads.
 */
final class RangeCounts {
    /** By first offset; runs do not overlap, none has count zero, neighbours of equal count are one run. */
    private final TreeMap<Long, Run> runs = new TreeMap<>();

    /** What {@link #add} is about to set: runs join as they are set, so all are looked at before. */
    private final List<Change> changes = new ArrayList<>();

    private record Run(long last, int count) {}

    private record Change(long first, long last, int count) {}

    boolean isEmpty() {
        return runs.isEmpty();
    }

    int size() {
        return runs.size();
    }

    int get(long offset) {
        if (runs.isEmpty()) {
            return 0;
        }
        Map.Entry<Long, Run> entry = runs.floorEntry(offset);
        return entry != null && entry.getValue().last() >= offset
                ? entry.getValue().count()
                : 0;
    }

    /** Whether the offset has a number other than zero. */
    boolean contains(long offset) {
        return get(offset) != 0;
    }

    void set(long first, long last, int count) {
        cutAt(first);
        cutAt(last + 1);
        runs.subMap(first, last + 1).clear();
        if (count != 0) {
            insert(first, last, count);
        }
    }

    /** Adds {@code delta} to the number of every offset of the run. */
    void add(long first, long last, int delta) {
        long from = first;
        while (from <= last) {
            long end = endOfRun(from, last);
            changes.add(new Change(from, end, get(from) + delta));
            from = end + 1;
        }
        for (Change change : changes) {
            set(change.first(), change.last(), change.count());
        }
        changes.clear();
    }

    void remove(long first, long last) {
        if (!runs.isEmpty()) {
            set(first, last, 0);
        }
    }

    void removeBelow(long end) {
        if (!runs.isEmpty() && end > 0) {
            set(0, end - 1, 0);
        }
    }

    void clear() {
        runs.clear();
    }

    /** The last offset of the run of equal numbers around {@code offset}, at most {@code max}. */
    long endOfRun(long offset, long max) {
        Map.Entry<Long, Run> entry = runs.floorEntry(offset);
        if (entry != null && entry.getValue().last() >= offset) {
            return Math.min(max, entry.getValue().last());
        }
        Long next = runs.higherKey(offset);
        return next == null ? max : Math.min(max, next - 1);
    }

    void forEach(CountConsumer each) {
        runs.forEach((first, run) -> each.count(first, run.last(), run.count()));
    }

    /** Makes {@code at} the beginning of a run if it lies within one. */
    private void cutAt(long at) {
        Map.Entry<Long, Run> entry = runs.lowerEntry(at);
        if (entry != null && entry.getValue().last() >= at) {
            Run run = entry.getValue();
            runs.put(entry.getKey(), new Run(at - 1, run.count()));
            runs.put(at, run);
        }
    }

    private void insert(long first, long last, int count) {
        long start = first;
        long end = last;
        Map.Entry<Long, Run> before = runs.lowerEntry(first);
        if (before != null
                && before.getValue().last() == first - 1
                && before.getValue().count() == count) {
            start = before.getKey();
        }
        Run after = runs.get(last + 1);
        if (after != null && after.count() == count) {
            end = after.last();
            runs.remove(last + 1);
        }
        runs.put(start, new Run(end, count));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RangeCounts counts && runs.equals(counts.runs);
    }

    @Override
    public int hashCode() {
        return runs.hashCode();
    }

    @Override
    public String toString() {
        return runs.toString();
    }

    /** Takes runs of equal numbers, both ends inclusive. */
    @FunctionalInterface
    interface CountConsumer {
        void count(long first, long last, int count);
    }
}
