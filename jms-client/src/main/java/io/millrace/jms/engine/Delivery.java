package io.millrace.jms.engine;

import io.millrace.protocol.DeliveredMessages;

/** A message as the broker delivered it. Immutable, for any thread. */
public final class Delivery {
    private final PartitionAttachment source;
    private final long offset;
    private final long timestampMs;
    private final int deliveryCount;
    private final byte[] record;

    Delivery(PartitionAttachment source, long offset, long timestampMs, int deliveryCount, byte[] record) {
        this.source = source;
        this.offset = offset;
        this.timestampMs = timestampMs;
        this.deliveryCount = deliveryCount;
        this.record = record;
    }

    /** Where it came from, and where it is settled. */
    public PartitionAttachment source() {
        return source;
    }

    /** Its offset in the partition. */
    public long offset() {
        return offset;
    }

    /** The record's timestamp in ms since the epoch. */
    public long timestampMs() {
        return timestampMs;
    }

    /** 1 for the first delivery. */
    public int deliveryCount() {
        return deliveryCount;
    }

    /** What it counts against the credit. */
    public int sizeBytes() {
        return record.length + DeliveredMessages.OVERHEAD_BYTES;
    }

    /** A record of format v2 without its length. Nobody changes it. */
    public byte[] record() {
        return record;
    }
}
