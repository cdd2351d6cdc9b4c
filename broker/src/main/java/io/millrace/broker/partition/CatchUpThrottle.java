package io.millrace.broker.partition;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How fast a broker sends to replicas that are not in sync: a bucket of bytes for all partitions that it leads, which fills with the elapsed
 * clock. What was sent is charged afterwards, whatever it was, so the bucket may be in debt; nothing is sent to such replicas until that is
 * paid. Replicas in sync are never asked about: sends wait for them.
 *
 * <p>The bucket is one number: when its debt is paid. For any thread.
 */
public final class CatchUpThrottle {
    /** The bucket holds what a tenth of a second brings. */
    private static final long BURST_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final double NS_PER_S = TimeUnit.SECONDS.toNanos(1);

    private final AtomicLong paidAtNs = new AtomicLong(Long.MIN_VALUE);
    private volatile long bytesPerSecond;

    /** So much from now on; 0 for as much as it can. What was sent before is paid at the rate of then. */
    public void rate(long newBytesPerSecond) {
        if (newBytesPerSecond < 0) {
            throw new IllegalArgumentException("a throttle of " + newBytesPerSecond + " bytes a second");
        }
        bytesPerSecond = newBytesPerSecond;
        if (newBytesPerSecond == 0) {
            paidAtNs.set(Long.MIN_VALUE);
        }
    }

    /** How long nothing may be sent; 0 if something may be now. */
    long waitMs(long elapsedMs) {
        long nowNs = TimeUnit.MILLISECONDS.toNanos(elapsedMs);
        long paidNs = paidAtNs.get();
        return bytesPerSecond == 0 || paidNs <= nowNs ? 0 : TimeUnit.NANOSECONDS.toMillis(paidNs - nowNs) + 1;
    }

    /** So many bytes were sent. */
    void charge(long bytes, long elapsedMs) {
        long rate = bytesPerSecond;
        if (rate == 0) {
            return;
        }
        long nowNs = TimeUnit.MILLISECONDS.toNanos(elapsedMs);
        long costNs = (long) (bytes * NS_PER_S / rate);
        paidAtNs.updateAndGet(paidNs -> Math.max(paidNs, nowNs - BURST_NS) + costNs);
    }
}
