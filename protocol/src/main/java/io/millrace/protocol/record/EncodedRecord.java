package io.millrace.protocol.record;

import io.netty.buffer.ByteBuf;

/**
 * A record that waits for its batch: key, value and headers as format v2 has them, without length, attributes and
 * deltas, which depend on the batch.
 *
 * @param body from the key's length to the last header; owned by this record until it is released
 * @param timestampMs the record's timestamp in ms since the epoch
 * @param summaryIndex where in the body the two hexadecimal summary digits of the types header stand, or -1
 * @param summaryBits what the message uses; see {@link io.millrace.protocol.MessageHeaders}
 */
public record EncodedRecord(ByteBuf body, long timestampMs, int summaryIndex, int summaryBits) {
    /** Bytes that the record takes at most in a batch. */
    public int maxSizeBytes() {
        return body.readableBytes() + 21;
    }
}
