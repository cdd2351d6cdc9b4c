package io.millrace.broker;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The one thread of the metadata cores. A task that throws is a fault of the broker itself; after {@link #close} tasks
 * are dropped, nobody waits for them any more. For any thread.
 */
final class MetadataThread implements Executor, AutoCloseable {
    private static final long CLOSE_TIMEOUT_MS = 1000;

    private final ExecutorService executor;
    private final Consumer<Throwable> faults;

    MetadataThread(Consumer<Throwable> faults) {
        this.faults = faults;
        this.executor = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> daemon(task, "millrace-metadata"),
                new ThreadPoolExecutor.DiscardPolicy());
    }

    static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(() -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                faults.accept(e);
            }
        });
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
