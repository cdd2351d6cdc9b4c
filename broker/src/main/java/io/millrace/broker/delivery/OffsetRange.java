package io.millrace.broker.delivery;

/** A run of offsets, both ends inclusive. Immutable. */
public record OffsetRange(long firstOffset, long lastOffset) {
    public OffsetRange {
        if (firstOffset < 0 || lastOffset < firstOffset) {
            throw new IllegalArgumentException("range from " + firstOffset + " to " + lastOffset);
        }
    }

    public boolean contains(long offset) {
        return offset >= firstOffset && offset <= lastOffset;
    }

    /** How many offsets the range holds. */
    public long count() {
        return lastOffset - firstOffset + 1;
    }
}
