package io.millrace.broker.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * A transport to one broker, as a link sees it: it connects by itself, then calls {@link FramedLink#onConnected}. Owned by the link's
 * lane.
 */
public interface PeerChannel {
    /** Where buffers for {@link #write} come from. */
    ByteBufAllocator allocator();

    /** Begins to connect; never calls the link back before it returns. */
    void connect();

    /** Writes a frame, its length in front, at the end of the lane's turn at the latest; its ownership passes to the channel. */
    void write(ByteBuf frame);

    /** Whether more may be written without piling up. */
    boolean isWritable();

    /** Closes the transport; the link is told nothing any more. */
    void close();
}
