package io.millrace.jms.engine;

import io.netty.buffer.ByteBufAllocator;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the parts of an engine share: configuration, outbox, the time of the input being handled. Owned by the engine. */
final class Context {
    final EngineConfig config;
    final Outbox outbox;
    final ByteBufAllocator allocator;

    /** The time of the input being handled, in ms. */
    long nowMs;

    /** The connection's producer id, from its first Hello. */
    long producerId = -1;

    short producerEpoch = -1;

    /** The JMS client identifier that the connection holds. */
    @Nullable
    String clientId;

    private int channels;

    Context(EngineConfig config, Outbox outbox, ByteBufAllocator allocator) {
        this.config = config;
        this.outbox = outbox;
        this.allocator = allocator;
        this.clientId = config.identity().clientId();
    }

    int nextChannel() {
        return ++channels;
    }

    /** Between half and all of a wait, so that clients of one broker do not all come back in the same moment. */
    long jittered(long waitMs) {
        UUID id = config.identity().connectionId();
        long mix = (id.getLeastSignificantBits() ^ nowMs) * 0x9E3779B97F4A7C15L;
        return waitMs - (mix >>> 33) % (waitMs / 2 + 1);
    }
}
