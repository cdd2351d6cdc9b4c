package io.millrace.jms.session;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The gate in front of a session's next message: it shuts while more than {@link #MAX_UNWRITTEN} settlements of the messages
 * before are not yet with the operating system. So a process that is killed under AUTO_ACKNOWLEDGE leaves in doubt what it
 * had in hand and a few that it had just processed, however far the event loop lags behind.
 *
 * <p>Each settlement is on its way at once. An application that works on a message for longer than a turn of the event
 * loop, some tens of microseconds, never has more than the one in doubt; one that does next to nothing shares a turn, and
 * a hand-over to the loop and back, among several messages.
 *
 * <p>The gate waits for bytes to leave, not for the broker's word. Where the link is lost, it opens: then nothing is handed
 * out before the settlements went out anew. Any thread may call.
 */
final class SettlementGate {
    /** Waiting for each would cost a drain a hand-over there and back per message, some 40 us; shared by 16 that is little. */
    static final int MAX_UNWRITTEN = 16;

    private final AtomicLong issued = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile long written;

    /** A settlement was decided. Returns its number for {@link #onWritten}. */
    long issue() {
        return issued.incrementAndGet();
    }

    /** Settlements up to this number are with the operating system. On the event loop. */
    void onWritten(long number) {
        if (number > written) {
            written = number;
            wake();
        }
    }

    private boolean isOpen() {
        return issued.get() - written <= MAX_UNWRITTEN;
    }

    /**
     * Waits until the gate is open. Returns false if the time was up or the caller needs no message any more.
     *
     * @param isOver whether the caller needs none; looked at again after {@link #wake}
     */
    boolean await(long timeoutNs, BooleanSupplier isOver) throws InterruptedException {
        return isOpen() || awaitShut(timeoutNs, isOver);
    }

    private boolean awaitShut(long timeoutNs, BooleanSupplier isOver) throws InterruptedException {
        lock.lockInterruptibly();
        // Noted before it looks: who writes looks for it after.
        waiting.incrementAndGet();
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
            waiting.decrementAndGet();
            lock.unlock();
        }
    }

    /** Has those who wait look again. */
    void wake() {
        if (waiting.get() > 0) {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
