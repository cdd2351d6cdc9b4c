package io.millrace.jms.session;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that calls a session's message listeners, one message at a time (Jakarta Messaging 3.1, 6.2.4 and 8.7). It
 * exists from the first listener until the session is closed, and is not a daemon: a program whose main method has set a
 * listener and returned goes on.
 *
 * <p>Whoever holds {@link #inListener} keeps listeners from being called; the thread holds it while it calls them. Any
 * thread may call.
 */
final class Dispatcher {
    private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

    /** Messages for one consumer before the next has its turn. */
    private static final int TURN = 64;

    private final String name;
    private final ReentrantLock inListener = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<MillraceConsumer> ready = new ArrayDeque<>();
    private @Nullable Thread thread;
    private boolean isClosed;

    Dispatcher(String name) {
        this.name = name;
    }

    /** Whether the calling thread is within a message listener of the session. */
    boolean isOwnThread() {
        return inListener.isHeldByCurrentThread() && Thread.currentThread() == thread;
    }

    /** The consumer may have messages for its listener. */
    void wake(MillraceConsumer consumer) {
        lock.lock();
        try {
            if (isClosed || consumer.isQueued) {
                return;
            }
            consumer.isQueued = true;
            ready.add(consumer);
            if (thread == null) {
                Thread started = new Thread(this::run, name);
                started.setDaemon(false);
                thread = started;
                started.start();
            } else if (ready.size() == 1) {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until no listener runs, unless the calling thread is in one. */
    void awaitListener() {
        inListener.lock();
        try {
            log.trace("no listener of {} runs", name);
        } finally {
            inListener.unlock();
        }
    }

    /** Ends the thread once no listener runs. */
    void close() {
        lock.lock();
        try {
            isClosed = true;
            ready.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        awaitListener();
    }

    private void run() {
        while (true) {
            MillraceConsumer consumer = next();
            if (consumer == null) {
                return;
            }
            long pauseMs = dispatch(consumer);
            if (pauseMs > 0) {
                pause(pauseMs);
            }
        }
    }

    private @Nullable MillraceConsumer next() {
        lock.lock();
        try {
            while (ready.isEmpty() && !isClosed) {
                changed.awaitUninterruptibly();
            }
            if (isClosed) {
                return null;
            }
            MillraceConsumer consumer = ready.remove();
            consumer.isQueued = false;
            return consumer;
        } finally {
            lock.unlock();
        }
    }

    /** Calls the listener for some messages; returns how long to wait before the next. */
    private long dispatch(MillraceConsumer consumer) {
        for (int i = 0; i < TURN; i++) {
            inListener.lock();
            try {
                if (!consumer.dispatchOne()) {
                    return 0;
                }
            } catch (RuntimeException e) {
                log.error("A fault while a message was dispatched.", e);
            } finally {
                inListener.unlock();
            }
            long pauseMs = consumer.pauseMs();
            if (pauseMs > 0) {
                wake(consumer);
                return pauseMs;
            }
        }
        wake(consumer);
        return 0;
    }

    /** Waits before a message that failed again and again is tried once more. */
    private void pause(long pauseMs) {
        lock.lock();
        try {
            long leftNs = TimeUnit.MILLISECONDS.toNanos(pauseMs);
            while (!isClosed && leftNs > 0) {
                leftNs = changed.awaitNanos(leftNs);
            }
        } catch (InterruptedException e) {
            log.warn("The thread that calls listeners was interrupted; it goes on.");
        } finally {
            lock.unlock();
        }
    }
}
