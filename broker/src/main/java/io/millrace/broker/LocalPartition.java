package io.millrace.broker;

import io.millrace.broker.group.GroupPartitions;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.lane.Lane;
import io.millrace.broker.log.PartitionStorage;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.partition.CatchUpThrottle;
import io.millrace.broker.partition.InSync;
import io.millrace.broker.partition.InSyncProposal;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.PartitionShell;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.replication.ReplicaRole;
import io.millrace.broker.replication.Replication;
import io.millrace.broker.server.InFlightBudget;
import io.millrace.broker.session.HostedPartition;
import io.netty.buffer.ByteBufAllocator;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A partition at work on its lane: its shell, which runs what it asks for. Owned by the lane. */
final class LocalPartition implements PartitionShell {
    private final PartitionId id;
    private final Lane lane;
    private final Worksite worksite;
    private final PartitionSettings settings;
    private final FaultHandler faults;
    private final GroupPartitions groups;
    private final PartitionStorage storage;
    private final Replication replication;
    private final Partition partition;
    private final HostedPartition hosted;
    private final ReplicaRole role;
    private @Nullable Runnable endOfTurn;
    private boolean ended;

    /** Opens the partition on its storage; in its lane. */
    LocalPartition(
            Destination destination,
            int index,
            Worksite worksite,
            PartitionStorage storage,
            PartitionServices services) {
        this.id = destination.partitionId(index);
        this.lane = worksite.lane();
        this.worksite = worksite;
        this.settings = services.settings();
        this.faults = services.faults();
        this.groups = services.groups();
        this.storage = storage;
        this.replication = services.replication();
        this.partition =
                Partition.open(id, storage, worksite.journal(), settings.partition(destination), this, lane.nowMs());
        this.hosted = new HostedPartition(partition, lane);
        this.role = new ReplicaRole(partition, lane, replication);
    }

    HostedPartition hosted() {
        return hosted;
    }

    Partition partition() {
        return partition;
    }

    /** What the replica is at the moment. */
    ReplicaRole role() {
        return role;
    }

    @Override
    public CatchUpThrottle catchUpThrottle() {
        return replication.catchUpThrottle();
    }

    @Override
    public void replicaMoved() {
        role.onMoved();
    }

    @Override
    public void changeInSync(int leaderEpoch, InSync inSync, InSyncProposal wanted, Reply<InSync> reply) {
        role.changeInSync(leaderEpoch, inSync, wanted, reply);
    }

    void configure(Destination destination) {
        storage.messages().configure(settings.messages(destination));
        storage.deliveries().configure(settings.deliveries(destination));
        partition.onConfig(settings.partition(destination), lane.nowMs());
    }

    void close() {
        ended = true;
        role.end();
        worksite.busy.remove(this);
        partition.close(lane.nowMs());
    }

    void delete() {
        ended = true;
        role.end();
        worksite.busy.remove(this);
        partition.delete(lane.nowMs());
    }

    /** The partition is on other brokers. */
    void leave() {
        ended = true;
        role.end();
        worksite.busy.remove(this);
        partition.leave(lane.nowMs());
    }

    @Override
    public void callAtEndOfTurn() {
        worksite.busy.add(this);
        if (endOfTurn == null) {
            endOfTurn = () -> partition.onEndOfTurn(lane.nowMs());
        }
        lane.endOfTurn(endOfTurn);
    }

    @Override
    public ByteBufAllocator allocator() {
        return worksite.budget.allocator();
    }

    @Override
    public boolean hasRoomFor(long bytes) {
        return worksite.budget.hasRoomFor(bytes);
    }

    @Override
    public void wakeAt(long atMs) {
        lane.schedule(atMs, this::tick);
    }

    @Override
    public long elapsedMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    @Override
    public void leading() {
        groups.onLeading(partition, lane, this::elapsedMs);
    }

    @Override
    public void resigned() {
        groups.onResigned(partition);
    }

    @Override
    public void stopped(Throwable cause) {
        faults.onPartitionStopped(id, role.isLeading(), cause);
        role.onStopped();
    }

    private void tick() {
        if (!ended) {
            partition.onTick(lane.nowMs());
        }
    }

    /**
     * What a lane has for its partitions.
     *
     * @param busy those that did something since memory was short for the last time, and may keep some
     */
    record Worksite(Lane lane, LaneJournal journal, InFlightBudget budget, Set<LocalPartition> busy) {
        /** Makes the partitions give back what they can read again. In the lane. */
        void giveMemoryBack() {
            busy.forEach(partition -> partition.partition().onMemoryShort());
            busy.clear();
        }
    }
}
