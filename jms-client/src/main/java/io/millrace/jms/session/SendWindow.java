package io.millrace.jms.session;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The bound on what a connection's sends without waiting have under way, in messages and bytes. A message larger than
 * the window goes when it is alone. For any thread.
 */
final class SendWindow {
    private final int maxMessages;
    private final long maxBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private int messages;
    private long bytes;
    private int waiting;

    SendWindow(int maxMessages, long maxBytes) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    /** Takes room for a message. Returns false if there was none in time; 0 waits for ever. */
    boolean acquire(int sizeBytes, long timeoutMs) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long leftNs = timeoutMs <= 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            while (messages > 0 && (messages >= maxMessages || bytes + sizeBytes > maxBytes)) {
                if (leftNs <= 0) {
                    return false;
                }
                waiting++;
                try {
                    leftNs = room.awaitNanos(leftNs);
                } finally {
                    waiting--;
                }
            }
            messages++;
            bytes += sizeBytes;
            return true;
        } finally {
            lock.unlock();
        }
    }

    void release(int sizeBytes) {
        lock.lock();
        try {
            messages--;
            bytes -= sizeBytes;
            // Half a window of room before anyone wakes, so that a full window does not wake a thread for each message.
            if (waiting > 0 && messages <= maxMessages / 2 && bytes <= maxBytes / 2) {
                room.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }
}
