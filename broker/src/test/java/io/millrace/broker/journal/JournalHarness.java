package io.millrace.broker.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.log.Batches;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogConfig;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.LogSlice;
import io.millrace.broker.log.MemoryDisk;
import io.millrace.broker.log.PartitionStorage;
import io.millrace.broker.log.StorageException;
import io.millrace.protocol.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A journal without threads, on a disk in memory, with lanes and partitions that are used at will; and a memory of what was acknowledged, to be
 * compared with what a recovery finds.
 */
final class JournalHarness implements JournalIntake, JournalListener {
    static final UUID TOPIC = new UUID(7, 7);

    /** When to answer: for planted bugs. */
    enum Answers {
        WHEN_SYNCED,
        WHEN_WRITTEN
    }

    final MemoryDisk disk = new MemoryDisk();
    final JournalConfig config;
    private final LogConfig logConfig;
    private final List<TestLane> lanes = new ArrayList<>();
    private final ArrayDeque<JournalTurn> submitted = new ArrayDeque<>();
    private final Map<Integer, PartitionStorage> open = new TreeMap<>();
    /** By partition, kind and base offset: what was acknowledged. */
    private final Map<String, Integer> acknowledged = new TreeMap<>();
    /** By partition: where the message log ended by an acknowledged delivery. */
    private final Map<Integer, Long> settledEnds = new TreeMap<>();

    private final Set<Integer> deleted = new TreeSet<>();
    private final Set<String> neverJournaled = new TreeSet<>();
    private final Map<Long, List<Runnable>> waiting = new TreeMap<>();
    private Answers answers = Answers.WHEN_SYNCED;
    private boolean full;
    JournalStartup parts;
    int failures;

    JournalHarness(JournalConfig config, int lanes, int segmentBytes) {
        this.config = config;
        this.logConfig = new LogConfig(segmentBytes, 1 << 30, 512, -1, -1, 1 << 30, true);
        this.parts = JournalStartup.recover(disk.root(), config);
        for (int i = 0; i < lanes; i++) {
            this.lanes.add(new TestLane(this));
        }
    }

    void answer(Answers when) {
        answers = when;
    }

    /** A lane that runs at once what it is given. */
    static final class TestLane implements Lane {
        final LaneJournal journal;
        long ticket;

        TestLane(JournalIntake intake) {
            journal = new LaneJournal(this, intake);
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public boolean inLane() {
            return true;
        }

        @Override
        public long nowMs() {
            return 0;
        }

        @Override
        public void schedule(long atMs, Runnable task) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void endOfTurn(Runnable once) {}

        @Override
        public void afterTurn(Runnable once) {}
    }

    // ---- the broker

    private TestLane lane(int partition) {
        return lanes.get(partition % lanes.size());
    }

    PartitionStorage partition(int number) {
        return open.computeIfAbsent(number, n -> parts.partitions()
                .open(TOPIC, n, logConfig, logConfig, lane(n).journal.dirtyLogs()));
    }

    /** Appends a message, and asks for it to be durable if it is to be. */
    void append(int partition, int bytes, long seed, boolean durable) {
        append(partition, bytes, seed, durable, 1);
    }

    void append(int partition, int bytes, long seed, boolean durable, int epoch) {
        TestLane lane = lane(partition);
        lane.journal.ensureAccepting(LogKind.MESSAGE);
        Log log = partition(partition).messages();
        RecordBatch batch = Batches.batch(1 + Math.floorMod(seed, 3), bytes, 5, seed);
        log.append(batch, epoch, 5);
        if (durable) {
            JournalEntry entry = JournalEntry.message(log.key(), epoch, batch.baseOffset(), batch.bytes(), () -> {});
            neverJournaled.remove(key(log, batch.baseOffset()));
            journal(lane, entry, () -> acknowledge(log, batch));
        } else {
            neverJournaled.add(key(log, batch.baseOffset()));
        }
    }

    /** Appends a delivery that says where the message log ends. */
    void settle(int partition, int bytes, long seed) {
        TestLane lane = lane(partition);
        PartitionStorage storage = partition(partition);
        Log log = storage.deliveries();
        long messageLogEnd = storage.messages().logEndOffset();
        RecordBatch batch = Batches.batch(1, bytes, 5, seed);
        log.append(batch, 1, 5);
        JournalEntry entry =
                JournalEntry.delivery(log.key(), 1, batch.baseOffset(), messageLogEnd, batch.bytes(), () -> {});
        journal(lane, entry, () -> {
            acknowledge(log, batch);
            if (!deleted.contains(partition)) {
                settledEnds.merge(partition, messageLogEnd, Math::max);
            }
        });
    }

    private void journal(TestLane lane, JournalEntry entry, Runnable whenDurable) {
        long ticket = lane.journal.append(entry, this);
        waiting.computeIfAbsent(ticket * lanes.size() + lanes.indexOf(lane), t -> new ArrayList<>())
                .add(whenDurable);
    }

    /** Deletes a partition. */
    void delete(int partition) {
        PartitionStorage storage = partition(partition);
        deleted.add(partition);
        acknowledged.keySet().removeIf(key -> isOf(partition, key));
        settledEnds.remove(partition);
        open.remove(partition);
        storage.delete();
    }

    /** Deletes a partition that nobody has opened since the start. */
    void deleteUnopened(int partition) {
        deleted.add(partition);
        acknowledged.keySet().removeIf(key -> isOf(partition, key));
        settledEnds.remove(partition);
        parts.partitions().delete(TOPIC, partition);
    }

    boolean isDeleted(int partition) {
        return deleted.contains(partition);
    }

    /** The names of what is kept of a partition. */
    List<String> filesOf(int partition) {
        String name = TOPIC + "-" + partition;
        return disk.files().stream()
                .filter(path -> path.contains("/" + name + "/") || path.endsWith("/" + name + ".deleted"))
                .toList();
    }

    private static boolean isOf(int partition, String key) {
        return key.startsWith(TOPIC + "-" + partition + "@") || key.startsWith(TOPIC + "-" + partition + "/");
    }

    private void acknowledge(Log log, RecordBatch batch) {
        if (deleted.contains(log.key().partition())) {
            return;
        }
        acknowledged.put(key(log, batch.baseOffset()), content(batch));
    }

    private static String key(Log log, long offset) {
        return log.key() + "@" + offset;
    }

    /** What is in a batch, but for its epoch. */
    private static int content(RecordBatch batch) {
        return batch.crc();
    }

    void endTurns() {
        for (TestLane lane : lanes) {
            lane.journal.flush(true);
            lane.journal.handOver();
        }
    }

    @Override
    public void onFlushed(long ticket) {
        for (int i = 0; i < lanes.size(); i++) {
            long flushed = lanes.get(i).journal.flushedTicket();
            for (long done = lanes.get(i).ticket + 1; done <= flushed; done++) {
                List<Runnable> whenDurable = waiting.remove(done * lanes.size() + i);
                if (whenDurable != null) {
                    whenDurable.forEach(Runnable::run);
                }
            }
            lanes.get(i).ticket = flushed;
        }
    }

    @Override
    public void onFailed(StorageException cause) {
        failures++;
    }

    // ---- the journal's shell

    @Override
    public void submit(JournalTurn turn) {
        submitted.add(turn);
    }

    @Override
    public @Nullable StorageException refusal(LogKind kind) {
        return full && parts.writer().needsFile() && parts.writer().roomBytes() < 100_000
                ? new StorageException(StorageException.Kind.DISK_FULL, "full", null)
                : null;
    }

    @Override
    public long checkpointBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    public void requestCheckpoint() {}

    void prepareFiles() {
        full = false;
        while (parts.writer().needsFile() && !full) {
            try {
                parts.writer().addFile(parts.files().create());
            } catch (StorageException e) {
                if (!e.isDiskFull()) {
                    throw e;
                }
                full = true;
            }
        }
    }

    /** Takes what was handed over and begins a write. */
    @Nullable
    JournalWrite beginWrite() {
        for (JournalTurn turn = submitted.poll(); turn != null; turn = submitted.poll()) {
            parts.writer().add(turn);
        }
        prepareFiles();
        return parts.writer().begin();
    }

    void finishWrite(JournalWrite write) {
        write.run();
        if (answers == Answers.WHEN_WRITTEN) {
            tell();
            return;
        }
        write.file().force();
        tell();
    }

    private void tell() {
        for (JournalWriter.Flushed flushed : parts.writer().onSynced()) {
            flushed.lane().onFlushed(flushed.ticket());
        }
    }

    /** Writes all that was handed over. */
    void drain() {
        for (JournalWrite write = beginWrite(); write != null; write = beginWrite()) {
            finishWrite(write);
        }
    }

    void checkpoint(boolean clean) {
        checkpoint(clean, () -> {});
    }

    /** @param meanwhile done by a lane when the round has begun */
    void checkpoint(boolean clean, Runnable meanwhile) {
        Checkpointer.Round round = parts.checkpointer().begin(parts.writer().nextSequence());
        meanwhile.run();
        for (TestLane lane : lanes) {
            round.sync(lane.journal.onCheckpoint());
        }
        long replayFrom = round.complete(parts.writer().durableSequence(), clean);
        parts.writer().retire(replayFrom).forEach(parts.files()::delete);
    }

    void closeCleanly() {
        endTurns();
        drain();
        open.values().forEach(PartitionStorage::close);
        checkpoint(true);
        open.clear();
    }

    // ---- after a crash

    /** Starts again. */
    void restart() {
        open.clear();
        submitted.clear();
        waiting.clear();
        for (int i = 0; i < lanes.size(); i++) {
            lanes.set(i, new TestLane(this));
        }
        parts = JournalStartup.recover(disk.root(), config);
    }

    /** All that was acknowledged is there; from now on all that is there counts as acknowledged. */
    void verify(int partitions) {
        Map<String, Integer> found = new TreeMap<>();
        for (int i = 0; i < partitions; i++) {
            if (deleted.contains(i)) {
                assertThat(filesOf(i)).allMatch(path -> path.endsWith(".deleted"));
                continue;
            }
            PartitionStorage storage = partition(i);
            read(storage.messages(), found);
            read(storage.deliveries(), found);
            assertThat(storage.messages().logEndOffset()).isGreaterThanOrEqualTo(settledEnds.getOrDefault(i, 0L));
        }
        acknowledged.forEach((key, content) -> {
            assertThat(found.get(key)).as("acknowledged %s is lost", key).isNotNull();
            assertThat(found.get(key)).as("acknowledged %s has changed", key).isEqualTo(content);
        });
        found.keySet().removeAll(neverJournaled);
        acknowledged.putAll(found);
    }

    int acknowledgedCount() {
        return acknowledged.size();
    }

    private static void read(Log log, Map<String, Integer> into) {
        long offset = log.logStartOffset();
        while (offset < log.logEndOffset()) {
            LogSlice slice = log.read(offset, 10_000, Long.MAX_VALUE);
            if (slice == null) {
                return;
            }
            ByteBuffer bytes = slice.copy();
            slice.release();
            for (int at = 0; at < bytes.limit(); ) {
                RecordBatch batch = new RecordBatch(bytes, at);
                assertThat(batch.isIntact()).isTrue();
                into.put(key(log, batch.baseOffset()), content(batch));
                at = batch.end();
            }
            offset = slice.nextOffset();
        }
    }
}
