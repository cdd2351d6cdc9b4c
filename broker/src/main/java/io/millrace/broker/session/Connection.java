package io.millrace.broker.session;

import io.millrace.broker.log.LogSlice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * A transport to one peer, as a session sees it. What is written leaves in the order of the calls, at the end of the lane's turn at
 * the latest. A connection that was closed takes writes and drops them. Owned by the connection's lane.
 */
public interface Connection {
    /** Where the peer is, for logs: host and port. */
    String remoteAddress();

    /** Whether the peer is on this machine. */
    boolean isLoopback();

    /** Where buffers for {@link #write} come from. */
    ByteBufAllocator allocator();

    /** Writes bytes; their ownership passes to the connection. */
    void write(ByteBuf bytes);

    /** Writes the bytes of a slice, without bringing them into memory where that can be had; releases it when they are sent. */
    void write(LogSlice slice);

    /** Whether more may be written without piling up; {@link ConnectionSession#onWritable} tells when that is so again. */
    boolean isWritable();

    /** Stops or resumes reading: a session full of unfinished requests takes no more. */
    void read(boolean wanted);

    /** Closes the transport when what was written is sent; {@link ConnectionSession#onClosed} follows. */
    void close();
}
