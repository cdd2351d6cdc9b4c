package io.millrace.protocol.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Writable;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Kafka's writer into a list of parts: buffers, and between them the sources of {@link SlicedRecords}. */
final class PartsWritable implements Writable {
    private static final int NEXT_BUFFER_BYTES = 64;

    private final ByteBufAllocator allocator;
    private final List<Object> parts = new ArrayList<>(1);
    private ByteBuf out;

    PartsWritable(ByteBufAllocator allocator, int firstBufferBytes) {
        this.allocator = allocator;
        this.out = allocator.ioBuffer(firstBufferBytes);
    }

    /** All parts, in order; the caller owns them. */
    List<Object> finish() {
        if (out.isReadable() || parts.isEmpty()) {
            parts.add(out);
        } else {
            out.release();
        }
        return parts;
    }

    /** Gives back the buffers of an encoding that failed. */
    void discard() {
        out.release();
        for (Object part : parts) {
            if (part instanceof ByteBuf buffer) {
                buffer.release();
            }
        }
    }

    @Override
    public void writeByte(byte value) {
        out.writeByte(value);
    }

    @Override
    public void writeShort(short value) {
        out.writeShort(value);
    }

    @Override
    public void writeInt(int value) {
        out.writeInt(value);
    }

    @Override
    public void writeLong(long value) {
        out.writeLong(value);
    }

    @Override
    public void writeDouble(double value) {
        out.writeDouble(value);
    }

    @Override
    public void writeByteArray(byte[] bytes) {
        out.writeBytes(bytes);
    }

    @Override
    public void writeUnsignedVarint(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            out.writeByte((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }

    @Override
    public void writeByteBuffer(ByteBuffer buffer) {
        out.writeBytes(buffer.duplicate());
    }

    @Override
    public void writeVarint(int value) {
        writeUnsignedVarint((value << 1) ^ (value >> 31));
    }

    @Override
    public void writeVarlong(long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            out.writeByte((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.writeByte((int) rest);
    }

    @Override
    public void writeRecords(BaseRecords records) {
        if (records instanceof SlicedRecords sliced) {
            if (sliced.sizeInBytes() > 0) {
                parts.add(out);
                parts.add(sliced.source());
                out = allocator.ioBuffer(NEXT_BUFFER_BYTES);
            }
        } else if (records instanceof MemoryRecords memory) {
            writeByteBuffer(memory.buffer());
        } else {
            throw new IllegalArgumentException("records of " + records.getClass() + " can not be sent");
        }
    }
}
