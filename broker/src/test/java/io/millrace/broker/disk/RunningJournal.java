package io.millrace.broker.disk;

import io.millrace.broker.journal.JournalConfig;
import io.millrace.broker.journal.JournalEntry;
import io.millrace.broker.journal.JournalListener;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.log.Batches;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogConfig;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.PartitionStorage;
import io.millrace.broker.log.StorageException;
import io.millrace.protocol.record.RecordBatch;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A real journal on a real disk with one lane, and partitions of one topic, for tests. */
final class RunningJournal implements JournalListener, AutoCloseable {
    static final UUID TOPIC = new UUID(3, 4);
    static final LogConfig LOGS = new LogConfig(200_000, 1 << 30, 4096, -1, -1, 1 << 30, true);

    private final DataDirectory data;
    final Journal journal;
    final List<StorageException> faults = new CopyOnWriteArrayList<>();
    private final ThreadLane lane = new ThreadLane();
    private final LaneJournal laneJournal;
    private final List<PartitionStorage> partitions = new ArrayList<>();
    private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();

    private record Waiter(long ticket, Appended appended, CompletableFuture<Appended> whenDurable) {}

    /** A batch in the log. */
    record Appended(int partition, long offset, int crc) {}

    RunningJournal(Path directory, JournalConfig config, int count) {
        data = DataDirectory.open(directory);
        journal = Journal.open(data, config, faults::add);
        laneJournal = journal.lane(lane);
        lane.start(laneJournal::handOver);
        call(() -> {
            for (int i = 0; i < count; i++) {
                partitions.add(journal.partitions().open(TOPIC, i, LOGS, LOGS, laneJournal.dirtyLogs()));
            }
            return null;
        });
    }

    /** Runs something in the lane and waits for it. */
    <T> T call(java.util.concurrent.Callable<T> task) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        lane.execute(() -> {
            try {
                answer.complete(task.call());
            } catch (Throwable e) {
                answer.completeExceptionally(e);
            }
        });
        return get(answer);
    }

    static <T> T get(CompletableFuture<T> answer) {
        try {
            return answer.get(30, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(e);
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    Log messages(int partition) {
        return partitions.get(partition).messages();
    }

    /** Appends a message; answers when it is durable. */
    CompletableFuture<Appended> append(int partition, int bytes, long seed) {
        CompletableFuture<Appended> answer = new CompletableFuture<>();
        lane.execute(() -> {
            try {
                laneJournal.ensureAccepting(LogKind.MESSAGE);
                Log log = messages(partition);
                RecordBatch batch = Batches.batch(1, bytes, 1, seed);
                log.append(batch, 1, 1);
                long ticket = laneJournal.append(
                        JournalEntry.message(log.key(), 1, batch.baseOffset(), batch.bytes(), () -> {}), this);
                laneJournal.flush(true);
                waiting.add(new Waiter(ticket, new Appended(partition, batch.baseOffset(), batch.crc()), answer));
            } catch (Throwable e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    @Override
    public void onFlushed(long ticket) {
        while (!waiting.isEmpty() && waiting.peek().ticket() <= ticket) {
            Waiter waiter = waiting.poll();
            waiter.whenDurable().complete(waiter.appended());
        }
    }

    @Override
    public void onFailed(StorageException cause) {
        waiting.forEach(waiter -> waiter.whenDurable().completeExceptionally(cause));
        waiting.clear();
    }

    /** Ends cleanly. */
    @Override
    public void close() {
        call(() -> {
            partitions.forEach(PartitionStorage::close);
            return null;
        });
        journal.close();
        data.close();
        lane.close();
    }
}
