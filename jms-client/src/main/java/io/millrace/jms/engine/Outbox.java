package io.millrace.jms.engine;

import io.netty.buffer.ByteBuf;

/**
 * What a {@link ConnectionEngine} wants done. A channel is one connection to one address; the engine numbers them and uses
 * no number twice, so events of a channel that it gave up are told apart.
 */
public interface Outbox {
    /** Connect; {@link ConnectionEngine#onConnected} or {@link ConnectionEngine#onDisconnected} answers. */
    void connect(int channel, BrokerAddress address);

    /** Send a frame, its length in front. The frame is the receiver's to release. */
    void write(int channel, ByteBuf frame);

    /** Close a channel, connected or not. Nothing more is said about it. */
    void disconnect(int channel);

    /** The connection is lost for good; every command from now on fails with this. Called once at most. */
    void lost(EngineException cause);
}
