package io.millrace.cli;

import jakarta.jms.CompletionListener;
import jakarta.jms.Message;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** How many sends the broker has confirmed, and the first that it refused. For any thread. */
final class Confirmations implements CompletionListener {
    private static final long STEP_MS = 200;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long sent;
    private long answered;
    private long confirmed;
    private @Nullable Exception failure;

    /** Counts one more send; the listener for it. */
    CompletionListener another() {
        lock.lock();
        try {
            sent++;
        } finally {
            lock.unlock();
        }
        return this;
    }

    @Override
    public void onCompletion(Message message) {
        answered(null);
    }

    @Override
    public void onException(Message message, Exception exception) {
        answered(exception);
    }

    private void answered(@Nullable Exception exception) {
        lock.lock();
        try {
            answered++;
            if (exception == null) {
                confirmed++;
            } else if (failure == null) {
                failure = exception;
            }
            if (answered == sent || failure != null) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    long confirmed() {
        lock.lock();
        try {
            return confirmed;
        } finally {
            lock.unlock();
        }
    }

    /** How many were confirmed or refused. */
    long answered() {
        lock.lock();
        try {
            return answered;
        } finally {
            lock.unlock();
        }
    }

    /** Whether one was neither confirmed nor refused yet. */
    boolean isAnyOpen() {
        lock.lock();
        try {
            return answered < sent;
        } finally {
            lock.unlock();
        }
    }

    boolean hasFailed() {
        lock.lock();
        try {
            return failure != null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for all sends.
     *
     * @throws Exception the first refusal
     */
    void await(Progress progress) throws Exception {
        lock.lock();
        try {
            while (answered < sent && failure == null) {
                var unused = changed.await(STEP_MS, TimeUnit.MILLISECONDS);
                progress.update(confirmed);
            }
            if (failure != null) {
                throw new Exception(
                        Failures.oneLine(failure.getMessage()) + " (" + confirmed + " messages were sent before)",
                        failure);
            }
        } finally {
            lock.unlock();
        }
    }
}
