package io.millrace.jms.session;

import io.millrace.jms.engine.EngineException;
import io.millrace.jms.transport.JmsErrors;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session's asynchronous sends until their listeners were called: one after the other, in the order of the sends, on a
 * thread of its own that ends when it has had nothing to do for a while (Jakarta Messaging 3.1, 7.3.6 to 7.3.9). Any
 * thread may call.
 */
final class Completions {
    private static final Logger log = LoggerFactory.getLogger(Completions.class);
    private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(10);

    private final String name;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<CompletedSend> pending = new ArrayDeque<>();
    private @Nullable Thread thread;

    Completions(String name) {
        this.name = name;
    }

    /** Whether the calling thread is within a completion listener of the session. */
    boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }

    /** A send whose listener is to be called. */
    void add(CompletedSend send) {
        lock.lock();
        try {
            pending.add(send);
            if (thread == null) {
                Thread started = new Thread(this::run, name);
                started.setDaemon(true);
                thread = started;
                started.start();
            }
        } finally {
            lock.unlock();
        }
    }

    void answered(CompletedSend send, @Nullable EngineException failure) {
        lock.lock();
        try {
            send.isAnswered = true;
            send.failure = failure;
            if (pending.peek() == send) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until every listener was called. Those without an answer by then hear that nobody knows. */
    void awaitAll(long timeoutMs) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long leftNs = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            while (!pending.isEmpty() && leftNs > 0) {
                leftNs = changed.awaitNanos(leftNs);
            }
            for (CompletedSend send : pending) {
                if (!send.isAnswered) {
                    send.isAnswered = true;
                    send.failure = new EngineException(
                            ErrorCode.REQUEST_TIMED_OUT,
                            "the session was closed before the broker answered; whether it has the message is unknown");
                }
            }
            changed.signalAll();
            while (!pending.isEmpty()) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        while (true) {
            CompletedSend send = next();
            if (send == null) {
                return;
            }
            call(send);
            lock.lock();
            try {
                pending.remove();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** The oldest send once it is answered; null when the thread is to end. */
    private @Nullable CompletedSend next() {
        lock.lock();
        try {
            long leftNs = IDLE_NS;
            while (true) {
                CompletedSend oldest = pending.peek();
                if (oldest != null && oldest.isAnswered) {
                    return oldest;
                }
                if (oldest == null && leftNs <= 0) {
                    thread = null;
                    return null;
                }
                long idleNs = changed.awaitNanos(oldest == null ? leftNs : IDLE_NS);
                leftNs = oldest == null ? idleNs : IDLE_NS;
            }
        } catch (InterruptedException e) {
            // Nobody interrupts this thread but a listener itself.
            log.warn("The completion thread was interrupted; it goes on.");
            return next();
        } finally {
            lock.unlock();
        }
    }

    private static void call(CompletedSend send) {
        send.sent.setSending(false);
        try {
            if (send.failure == null) {
                send.listener.onCompletion(send.message);
            } else {
                send.listener.onException(
                        send.message,
                        JmsErrors.of("sending to " + send.destination().name(), send.failure));
            }
        } catch (RuntimeException | Error e) { // an Error ended the thread, and close would wait for ever
            log.warn("A CompletionListener failed.", e);
        }
    }
}
