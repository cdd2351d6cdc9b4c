package io.millrace.broker;

import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * The one thread of the metadata cores, and their clock. A task that throws is a fault of the broker itself; after {@link #close} tasks
 * are dropped, nobody waits for them any more. For any thread.
 */
final class MetadataThread implements Executor, AutoCloseable {
    private static final long CLOSE_TIMEOUT_MS = 1000;

    private final ScheduledExecutorService executor;
    private final Consumer<Throwable> faults;

    MetadataThread(Consumer<Throwable> faults) {
        this.faults = faults;
        this.executor = new ScheduledThreadPoolExecutor(
                1, task -> daemon(task, "millrace-metadata"), new ThreadPoolExecutor.DiscardPolicy());
    }

    static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(() -> run(task));
    }

    /**
     * Tells the time of a clock that never goes back, in milliseconds, now and then.
     *
     * @return ends it
     */
    AutoCloseable every(long periodMs, LongConsumer tick) {
        Future<?> ticks = executor.scheduleWithFixedDelay(
                () -> run(() -> tick.accept(TimeUnit.NANOSECONDS.toMillis(System.nanoTime()))),
                periodMs,
                periodMs,
                TimeUnit.MILLISECONDS);
        return () -> ticks.cancel(false);
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            faults.accept(e);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
        try {
            executor.awaitTermination(CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
