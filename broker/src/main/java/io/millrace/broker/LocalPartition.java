package io.millrace.broker;

import io.millrace.broker.group.GroupPartitions;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.lane.Lane;
import io.millrace.broker.log.PartitionStorage;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.partition.InSync;
import io.millrace.broker.partition.InSyncProposal;
import io.millrace.broker.partition.Leadership;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.PartitionShell;
import io.millrace.broker.partition.ReplicaData;
import io.millrace.broker.partition.ReplicaPosition;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.replication.Follower;
import io.millrace.broker.replication.ReplicaFetcher;
import io.millrace.broker.replication.ReplicaKey;
import io.millrace.broker.server.InFlightBudget;
import io.millrace.broker.session.HostedPartition;
import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBufAllocator;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A partition at work on its lane: its shell, which runs what it asks for, and brings it the cluster's word on who leads. Owned by the lane. */
final class LocalPartition implements PartitionShell, Follower {
    private static final int NOT_LEADING = -1;

    private final PartitionId id;
    private final Lane lane;
    private final Worksite worksite;
    private final PartitionSettings settings;
    private final FaultHandler faults;
    private final Replication replication;
    private final ReplicaKey key;
    private final GroupPartitions groups;
    private final PartitionStorage storage;
    private final Partition partition;
    private final HostedPartition hosted;
    private @Nullable Runnable endOfTurn;
    private @Nullable PartitionState taken;
    private int ledEpoch = NOT_LEADING;
    private int followedEpoch;
    private @Nullable ReplicaFetcher fetcher;
    private boolean moved;
    private boolean ended;

    /** Opens the partition on its storage; in its lane. */
    LocalPartition(
            Destination destination,
            int index,
            Worksite worksite,
            PartitionStorage storage,
            PartitionServices services) {
        this.id = destination.partitionId(index);
        this.key = new ReplicaKey(id.topicId(), index);
        this.replication = services.replication();
        this.lane = worksite.lane();
        this.worksite = worksite;
        this.settings = services.settings();
        this.faults = services.faults();
        this.groups = services.groups();
        this.storage = storage;
        this.partition =
                Partition.open(id, storage, worksite.journal(), settings.partition(destination), this, lane.nowMs());
        this.hosted = new HostedPartition(partition, lane);
    }

    HostedPartition hosted() {
        return hosted;
    }

    boolean isLeading() {
        return ledEpoch != NOT_LEADING;
    }

    Partition partition() {
        return partition;
    }

    /** Takes a state of the cluster, unless a later one was taken. */
    void onState(PartitionState state, int self) {
        PartitionState last = taken;
        boolean older = last != null && (state.leaderEpoch() < last.leaderEpoch() || state.version() < last.version());
        if (older) {
            return;
        }
        taken = state;
        if (state.leaderId() == self) {
            lead(state, self);
        } else if (state.leaderId() == PartitionState.NO_LEADER) {
            fence();
        } else {
            follow(state);
        }
    }

    /** Nothing here leads or follows until a state says so. */
    void fence() {
        ledEpoch = NOT_LEADING;
        partition.onFenced(lane.nowMs());
        unfollow(() -> {});
    }

    private void lead(PartitionState state, int self) {
        InSync inSync = new InSync(state.isr(), state.version());
        if (ledEpoch == state.leaderEpoch()) {
            partition.onInSync(inSync, lane.nowMs());
            return;
        }
        Leadership leadership = new Leadership(state.leaderEpoch(), self, state.replicas(), inSync);
        if (fetcher == null) {
            lead(leadership);
            return;
        }
        // The lease of the leader before ends only when nothing more is answered to it.
        unfollow(() -> lane.execute(() -> {
            if (!ended && state.equals(taken)) {
                lead(leadership);
            }
        }));
    }

    private void lead(Leadership leadership) {
        ledEpoch = leadership.leaderEpoch();
        partition.onLeader(leadership, lane.nowMs());
    }

    private void follow(PartitionState state) {
        if (fetcher != null && followedEpoch == state.leaderEpoch()) {
            return;
        }
        ledEpoch = NOT_LEADING;
        unfollow(() -> {});
        partition.onFollow(state.leaderEpoch(), lane.nowMs());
        ReplicaFetcher leader = replication.fetcher(state.leaderId());
        followedEpoch = state.leaderEpoch();
        fetcher = leader;
        leader.follow(key, this);
    }

    private void unfollow(Runnable then) {
        ReplicaFetcher last = fetcher;
        fetcher = null;
        if (last == null) {
            then.run();
        } else {
            last.forget(key, then);
        }
    }

    @Override
    public Lane lane() {
        return lane;
    }

    @Override
    public void onData(ReplicaData data) {
        if (!ended) {
            partition.onReplicaData(data, lane.nowMs());
        }
    }

    @Override
    public void beginAnew() {
        partition.onLeaderDisconnected();
        replicaMoved();
    }

    @Override
    public void replicaMoved() {
        if (!moved && !ended) {
            moved = true;
            lane.endOfTurn(this::tellPosition);
        }
    }

    private void tellPosition() {
        moved = false;
        ReplicaFetcher leader = fetcher;
        ReplicaPosition position = leader == null || ended ? null : partition.takeReplicaPosition();
        if (leader != null && position != null) {
            leader.onPosition(key, position);
        }
    }

    @Override
    public void changeInSync(int leaderEpoch, InSync inSync, InSyncProposal wanted, Reply<InSync> reply) {
        replication
                .inSyncSets()
                .change(id, leaderEpoch, wanted.members(), wanted.brokerEpochs(), inSync.version(), new Reply<>() {
                    @Override
                    public void complete(PartitionState state) {
                        lane.execute(() -> reply.complete(new InSync(state.isr(), state.version())));
                    }

                    @Override
                    public void fail(ErrorCode error, String message) {
                        lane.execute(() -> reply.fail(error, message));
                    }
                });
    }

    void configure(Destination destination) {
        storage.messages().configure(settings.messages(destination));
        storage.deliveries().configure(settings.deliveries(destination));
        partition.onConfig(settings.partition(destination), lane.nowMs());
    }

    void close() {
        ended = true;
        unfollow(() -> {});
        worksite.busy.remove(this);
        partition.close(lane.nowMs());
    }

    void delete() {
        ended = true;
        unfollow(() -> {});
        worksite.busy.remove(this);
        partition.delete(lane.nowMs());
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
        groups.onLeading(partition, lane);
    }

    @Override
    public void resigned() {
        groups.onResigned(partition);
    }

    @Override
    public void stopped(Throwable cause) {
        faults.onPartitionStopped(id, cause);
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
