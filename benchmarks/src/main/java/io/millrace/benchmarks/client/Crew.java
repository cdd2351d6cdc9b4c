package io.millrace.benchmarks.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The threads of a load: the first failure of one stops all and becomes the failure of the load. */
final class Crew {
    /** What one thread does; it returns when it is done or sees {@link Crew#isStopping}. */
    interface Work {
        void run() throws Exception;
    }

    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopping;

    Thread start(String name, Work work) {
        Thread thread = new Thread(() -> perform(work), name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
        return thread;
    }

    boolean isStopping() {
        return stopping;
    }

    void stop() {
        stopping = true;
    }

    void fail(Throwable cause) {
        failure.compareAndSet(null, cause);
        stopping = true;
    }

    void checkFailure() {
        Throwable cause = failure.get();
        if (cause instanceof LoadFailure ours) {
            throw ours;
        }
        if (cause != null) {
            throw new LoadFailure("a thread of the load failed: " + cause, cause);
        }
    }

    /** Waits until a condition holds, looking every few milliseconds; false when the time is over. */
    boolean await(java.util.function.BooleanSupplier condition, long timeoutMs) {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        while (!condition.getAsBoolean()) {
            checkFailure();
            if (System.nanoTime() - deadlineNs >= 0) {
                return false;
            }
            LockSupport.parkNanos(POLL_NS);
        }
        return true;
    }

    void join(List<Thread> some, long timeoutMs) throws InterruptedException {
        for (Thread thread : some) {
            thread.join(timeoutMs);
            checkFailure();
            if (thread.isAlive()) {
                throw new LoadFailure("thread " + thread.getName() + " did not end within " + timeoutMs + " ms");
            }
        }
    }

    private void perform(Work work) {
        try {
            work.run();
        } catch (Exception | Error e) {
            fail(e);
        }
    }
}
