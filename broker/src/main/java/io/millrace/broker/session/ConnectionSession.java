package io.millrace.broker.session;

import io.netty.buffer.ByteBuf;

/**
 * One connection's life as a plain state machine: takes frames, calls the handler of each API key, and writes the answers in the order
 * that the peer is promised. Owned by the connection's lane.
 */
public final class ConnectionSession {
    /** Takes one request frame, without its length field. Its ownership passes to the session. */
    public void onFrame(ByteBuf frame, long nowMs) {
        frame.release();
    }

    /** Takes notice that the connection takes bytes again. */
    public void onWritable(long nowMs) {}

    /** Takes notice that the connection is gone, for whatever reason. Nothing follows. */
    public void onClosed(long nowMs) {}

    /** Does what is due, such as closing an idle connection. Called about once a second. */
    public void onTick(long nowMs) {}
}
