package io.millrace.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * The bytes of delivered messages in Deliver and Browse answers. For each message, in delivery order:
 *
 * <pre>
 * int64 offset          in the partition's message log
 * int64 timestampMs     of the record: append time or the producer's, as the topic has it
 * int32 deliveryCount   1 for the first delivery; above 1 means JMSRedelivered
 * int32 recordLength    of what follows
 * bytes record          a record of format v2 without its own length: attributes, deltas, key, value, headers
 * </pre>
 *
 * The deltas in the record mean nothing here.
 */
public final class DeliveredMessages {
    /** Bytes before each record. */
    public static final int OVERHEAD_BYTES = 24;

    private DeliveredMessages() {}

    /** Appends one message. The record is read from its position to its limit, and neither is moved. */
    public static void write(ByteBuf out, long offset, long timestampMs, int deliveryCount, ByteBuffer record) {
        out.writeLong(offset);
        out.writeLong(timestampMs);
        out.writeInt(deliveryCount);
        out.writeInt(record.remaining());
        out.writeBytes(record.duplicate());
    }

    /** Takes the messages one by one. */
    public interface Sink {
        /**
         * One message.
         *
         * @param record a view of the record, valid as long as the buffer that is read
         */
        void message(long offset, long timestampMs, int deliveryCount, ByteBuffer record);
    }

    /**
     * Reads all messages of a buffer from its position to its limit, which moves the position there.
     *
     * @throws IllegalArgumentException if the bytes end within a message or a number is out of range
     */
    public static void read(ByteBuffer in, Sink sink) {
        while (in.hasRemaining()) {
            if (in.remaining() < OVERHEAD_BYTES) {
                throw new IllegalArgumentException("delivered messages end after " + in.remaining() + " of "
                        + OVERHEAD_BYTES + " bytes before a record");
            }
            long offset = in.getLong();
            long timestampMs = in.getLong();
            int deliveryCount = in.getInt();
            int length = in.getInt();
            if (offset < 0 || deliveryCount < 1 || length < 0 || length > in.remaining()) {
                throw new IllegalArgumentException("delivered message with offset " + offset + ", delivery count "
                        + deliveryCount + ", length " + length + " of " + in.remaining() + " bytes left");
            }
            ByteBuffer record = in.slice(in.position(), length);
            in.position(in.position() + length);
            sink.message(offset, timestampMs, deliveryCount, record);
        }
    }
}
