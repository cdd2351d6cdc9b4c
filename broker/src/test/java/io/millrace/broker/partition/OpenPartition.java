package io.millrace.broker.partition;

import io.millrace.broker.journal.JournalIntake;
import io.millrace.broker.journal.JournalTurn;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.lane.Lane;
import io.millrace.broker.log.LogConfig;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.MemoryDisk;
import io.millrace.broker.log.PartitionStorage;
import io.millrace.broker.log.PartitionStore;
import io.millrace.broker.log.RecoveryPoints;
import io.millrace.broker.log.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A real partition on a lane and a disk of the test, for tests of what surrounds it. Its journal flushes at once. */
public final class OpenPartition implements PartitionShell, JournalIntake {
    public final Partition partition;
    /** What was asked of the metadata. */
    public final List<InSyncProposal> proposed = new ArrayList<>();

    public final MemoryDisk disk = new MemoryDisk();
    public @Nullable Throwable stopped;
    public int led;
    public long elapsedMs;
    public Runnable moved = () -> {};
    public final CatchUpThrottle catchUpThrottle = new CatchUpThrottle();

    private final Lane lane;
    private final LaneJournal journal;
    private final PartitionStorage storage;

    public OpenPartition(UUID topicId, Lane lane) {
        this.lane = lane;
        this.journal = new LaneJournal(lane, this);
        this.storage = new PartitionStore(disk.root(), new RecoveryPoints())
                .open(topicId, 0, LogConfig.defaults(), LogConfig.defaults(), journal.dirtyLogs());
        PartitionId id = new PartitionId(topicId, "queue.q", 0);
        partition = Partition.open(id, storage, journal, PartitionConfig.ofQueue(), this, lane.nowMs());
    }

    /** Leads with another replica that may not be in sync. */
    public void lead(int leaderEpoch, int self, List<Integer> replicas, List<Integer> inSync) {
        partition.onLeader(new Leadership(leaderEpoch, self, replicas, new InSync(inSync, 0)), lane.nowMs());
    }

    /** Leaves a gap, as a recovery does. */
    public void lose(int messages) {
        storage.messages().jumpTo(storage.messages().logEndOffset() + messages);
    }

    /** Hands over what was journaled, as a lane does at the end of each turn. */
    public void handOver() {
        journal.handOver();
    }

    /** Appends one message. */
    public void append(int bytes) {
        Append append = new Append(Messages.of("m".repeat(bytes)).batch(), false, Append.Source.SEND);
        partition.onAppend(append, new Answer<>(), lane.nowMs());
    }

    @Override
    public CatchUpThrottle catchUpThrottle() {
        return catchUpThrottle;
    }

    @Override
    public void callAtEndOfTurn() {
        lane.endOfTurn(() -> {
            partition.onEndOfTurn(lane.nowMs());
            journal.handOver();
        });
    }

    @Override
    public void submit(JournalTurn turn) {
        lane.execute(() -> journal.onFlushed(turn.lastTicket()));
    }

    @Override
    public void wakeAt(long atMs) {}

    @Override
    public long elapsedMs() {
        return elapsedMs;
    }

    @Override
    public void replicaMoved() {
        moved.run();
    }

    @Override
    public void changeInSync(int leaderEpoch, InSync inSync, InSyncProposal wanted, Reply<InSync> reply) {
        proposed.add(wanted);
    }

    @Override
    public void leading() {
        led++;
    }

    @Override
    public void stopped(Throwable cause) {
        stopped = cause;
    }

    @Override
    public @Nullable StorageException refusal(LogKind kind) {
        return null;
    }

    @Override
    public long checkpointBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    public void requestCheckpoint() {}
}
