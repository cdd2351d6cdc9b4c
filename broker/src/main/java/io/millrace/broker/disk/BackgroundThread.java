package io.millrace.broker.disk;

import io.millrace.broker.log.StorageException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A daemon thread for work that nobody waits for. It is never interrupted, as an interrupt closes the file that is being written. What a task
 * throws is a failure of storage or our own bug; both go to one place. For any thread.
 */
final class BackgroundThread {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundThread.class);

    private final String name;
    private final ScheduledThreadPoolExecutor executor;
    private final Consumer<StorageException> onFailure;

    BackgroundThread(String name, Consumer<StorageException> onFailure) {
        this.name = name;
        this.onFailure = onFailure;
        this.executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Runs a task soon; not at all once the thread is ending. */
    void execute(Runnable task) {
        executeAfter(0, task);
    }

    void executeAfter(long delayMs, Runnable task) {
        if (executor.isShutdown()) {
            return;
        }
        try {
            Future<?> unused = executor.schedule(() -> run(task), delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("{} has ended: a task is not run", name);
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (StorageException e) {
            onFailure.accept(e);
        } catch (RuntimeException | Error e) {
            onFailure.accept(
                    new StorageException(StorageException.Kind.FAILED, "thread " + name + " met a fault: " + e, e));
        }
    }

    /** Lets the task at hand end, drops the others. False if it does not end in time. */
    boolean end(long timeoutMs) {
        executor.shutdown();
        try {
            return executor.awaitTermination(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
