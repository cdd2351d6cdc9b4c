package io.millrace.broker.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
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
    /** What is left of direct memory for everything else, at least. */
    private static final int SPARE_SHARE = 8;

    private final PooledByteBufAllocator allocator;
    private final long limitBytes;
    private final long resumeBytes;
    private volatile boolean exhausted;
    private volatile Runnable onExhausted = () -> {};

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

    /** Sets what is called, on any thread, when the budget is used up: who keeps what could be had again gives it back. */
    void onExhausted(Runnable relief) {
        onExhausted = relief;
    }

    /** Looks at the allocator. */
    void look() {
        boolean was = exhausted;
        boolean is = usedBytes() > (was ? resumeBytes : limitBytes);
        exhausted = is;
        if (is && !was) {
            onExhausted.run();
        }
    }

    /** Whether that many bytes in one piece or two would leave the JVM some direct memory. */
    public boolean hasRoomFor(long bytes) {
        long most = PlatformDependent.maxDirectMemory();
        return allocator.metric().usedDirectMemory() + bytes <= most - most / SPARE_SHARE;
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
        return fits && hasRoomFor(bytes) ? allocator.directBuffer(bytes, bytes) : null;
    }
}
