package io.millrace.jms.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The event loop that all connections of this class loader share: one thread carries them, and it ends a moment after the
 * last one is closed. For any thread.
 */
final class EventLoops {
    private static final int THREADS = 1;
    private static final long LINGER_MS = 2_000;
    private static final EventLoops SHARED = new EventLoops();

    private @Nullable EventLoopGroup group;
    private int users;
    private int generation;

    private EventLoops() {}

    static EventLoops shared() {
        return SHARED;
    }

    /** A loop to be used until {@link #release}. */
    synchronized EventLoop acquire() {
        EventLoopGroup current = group;
        if (current == null) {
            current = new MultiThreadIoEventLoopGroup(
                    THREADS, new DefaultThreadFactory("millrace-io", true), NioIoHandler.newFactory());
            group = current;
        }
        users++;
        generation++;
        return current.next();
    }

    synchronized void release() {
        users--;
        EventLoopGroup idle = group;
        if (users == 0 && idle != null) {
            int last = generation;
            var unused = idle.schedule(() -> endIfIdle(last), LINGER_MS, TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void endIfIdle(int last) {
        EventLoopGroup idle = group;
        if (users == 0 && generation == last && idle != null) {
            group = null;
            var unused = idle.shutdownGracefully(0, LINGER_MS, TimeUnit.MILLISECONDS);
        }
    }
}
