package io.millrace.broker.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * One bound on the bytes that the broker holds for its connections: requests from their first byte until the journal has them and
 * nobody reads them any more, and answers until the socket has taken them.
 *
 * <p>All those bytes lie in buffers of one allocator that is used for nothing else, and the allocator knows exactly how many are in
 * buffers not yet released: that number is the budget's. So nothing has to be counted, and nothing can be forgotten, along the way of a
 * request. The number costs a walk over the allocator's chunks, which is taken each time some more bytes have come or gone.
 *
 * <p>Above the limit connections are not read. A frame that has begun gets room for all of itself at once, or is not begun: so
 * frames in the middle never wait for each other. A frame larger than what is ever free gets room when it is alone.
 *
 * <p>For any thread.
 */
public final class InFlightBudget {
    /** How many bytes come and go between two looks at the allocator. */
    private static final int LOOK_EVERY_BYTES = 128 * 1024;

    private final PooledByteBufAllocator allocator;
    private final long limitBytes;
    private final long resumeBytes;
    private volatile boolean exhausted;

    InFlightBudget(PooledByteBufAllocator allocator, long limitBytes) {
        this.allocator = allocator;
        this.limitBytes = limitBytes;
        this.resumeBytes = limitBytes - limitBytes / 8;
    }

    /** Where every buffer that holds a request or an answer comes from. */
    public ByteBufAllocator allocator() {
        return allocator;
    }

    /** The limit. */
    public long limitBytes() {
        return limitBytes;
    }

    /** How many bytes are held. */
    public long usedBytes() {
        return allocator.pinnedDirectMemory() + allocator.pinnedHeapMemory();
    }

    /** Whether the limit was passed at the last look, and enough has not been given back since. */
    boolean isExhausted() {
        return exhausted;
    }

    /** Looks at the allocator. */
    void look() {
        long used = usedBytes();
        exhausted = used > (exhausted ? resumeBytes : limitBytes);
    }

    /** The bytes that came or went since the last look; looks when they have become many. Returns what to pass next time. */
    int moved(int bytesSinceLook) {
        if (bytesSinceLook < LOOK_EVERY_BYTES) {
            return bytesSinceLook;
        }
        look();
        return 0;
    }

    /** A buffer for a whole frame, or null if it does not fit now. One at a time, or two lanes would take the same room. */
    @Nullable
    synchronized ByteBuf roomFor(int bytes) {
        long used = usedBytes();
        boolean fits = used + bytes <= limitBytes || used <= limitBytes / 8;
        return fits ? allocator.directBuffer(bytes, bytes) : null;
    }
}
