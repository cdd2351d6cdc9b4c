package io.millrace.broker.partition;

import io.millrace.broker.journal.JournalEntry;
import io.millrace.broker.journal.JournalIntake;
import io.millrace.broker.journal.JournalTurn;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.lane.Lane;
import io.millrace.broker.log.Log;
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
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One broker of a {@link PartitionFixture}: its disk, its journal, and its replica of the partition. */
final class Node implements PartitionShell, JournalIntake, ReplicaSink {
    final int id;
    MemoryDisk disk = new MemoryDisk();

    final CatchUpThrottle catchUpThrottle = new CatchUpThrottle();
    private final PartitionFixture fixture;
    private RecoveryPoints points = new RecoveryPoints();
    private final List<JournalTurn> handedOver = new ArrayList<>();
    private final List<Durable> journaled = new ArrayList<>();
    final TreeSet<Long> wakes = new TreeSet<>();

    PartitionStorage storage;
    Partition partition;
    private LaneJournal journal;
    private boolean endOfTurnAsked;

    boolean alive;
    /** Whether nothing passes between this follower and the leader. */
    boolean cut;
    /** Whether nothing comes through from the leader, though the way back is open. */
    boolean deaf;
    /** As a follower: has news for the leader. */
    boolean moved;
    /** As a follower: how often it said so. */
    int told;
    /** How often time was looked at. */
    int ticks;
    /** As a follower: the leader has news for it. */
    boolean ready;

    /** As a follower: was cut, and the journal may not know it yet. */
    boolean wasCut;

    private record Durable(JournalEntry entry, byte[] bytes) {}

    Node(PartitionFixture fixture, int id) {
        this.fixture = fixture;
        this.id = id;
    }

    /** Starts the broker on what its disk holds; it neither leads nor follows yet. */
    void open() {
        handedOver.clear();
        wakes.clear();
        endOfTurnAsked = false;
        wasCut = false;
        moved = false;
        ready = false;
        alive = true;
        journal = new LaneJournal(new FixtureLane(), this);
        storage = new PartitionStore(disk.root(), points)
                .open(PartitionFixture.TOPIC, 0, fixture.logConfig, fixture.logConfig, journal.dirtyLogs());
        disk.root().sync(); // the broker syncs the name of a partition's directory when it makes it
        replay();
        partition = Partition.open(fixture.id, storage, journal, fixture.config, this, fixture.nowMs);
    }

    void kill() {
        alive = false;
    }

    /** Another disk is put in the place of the broker's, an empty one. */
    void loseDisk() {
        disk = new MemoryDisk();
        points = new RecoveryPoints();
        journaled.clear();
    }

    /** All logs are made durable, and a checkpoint knows it. */
    void checkpoint() {
        for (LogSync sync : journal.onCheckpoint().syncs()) {
            sync.run();
            points.put(sync.key(), sync.point());
        }
        journaled.clear();
    }

    /** Takes what the leader sent. */
    void take(ReplicaData data) {
        long before = storage.messages().logEndOffset();
        long deliveriesBefore = storage.deliveries().logEndOffset();
        partition.onReplicaData(data, fixture.nowMs);
        wasCut |= storage.messages().logEndOffset() < before
                || storage.deliveries().logEndOffset() < deliveriesBefore;
    }

    private void replay() {
        for (Durable durable : journaled) {
            JournalEntry entry = durable.entry();
            Log log = storage.log(entry.key().kind());
            if (entry.type() == JournalEntry.Type.TRUNCATE) {
                log.truncateTo(entry.baseOffset());
                continue;
            }
            boolean isThere = entry.baseOffset() < log.logEndOffset();
            if (!isThere && entry.leaderEpoch() < log.leaderEpochs().latestEpoch()) {
                continue;
            }
            if (entry.messageLogEnd() >= 0) {
                storage.messages().jumpTo(entry.messageLogEnd());
            }
            if (!isThere) {
                log.jumpTo(entry.baseOffset());
                log.append(
                        new RecordBatch(ByteBuffer.wrap(durable.bytes().clone()), 0),
                        entry.leaderEpoch(),
                        fixture.nowMs);
            }
        }
    }

    // ---- the lane

    /** Ends the lane's turn. */
    void turn() {
        while (endOfTurnAsked) {
            endOfTurnAsked = false;
            partition.onEndOfTurn(fixture.nowMs);
        }
        journal.handOver();
    }

    /** Flushes what was handed over until now, and ends the turn; whether there was anything. */
    boolean flush() {
        turn();
        if (handedOver.isEmpty()) {
            return false;
        }
        flushed();
        turn();
        return true;
    }

    /** Flushes what was handed over until now, in the midst of a turn. */
    void flushed() {
        JournalTurn last = handedOver.get(handedOver.size() - 1);
        for (JournalTurn flushed : handedOver) {
            for (JournalEntry entry : flushed.entries()) {
                byte[] bytes = new byte[entry.content().remaining()];
                entry.content().duplicate().get(bytes);
                journaled.add(new Durable(entry, bytes));
            }
        }
        handedOver.clear();
        wasCut = false;
        journal.onFlushed(last.lastTicket());
    }

    void failJournal() {
        turn();
        handedOver.clear();
        journal.onFailed(new StorageException(StorageException.Kind.IO, "fdatasync failed", null));
        turn();
    }

    boolean isIdle() {
        return !endOfTurnAsked && handedOver.isEmpty();
    }

    /** Ticks if it is time; whether it was. */
    boolean tick() {
        if (wakes.isEmpty() || wakes.first() > fixture.nowMs) {
            return false;
        }
        wakes.headSet(fixture.nowMs, true).clear();
        partition.onTick(fixture.nowMs);
        ticks++;
        return true;
    }

    @Override
    public CatchUpThrottle catchUpThrottle() {
        return catchUpThrottle;
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
        return bytes <= fixture.roomBytes;
    }

    @Override
    public void wakeAt(long atMs) {
        wakes.add(atMs);
    }

    @Override
    public long elapsedMs() {
        return fixture.nowMs;
    }

    @Override
    public void stopped(Throwable cause) {
        fixture.stopped = cause;
    }

    @Override
    public void replicaMoved() {
        told++;
        moved = true;
    }

    @Override
    public void changeInSync(int leaderEpoch, InSync inSync, InSyncProposal wanted, Reply<InSync> reply) {
        fixture.changeInSync(this, leaderEpoch, inSync, wanted.members(), reply);
    }

    @Override
    public long brokerEpoch() {
        return 1;
    }

    @Override
    public void ready() {
        ready = true;
    }

    @Override
    public void replaced() {
        throw new IllegalStateException("a node has one connection");
    }

    @Override
    public void submit(JournalTurn turn) {
        handedOver.add(turn);
    }

    @Override
    public @Nullable StorageException refusal(LogKind kind) {
        return fixture.refusal;
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
            return fixture.nowMs;
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
}
