package io.millrace.protocol.record;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** Zigzag variable-length integers, as records of format v2 hold them (Protocol Buffers' encoding). */
public final class Varints {
    private static final int MAX_INT_BYTES = 5;
    private static final int MAX_LONG_BYTES = 10;

    private Varints() {}

    /** Bytes that a value takes. */
    public static int sizeOf(long value) {
        long zigzag = (value << 1) ^ (value >> 63);
        return (Long.SIZE - Long.numberOfLeadingZeros(zigzag | 1) + 6) / 7;
    }

    /** Appends a value. */
    public static void write(ByteBuf out, long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            out.writeByte((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.writeByte((int) rest);
    }

    /**
     * Takes an int at the buffer's position.
     *
     * @throws InvalidBatchException if the bytes end or run on past an int
     */
    public static int readInt(ByteBuffer in) {
        int value = 0;
        for (int i = 0; i < MAX_INT_BYTES; i++) {
            int b = next(in);
            value |= (b & 0x7f) << (7 * i);
            if (b >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw malformed("a variable-length int takes more than " + MAX_INT_BYTES + " bytes");
    }

    /**
     * Takes a long at the buffer's position.
     *
     * @throws InvalidBatchException if the bytes end or run on past a long
     */
    public static long readLong(ByteBuffer in) {
        long value = 0;
        for (int i = 0; i < MAX_LONG_BYTES; i++) {
            int b = next(in);
            value |= (b & 0x7fL) << (7 * i);
            if (b >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw malformed("a variable-length long takes more than " + MAX_LONG_BYTES + " bytes");
    }

    private static byte next(ByteBuffer in) {
        if (!in.hasRemaining()) {
            throw malformed("the bytes end within a variable-length number");
        }
        return in.get();
    }

    static InvalidBatchException malformed(String message) {
        return new InvalidBatchException(io.millrace.protocol.ErrorCode.CORRUPT_MESSAGE, message);
    }
}
