package io.millrace.protocol.wire;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.protocol.Readable;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * Kafka's reader over a buffer. Byte buffers and records that are read are views: the buffer stays retained until they
 * have been used.
 */
final class ByteBufReadable implements Readable {
    private final ByteBuf in;
    private final @Nullable List<ByteBuf> records;

    ByteBufReadable(ByteBuf in) {
        this(in, null);
    }

    /** Notes a slice of the buffer for each records field that is read, in their order. */
    ByteBufReadable(ByteBuf in, @Nullable List<ByteBuf> records) {
        this.in = in;
        this.records = records;
    }

    @Override
    public MemoryRecords readRecords(int length) {
        checkLength(length);
        if (records != null) {
            records.add(in.slice(in.readerIndex(), length));
        }
        return MemoryRecords.readableRecords(readByteBuffer(length));
    }

    @Override
    public byte readByte() {
        return in.readByte();
    }

    @Override
    public short readShort() {
        return in.readShort();
    }

    @Override
    public int readInt() {
        return in.readInt();
    }

    @Override
    public long readLong() {
        return in.readLong();
    }

    @Override
    public double readDouble() {
        return in.readDouble();
    }

    @Override
    public byte[] readArray(int length) {
        checkLength(length);
        byte[] bytes = new byte[length];
        in.readBytes(bytes);
        return bytes;
    }

    @Override
    public int readUnsignedVarint() {
        int value = 0;
        for (int shift = 0; shift <= 28; shift += 7) {
            int b = in.readByte();
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new MalformedFrameException("a variable-length int takes more than 5 bytes");
    }

    @Override
    public ByteBuffer readByteBuffer(int length) {
        checkLength(length);
        ByteBuffer view = in.nioBuffer(in.readerIndex(), length);
        in.skipBytes(length);
        return view;
    }

    @Override
    public int readVarint() {
        int value = readUnsignedVarint();
        return (value >>> 1) ^ -(value & 1);
    }

    @Override
    public long readVarlong() {
        long value = 0;
        for (int shift = 0; shift <= 63; shift += 7) {
            long b = in.readByte();
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new MalformedFrameException("a variable-length long takes more than 10 bytes");
    }

    @Override
    public int remaining() {
        return in.readableBytes();
    }

    @Override
    public Readable slice() {
        return new ByteBufReadable(in.slice());
    }

    private void checkLength(int length) {
        if (length < 0 || length > in.readableBytes()) {
            throw new MalformedFrameException(
                    "a field of " + length + " bytes in a frame with " + in.readableBytes() + " bytes left");
        }
    }
}
