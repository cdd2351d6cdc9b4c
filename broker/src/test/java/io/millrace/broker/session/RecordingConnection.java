package io.millrace.broker.session;

import io.millrace.broker.log.LogSlice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;

/** A connection that keeps what is written to it. */
public final class RecordingConnection implements Connection {
    private ByteBuf written = Unpooled.buffer();
    boolean writable = true;
    boolean reading = true;
    boolean closed;

    /** All bytes written since the last call. */
    public ByteBuf takeAll() {
        ByteBuf all = written;
        written = Unpooled.buffer();
        return all;
    }

    @Override
    public String remoteAddress() {
        return "127.0.0.1:1";
    }

    @Override
    public boolean isLoopback() {
        return true;
    }

    @Override
    public ByteBufAllocator allocator() {
        return UnpooledByteBufAllocator.DEFAULT;
    }

    @Override
    public void write(ByteBuf bytes) {
        written.writeBytes(bytes);
        bytes.release();
    }

    @Override
    public void write(LogSlice slice) {
        written.writeBytes(slice.copy());
        slice.release();
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public void read(boolean wanted) {
        reading = wanted;
    }

    @Override
    public void close() {
        closed = true;
    }
}
