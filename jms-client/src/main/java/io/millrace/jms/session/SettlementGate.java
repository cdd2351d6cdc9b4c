package io.millrace.jms.session;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The gate in front of a session's next message: it stays shut until every settlement of the messages before is with the
 * operating system. So a process that is killed under AUTO_ACKNOWLEDGE leaves one message in doubt, the one it had in
 * hand, and however far its settlements lag behind, never more.
 *
 * <p>A gate waits for bytes to leave, not for the broker's word. Where the link is lost, it opens: then nothing is handed
 * out before the settlements went out with the next Attach. Any thread may call.
 */
final class SettlementGate {
    private final AtomicLong issued = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile long written;

    /** A settlement was decided. Returns its number for {@link #onWritten}. */
    long issue() {
        return issued.incrementAndGet();
    }

    /** Settlements up to this number are with the operating system. */
    void onWritten(long number) {
        lock.lock();
        try {
            written = Math.max(written, number);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean isOpen() {
        return written >= issued.get();
    }

    /**
     * Waits until the gate is open. Returns false if the time was up or the caller needs no message any more.
     *
     * @param isOver whether the caller needs none; looked at again after {@link #wake}
     */
    boolean await(long timeoutNs, BooleanSupplier isOver) throws InterruptedException {
        if (isOpen()) {
            return true;
        }
        lock.lockInterruptibly();
        try {
            long leftNs = timeoutNs;
            while (!isOpen()) {
                if (isOver.getAsBoolean() || leftNs <= 0) {
                    return false;
                }
                leftNs = changed.awaitNanos(leftNs);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Has those who wait look whether they still need a message. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
