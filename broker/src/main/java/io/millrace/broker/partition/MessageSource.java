package io.millrace.broker.partition;

import io.millrace.broker.delivery.BatchReader;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogSlice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** The message log, as dispatch reads it: copied into buffers. Owned by the partition's lane. */
final class MessageSource implements BatchReader.Source {
    private final Log log;
    private final ByteBufAllocator allocator;

    MessageSource(Log log, ByteBufAllocator allocator) {
        this.log = log;
        this.allocator = allocator;
    }

    @Override
    public @Nullable ByteBuf read(long offset, int maxBytes, long beforeOffset) {
        LogSlice slice = log.read(Math.max(offset, log.logStartOffset()), maxBytes, beforeOffset);
        if (slice == null) {
            return null;
        }
        ByteBuf bytes = allocator.buffer(slice.lengthBytes(), slice.lengthBytes());
        try {
            slice.read(0, bytes.nioBuffer(0, slice.lengthBytes()));
            return bytes.writerIndex(slice.lengthBytes());
        } catch (RuntimeException e) {
            bytes.release();
            throw e;
        } finally {
            slice.release();
        }
    }
}
