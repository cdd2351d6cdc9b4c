package io.millrace.broker.delivery;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.roaringbitmap.RoaringBitmap;

/**
 * A set of offsets that stays small: runs cost a few bytes, scattered offsets about a bit each in the worst case. Compressed bitmaps
 * of 2^31 offsets each, so an old offset beside a new one costs nothing between them. Not for several threads.
 */
final class OffsetSet {
    private static final int BITS = 31;
    private static final long MASK = (1L << BITS) - 1;

    /** Never holds an empty bitmap. */
    private final TreeMap<Long, RoaringBitmap> bitmaps = new TreeMap<>();

    boolean isEmpty() {
        return bitmaps.isEmpty();
    }

    boolean contains(long offset) {
        if (bitmaps.isEmpty()) {
            return false;
        }
        RoaringBitmap bitmap = bitmaps.get(offset >>> BITS);
        return bitmap != null && bitmap.contains((int) (offset & MASK));
    }

    void add(long first, long last) {
        for (long key = first >>> BITS; key <= last >>> BITS; key++) {
            RoaringBitmap bitmap = bitmaps.computeIfAbsent(key, k -> new RoaringBitmap());
            bitmap.add(low(first, key), low(last, key) + 1);
        }
    }

    void remove(long first, long last) {
        if (bitmaps.isEmpty()) {
            return;
        }
        for (Map.Entry<Long, RoaringBitmap> entry = bitmaps.ceilingEntry(first >>> BITS);
                entry != null && entry.getKey() <= last >>> BITS;
                entry = bitmaps.higherEntry(entry.getKey())) {
            long key = entry.getKey();
            entry.getValue().remove(low(first, key), low(last, key) + 1);
            if (entry.getValue().isEmpty()) {
                bitmaps.remove(key);
            }
        }
    }

    /** Removes all offsets below {@code end}. */
    void removeBelow(long end) {
        if (!bitmaps.isEmpty() && end > 0) {
            remove(0, end - 1);
        }
    }

    void clear() {
        bitmaps.clear();
    }

    void addAll(OffsetSet other) {
        other.bitmaps.forEach((key, bitmap) ->
                bitmaps.computeIfAbsent(key, k -> new RoaringBitmap()).or(bitmap));
    }

    /** The smallest offset held, or -1. */
    long first() {
        return bitmaps.isEmpty() ? -1 : next(0);
    }

    /** The largest offset held, or -1. */
    long last() {
        Map.Entry<Long, RoaringBitmap> entry = bitmaps.lastEntry();
        return entry == null ? -1 : (entry.getKey() << BITS) + entry.getValue().last();
    }

    /** The smallest offset held that is at least {@code from}, or -1. */
    long next(long from) {
        for (Map.Entry<Long, RoaringBitmap> entry = bitmaps.ceilingEntry(from >>> BITS);
                entry != null;
                entry = bitmaps.higherEntry(entry.getKey())) {
            long key = entry.getKey();
            long low = entry.getValue().nextValue((int) low(from, key));
            if (low >= 0) {
                return (key << BITS) + low;
            }
        }
        return -1;
    }

    /** The smallest offset not held that is at least {@code from}. */
    long nextAbsent(long from) {
        long offset = from;
        while (true) {
            RoaringBitmap bitmap = bitmaps.get(offset >>> BITS);
            if (bitmap == null) {
                return offset;
            }
            long low = bitmap.nextAbsentValue((int) (offset & MASK));
            offset = (offset & ~MASK) + low;
            if (low <= MASK) {
                return offset;
            }
        }
    }

    /** How many offsets are held. */
    long cardinality() {
        long sum = 0;
        for (RoaringBitmap bitmap : bitmaps.values()) {
            sum += bitmap.getLongCardinality();
        }
        return sum;
    }

    /** Calls {@code each} for every run held, in order. The set must not be changed meanwhile. */
    void forEachRun(RunConsumer each) {
        for (long first = first(); first >= 0; ) {
            long end = nextAbsent(first);
            each.run(first, end - 1);
            first = next(end);
        }
    }

    /** About how many bytes of memory the set takes. */
    long sizeBytes() {
        long sum = 0;
        for (RoaringBitmap bitmap : bitmaps.values()) {
            sum += bitmap.getLongSizeInBytes();
        }
        return sum;
    }

    private static long low(long offset, long key) {
        long offsetKey = offset >>> BITS;
        if (offsetKey == key) {
            return offset & MASK;
        }
        return offsetKey < key ? 0 : MASK;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OffsetSet set && bitmaps.equals(set.bitmaps);
    }

    @Override
    public int hashCode() {
        return Objects.hash(bitmaps);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        forEachRun((first, last) -> text.append(text.length() > 1 ? "," : "")
                .append(first)
                .append("..")
                .append(last));
        return text.append('}').toString();
    }

    /** Takes runs of offsets, both ends inclusive. */
    @FunctionalInterface
    interface RunConsumer {
        void run(long first, long last);
    }
}
