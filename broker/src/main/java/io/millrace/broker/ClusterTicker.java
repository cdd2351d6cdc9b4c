package io.millrace.broker;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** The clock of the metadata cores: tells them the time now and then. Runs on a thread of its own. */
final class ClusterTicker implements AutoCloseable {
    /** A small part of what anybody waits for who waits for a tick. */
    private static final long PERIOD_MS = 200;

    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(task -> MetadataThread.daemon(task, "millrace-metadata-clock"));

    /**
     * @param tick told the time of a clock that never goes back, in milliseconds; returns at once
     */
    static ClusterTicker start(LongConsumer tick) {
        ClusterTicker ticker = new ClusterTicker();
        var unused = ticker.thread.scheduleWithFixedDelay(
                () -> tick.accept(TimeUnit.NANOSECONDS.toMillis(System.nanoTime())),
                PERIOD_MS,
                PERIOD_MS,
                TimeUnit.MILLISECONDS);
        return ticker;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
