package io.millrace.broker.disk;

import io.millrace.broker.journal.JournalConfig;
import io.millrace.broker.journal.JournalEntry;
import io.millrace.broker.journal.JournalListener;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.log.Batches;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogConfig;
import io.millrace.broker.log.PartitionStorage;
import io.millrace.broker.log.StorageException;
import io.millrace.protocol.record.RecordBatch;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures durable appends through log and journal, without a network: {@code JournalBenchmark DIRECTORY WRITERS SECONDS [threads]}. Each
 * writer appends 1 KiB, waits until it is durable, and goes on; in the lane itself, or, with {@code threads}, from a thread of its own.
 */
public final class JournalBenchmark implements JournalListener {
    private final Path directory;
    private final int writers;
    private final boolean threads;
    private final ThreadLane lane = new ThreadLane();
    private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();
    private final ByteBuffer template;
    private LaneJournal journal;
    private Log log;
    private final AtomicLong done = new AtomicLong();
    private long[] latencies = new long[1 << 20];
    private int samples;
    private volatile boolean stopping;

    private record Waiter(long ticket, long beganNs, Runnable whenDurable) {}

    private JournalBenchmark(Path directory, int writers, boolean threads) {
        this.directory = directory;
        this.writers = writers;
        this.threads = threads;
        RecordBatch batch = Batches.batch(1, 1024, 1, 1);
        template = ByteBuffer.allocateDirect(batch.sizeBytes());
        template.put(batch.bytes()).flip();
    }

    public static void main(String[] args) throws Exception {
        Path parent = Path.of(args[0]);
        int seconds = Integer.parseInt(args[2]);
        for (String writers : args[1].split(",", -1)) {
            Path directory = Files.createTempDirectory(parent, "journal-bench");
            new JournalBenchmark(directory, Integer.parseInt(writers), args.length > 3).run(seconds);
        }
    }

    private void run(int seconds) throws Exception {
        try (DataDirectory data = DataDirectory.open(directory)) {
            long openNs = System.nanoTime();
            Journal disk = Journal.open(data, JournalConfig.defaults(), Throwable::printStackTrace);
            openNs = System.nanoTime() - openNs;
            journal = disk.lane(lane);
            lane.start(journal::handOver);
            LogConfig config = LogConfig.defaults();
            lane.execute(() -> {
                PartitionStorage storage =
                        disk.partitions().open(new UUID(1, 1), 0, config, config, journal.dirtyLogs());
                log = storage.messages();
            });
            for (int i = 0; i < writers; i++) {
                if (threads) {
                    Thread thread = new Thread(this::writeAlways);
                    thread.setDaemon(true);
                    thread.start();
                } else {
                    lane.execute(this::appendAlways);
                }
            }
            Thread.sleep(2000);
            long syncs = disk.syncs();
            long written = disk.writtenBytes();
            long before = done.get();
            lane.execute(() -> samples = 0);
            long beganNs = System.nanoTime();
            Thread.sleep(seconds * 1000L);
            double elapsed = (System.nanoTime() - beganNs) / 1e9;
            long count = done.get() - before;
            syncs = disk.syncs() - syncs;
            written = disk.writtenBytes() - written;
            long[] sorted = Arrays.copyOf(latencies, samples);
            Arrays.sort(sorted);
            System.out.printf(
                    "%3d writers: %7.0f appends/s, %6.0f syncs/s, %5.1f appends/sync, %5.0f journal bytes/append,"
                            + " p50 %d us, p99 %d us, p99.9 %d us, max %d us; open %d ms%n",
                    writers,
                    count / elapsed,
                    syncs / elapsed,
                    count / (double) syncs,
                    written / (double) count,
                    sorted[sorted.length / 2] / 1000,
                    sorted[(int) (sorted.length * 0.99)] / 1000,
                    sorted[(int) (sorted.length * 0.999)] / 1000,
                    sorted[sorted.length - 1] / 1000,
                    openNs / 1_000_000);
            stopping = true;
            long closeNs = System.nanoTime();
            disk.close();
            System.out.printf("      close %d ms, fault %s%n", (System.nanoTime() - closeNs) / 1_000_000, lane.fault());
        }
    }

    private void appendAlways() {
        if (!stopping) {
            append(this::appendAlways);
        }
    }

    private void writeAlways() {
        Semaphore durable = new Semaphore(0);
        while (!stopping) {
            lane.execute(() -> append(durable::release));
            durable.acquireUninterruptibly();
        }
    }

    private void append(Runnable whenDurable) {
        RecordBatch batch =
                new RecordBatch(ByteBuffer.allocate(template.limit()).put(template.duplicate()), 0);
        log.append(batch, 1, 1);
        long ticket =
                journal.append(JournalEntry.message(log.key(), 1, batch.baseOffset(), batch.bytes(), () -> {}), this);
        journal.flush(true);
        waiting.add(new Waiter(ticket, System.nanoTime(), whenDurable));
    }

    @Override
    public void onFlushed(long ticket) {
        long nowNs = System.nanoTime();
        while (!waiting.isEmpty() && waiting.peek().ticket() <= ticket) {
            Waiter waiter = waiting.poll();
            done.incrementAndGet();
            if (samples < latencies.length) {
                latencies[samples++] = nowNs - waiter.beganNs();
            }
            waiter.whenDurable().run();
        }
    }

    @Override
    public void onFailed(StorageException cause) {
        cause.printStackTrace();
    }
}
