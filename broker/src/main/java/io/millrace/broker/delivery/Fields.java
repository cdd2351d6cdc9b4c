package io.millrace.broker.delivery;

import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.Varints;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The fields of control values and snapshots: variable-length numbers, texts, ids. Reading checks every length. */
final class Fields {
    private static final int NULL_LENGTH = -1;

    private Fields() {}

    static void writeLong(ByteBuf out, long value) {
        Varints.write(out, value);
    }

    static void writeText(ByteBuf out, @Nullable String text) {
        if (text == null) {
            Varints.write(out, NULL_LENGTH);
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Varints.write(out, bytes.length);
        out.writeBytes(bytes);
    }

    static void writeUuid(ByteBuf out, UUID uuid) {
        out.writeLong(uuid.getMostSignificantBits());
        out.writeLong(uuid.getLeastSignificantBits());
    }

    static void writeKey(ByteBuf out, SubscriptionKey key) {
        out.writeByte(key.kind().code());
        writeText(out, key.clientId());
        writeText(out, key.name());
    }

    static byte readByte(ByteBuffer in) {
        need(in, 1);
        return in.get();
    }

    static boolean readBoolean(ByteBuffer in) {
        return readByte(in) != 0;
    }

    static short readShort(ByteBuffer in) {
        need(in, Short.BYTES);
        return in.getShort();
    }

    static long readLong(ByteBuffer in) {
        try {
            return Varints.readLong(in);
        } catch (InvalidBatchException e) {
            throw new DeliveryFormatException("a number of a delivery record is malformed", e);
        }
    }

    static int readInt(ByteBuffer in) {
        long value = readLong(in);
        if (value != (int) value) {
            throw new DeliveryFormatException(value + " in a delivery record is no int");
        }
        return (int) value;
    }

    /** A number of things that take at least {@code minBytes} each in what is left of {@code in}. */
    static int readCount(ByteBuffer in, int minBytes) {
        int count = readInt(in);
        if (count < 0 || (long) count * minBytes > in.remaining()) {
            throw new DeliveryFormatException(
                    "a delivery record counts " + count + " parts with " + in.remaining() + " bytes left");
        }
        return count;
    }

    static long readOffset(ByteBuffer in) {
        long offset = readLong(in);
        if (offset < 0) {
            throw new DeliveryFormatException("offset " + offset + " in a delivery record");
        }
        return offset;
    }

    static byte[] readBytes(ByteBuffer in, int length) {
        need(in, length);
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    static @Nullable String readText(ByteBuffer in) {
        int length = readInt(in);
        return length == NULL_LENGTH ? null : new String(readBytes(in, length), StandardCharsets.UTF_8);
    }

    static UUID readUuid(ByteBuffer in) {
        need(in, 2 * Long.BYTES);
        return new UUID(in.getLong(), in.getLong());
    }

    static SubscriptionKey readKey(ByteBuffer in) {
        byte code = readByte(in);
        try {
            return new SubscriptionKey(io.millrace.protocol.SubscriptionKind.of(code), readText(in), readText(in));
        } catch (IllegalArgumentException e) {
            throw new DeliveryFormatException("a subscription's key is malformed", e);
        }
    }

    static void need(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new DeliveryFormatException(
                    "a delivery record needs " + length + " bytes where " + in.remaining() + " are left");
        }
    }
}
