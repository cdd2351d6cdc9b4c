package io.millrace.broker.partition;

import io.millrace.broker.delivery.ConnectionInfo;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.broker.journal.JournalEntry;
import io.millrace.broker.journal.JournalIntake;
import io.millrace.broker.journal.JournalTurn;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.lane.Lane;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogConfig;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.LogSync;
import io.millrace.broker.log.MemoryDisk;
import io.millrace.broker.log.PartitionStorage;
import io.millrace.broker.log.PartitionStore;
import io.millrace.broker.log.RecoveryPoints;
import io.millrace.broker.log.StorageException;
import io.millrace.protocol.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A partition on a disk in memory, a lane that turns when it is told to, a journal that flushes when it is told to, and clients. Journal
 * frames survive everything from their flush on; the logs' files survive a kill but not a loss of power.
 */
final class PartitionFixture implements PartitionShell, JournalIntake {
    static final UUID TOPIC = new UUID(7, 7);

    final MemoryDisk disk = new MemoryDisk();
    private final RecoveryPoints points = new RecoveryPoints();
    private final PartitionId id = new PartitionId(TOPIC, "queue.orders", 0);
    private final List<JournalTurn> handedOver = new ArrayList<>();
    private final List<Durable> journaled = new ArrayList<>();
    private final TreeSet<Long> wakes = new TreeSet<>();
    private final List<Client> clients = new ArrayList<>();

    /** Sees every delivery that reaches a consumer. */
    BiConsumer<TestConsumer, TestConsumer.Delivery> observer = (consumer, delivery) -> {};

    /** Sees every delivery that a consumer that came back has lost. */
    BiConsumer<TestConsumer, TestConsumer.Delivery> lossObserver = (consumer, delivery) -> {};

    PartitionConfig config;
    LogConfig logConfig = LogConfig.defaults();
    long nowMs = 1_000_000;
    int leaderEpoch = -1;

    /** How many bytes can be had at once of what is asked for before. */
    long roomBytes = Long.MAX_VALUE;

    @Nullable
    Throwable stopped;

    @Nullable
    StorageException refusal;

    private PartitionStorage storage;
    private LaneJournal journal;
    private Partition partition;
    private boolean endOfTurnAsked;

    private record Durable(JournalEntry entry, byte[] bytes) {}

    private PartitionFixture(PartitionConfig config) {
        this.config = config;
    }

    static PartitionFixture queue() {
        return of(PartitionConfig.ofQueue());
    }

    static PartitionFixture topic() {
        return of(PartitionConfig.ofTopic());
    }

    static PartitionFixture of(PartitionConfig config) {
        PartitionFixture fixture = new PartitionFixture(config);
        fixture.open();
        return fixture;
    }

    Partition partition() {
        return partition;
    }

    PartitionStorage storage() {
        return storage;
    }

    Log messages() {
        return storage.messages();
    }

    Log deliveries() {
        return storage.deliveries();
    }

    // ---- life and death

    void open() {
        stopped = null;
        handedOver.clear();
        wakes.clear();
        endOfTurnAsked = false;
        journal = new LaneJournal(new FixtureLane(), this);
        storage = new PartitionStore(disk.root(), points).open(TOPIC, 0, logConfig, logConfig, journal.dirtyLogs());
        disk.root().sync(); // the broker syncs the name of a partition's directory when it makes it
        replay();
        partition = Partition.open(id, storage, journal, config, this, nowMs);
        partition.onLeader(++leaderEpoch, nowMs);
        settleDown();
    }

    /** kill -9: what was written is in the page cache, what was not flushed will never be answered. */
    void kill() {
        clients.forEach(Client::cutOff);
        open();
    }

    /** Power is lost: of the files survives what chance wants, of the journal what was flushed. */
    void losePower(Random random) {
        clients.forEach(Client::cutOff);
        disk.crash(random);
        open();
    }

    /** The broker is stopped in an orderly way and started again. */
    void restart() {
        partition.close(nowMs);
        flush();
        clients.forEach(Client::cutOff);
        open();
    }

    /** All logs are made durable, and a checkpoint knows it. */
    void checkpoint() {
        for (LogSync sync : journal.onCheckpoint().syncs()) {
            sync.run();
            points.put(sync.key(), sync.point());
        }
    }

    /** The files whose names end so. */
    List<String> files(String suffix) {
        return disk.files().stream().filter(name -> name.endsWith(suffix)).toList();
    }

    private void replay() {
        for (Durable durable : journaled) {
            Log log = storage.log(durable.entry().key().kind());
            if (durable.entry().messageLogEnd() >= 0) {
                storage.messages().advanceTo(durable.entry().messageLogEnd());
            }
            if (durable.entry().baseOffset() >= log.logEndOffset()) {
                log.advanceTo(durable.entry().baseOffset());
                log.append(
                        new RecordBatch(ByteBuffer.wrap(durable.bytes().clone()), 0),
                        durable.entry().leaderEpoch(),
                        nowMs);
            }
        }
    }

    // ---- the lane

    /** Ends the lane's turn. */
    void turn() {
        while (endOfTurnAsked) {
            endOfTurnAsked = false;
            partition.onEndOfTurn(nowMs);
        }
        journal.handOver();
    }

    /** Flushes what was handed over until now, and ends the turn. */
    void flush() {
        turn();
        if (handedOver.isEmpty()) {
            return;
        }
        JournalTurn last = handedOver.get(handedOver.size() - 1);
        for (JournalTurn flushed : handedOver) {
            for (JournalEntry entry : flushed.entries()) {
                byte[] bytes = new byte[entry.content().remaining()];
                entry.content().duplicate().get(bytes);
                journaled.add(new Durable(entry, bytes));
            }
        }
        handedOver.clear();
        journal.onFlushed(last.lastTicket());
        turn();
    }

    /** The journal fails. */
    void failJournal() {
        turn();
        handedOver.clear();
        journal.onFailed(new StorageException(StorageException.Kind.IO, "fdatasync failed", null));
        turn();
    }

    /** Turns, flushes and ticks until nothing moves any more, at this time. */
    void settleDown() {
        for (int i = 0; i < 1000; i++) {
            flush();
            if (!wakes.isEmpty() && wakes.first() <= nowMs) {
                wakes.headSet(nowMs, true).clear();
                partition.onTick(nowMs);
            } else if (!endOfTurnAsked && handedOver.isEmpty()) {
                return;
            }
        }
        throw new IllegalStateException("the partition does not come to rest");
    }

    void advance(long ms) {
        long until = nowMs + ms;
        while (!wakes.isEmpty() && wakes.first() <= until) {
            nowMs = Math.max(nowMs, wakes.first());
            settleDown();
        }
        nowMs = until;
        settleDown();
    }

    @Override
    public void callAtEndOfTurn() {
        if (endOfTurnAsked) {
            throw new IllegalStateException("asked for the end of the turn twice");
        }
        endOfTurnAsked = true;
    }

    @Override
    public boolean hasRoomFor(long bytes) {
        return bytes <= roomBytes;
    }

    @Override
    public long elapsedMs() {
        return nowMs;
    }

    @Override
    public void wakeAt(long atMs) {
        wakes.add(atMs);
    }

    @Override
    public void stopped(Throwable cause) {
        stopped = cause;
    }

    @Override
    public void submit(JournalTurn turn) {
        handedOver.add(turn);
    }

    @Override
    public @Nullable StorageException refusal(LogKind kind) {
        return refusal;
    }

    @Override
    public long checkpointBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    public void requestCheckpoint() {}

    /** The journal asks its lane for nothing but turns, which the test ends itself. */
    private final class FixtureLane implements Lane {
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
            return nowMs;
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

    // ---- producers

    Answer<AppendResult> send(String... texts) {
        return append(Messages.of(texts), true);
    }

    Answer<AppendResult> sendNonPersistent(String... texts) {
        return append(Messages.of(texts), false);
    }

    Answer<AppendResult> append(Messages messages, boolean durable) {
        return append(new Append(messages.batch(), durable, Append.Source.SEND));
    }

    Answer<AppendResult> append(Append append) {
        Answer<AppendResult> answer = new Answer<>();
        partition.onAppend(append, answer, nowMs);
        return answer;
    }

    /** Sends that many messages, {@code m0} and on, durably, and lets them be committed. */
    void sendMany(int count) {
        for (int i = 0; i < count; i++) {
            send("m" + i);
        }
        settleDown();
    }

    // ---- consumers

    Client connect() {
        Client client = new Client(this, new UUID(1, clients.size()));
        clients.add(client);
        return client;
    }

    /** A queue's consumer on a connection of its own. */
    TestConsumer consumer(long credit) {
        return connect().consume(SubscriptionKey.QUEUE, credit);
    }

    Answer<Void> open(SubscriptionKey key, long incarnation) {
        Answer<Void> answer = new Answer<>();
        partition.onOpenSubscription(new SubscriptionSpec(key, incarnation, null, false), info(), answer, nowMs);
        return answer;
    }

    Answer<Void> close(SubscriptionKey key) {
        Answer<Void> answer = new Answer<>();
        partition.onCloseSubscription(key, info(), answer, nowMs);
        return answer;
    }

    private static ConnectionInfo info() {
        return new ConnectionInfo(new UUID(0, 1), null, "guest", "localhost", -1);
    }

    PartitionDescription.Subscription describe(SubscriptionKey key) {
        return partition.describe().subscriptions().stream()
                .filter(subscription -> subscription.key().equals(key))
                .findFirst()
                .orElseThrow();
    }
}
