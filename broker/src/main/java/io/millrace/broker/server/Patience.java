package io.millrace.broker.server;

import org.jspecify.annotations.Nullable;

/**
 * How long a peer may keep the broker's memory: with a frame that does not get whole, or with answers that it does not take. Looked at
 * about once a second. Owned by the connection's lane.
 */
final class Patience {
    /** A frame that takes long because it is large may take this much longer. */
    private static final int FRAME_BYTES_PER_MS = 256;
    /** What a connection may keep for as long as it likes. */
    private static final long KEPT_BYTES = 64 * 1024;

    private final int frameTimeoutMs;
    private final int stallTimeoutMs;
    private final int idleTimeoutMs;

    private long frame = -1;
    private long frameSinceMs;
    private @Nullable Object writing;
    private long written;
    private long stalledSinceMs;

    Patience(ServerConfig config) {
        this.frameTimeoutMs = config.frameTimeoutMs();
        this.stallTimeoutMs = config.stallTimeoutMs();
        this.idleTimeoutMs = config.idleTimeoutMs();
    }

    /**
     * Looks at the frame that is being read.
     *
     * @param number how many frames came before it; -1 if there is none, or if it is the broker that does not read
     * @param lengthBytes how long it will be
     * @return why the peer is not waited for any longer, or null
     */
    @Nullable
    String onFrame(long number, int lengthBytes, long nowMs) {
        if (number < 0 || number != frame) {
            frame = number;
            frameSinceMs = nowMs;
            return null;
        }
        long allowedMs = frameTimeoutMs + (long) lengthBytes / FRAME_BYTES_PER_MS;
        return nowMs - frameSinceMs > allowedMs
                ? "a frame of " + lengthBytes + " bytes did not get whole within " + allowedMs
                        + " ms (frame.timeout.ms)"
                : null;
    }

    /**
     * Looks at what is being written.
     *
     * @param first what is written first, or null if nothing waits
     * @param firstWritten how much of it the peer has taken
     * @param waitingBytes how much memory is in all that waits
     * @param memoryShort whether others wait for memory
     * @return why the peer is not waited for any longer, or null
     */
    @Nullable
    String onWrites(@Nullable Object first, long firstWritten, long waitingBytes, boolean memoryShort, long nowMs) {
        if (first == null || first != writing || firstWritten != written) {
            writing = first;
            written = firstWritten;
            stalledSinceMs = nowMs;
            return null;
        }
        long stalledMs = nowMs - stalledSinceMs;
        if (memoryShort && waitingBytes > KEPT_BYTES && stalledMs > stallTimeoutMs) {
            return "the peer has taken nothing for " + stalledMs + " ms of answers that keep " + waitingBytes
                    + " bytes, while memory is short (write.stall.timeout.ms)";
        }
        if (idleTimeoutMs > 0 && stalledMs > idleTimeoutMs) {
            return "the peer has taken nothing of its answers for " + stalledMs + " ms (connections.max.idle.ms)";
        }
        return null;
    }
}
