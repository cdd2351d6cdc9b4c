package io.millrace.simulation.broker;

import io.millrace.broker.group.GroupPartitions;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.log.PartitionStorage;
import io.millrace.broker.log.StorageException;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.partition.CatchUpThrottle;
import io.millrace.broker.partition.InSync;
import io.millrace.broker.partition.InSyncProposal;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.PartitionConfig;
import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.PartitionShell;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.replication.ReplicaRole;
import io.millrace.broker.replication.Replication;
import io.millrace.broker.session.HostedPartition;
import io.millrace.protocol.ErrorCode;
import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.check.ViolationError;
import io.millrace.simulation.kernel.Kernel;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.function.Consumer;

/** A partition at work on a simulated lane: its shell, as the real broker's is. */
final class SimPartition implements PartitionShell {
    /** How long a planted bug lets a new leader's clock be late. */
    private static final long LATE_NS = 20 * Kernel.MILLI;

    private static final long LEASE_MS = 1000;

    private final Destination destination;
    private final Worksite worksite;
    private final PartitionStorage storage;
    private final Partition partition;
    private final HostedPartition hosted;
    private final ReplicaRole role;
    private int seenEpoch = -1;
    private long toldNs = Long.MIN_VALUE / 2;
    private boolean ended;

    /**
     * What a partition needs of its broker.
     *
     * @param failed told when the disk of a partition fails
     */
    record Worksite(
            Kernel kernel,
            SimLane lane,
            LaneJournal journal,
            Replication replication,
            GroupPartitions groups,
            PlantedBug bug,
            Consumer<StorageException> failed) {}

    /** Opens it. */
    SimPartition(
            Destination destination,
            PartitionId id,
            PartitionStorage storage,
            PartitionConfig config,
            Worksite worksite) {
        this.destination = destination;
        this.worksite = worksite;
        this.storage = storage;
        this.partition = Partition.open(id, storage, worksite.journal, config, this, worksite.lane.nowMs());
        this.hosted = new HostedPartition(partition, worksite.lane);
        this.role = new ReplicaRole(partition, worksite.lane, worksite.replication);
    }

    PartitionId id() {
        return partition.id();
    }

    Destination destination() {
        return destination;
    }

    SimLane lane() {
        return worksite.lane;
    }

    Partition partition() {
        return partition;
    }

    HostedPartition hosted() {
        return hosted;
    }

    PartitionStorage storage() {
        return storage;
    }

    void onState(PartitionState state) {
        if (state.leaderEpoch() != seenEpoch) {
            seenEpoch = state.leaderEpoch();
            toldNs = worksite.kernel.nowNs();
        }
        role.onState(state);
    }

    boolean isLeading() {
        return role.isLeading();
    }

    void fence() {
        role.fence();
    }

    /** Has a fault of the code itself, which stops it. */
    void fail() {
        worksite.lane.execute(() -> partition.onFault(new DrawnFault()));
    }

    /** The fault of {@link #fail}. */
    private static final class DrawnFault extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DrawnFault() {
            super("a fault of the script's");
        }
    }

    void close() {
        ended = true;
        role.end();
        partition.close(worksite.lane.nowMs());
    }

    boolean isOutdated(PartitionState state) {
        return role.isOutdated(state);
    }

    void leave() {
        ended = true;
        role.end();
        partition.leave(worksite.lane.nowMs());
    }

    void delete() {
        ended = true;
        role.end();
        partition.delete(worksite.lane.nowMs());
    }

    // ---- the shell

    @Override
    public void callAtEndOfTurn() {
        worksite.lane.endOfTurn(() -> partition.onEndOfTurn(worksite.lane.nowMs()));
        if (worksite.bug == PlantedBug.REPORT_LOG_END) {
            role.onMoved(); // it reports before the disk has anything
        }
    }

    @Override
    public ByteBufAllocator allocator() {
        return UnpooledByteBufAllocator.DEFAULT;
    }

    @Override
    public void wakeAt(long atMs) {
        worksite.lane.schedule(atMs, () -> {
            if (!ended) {
                partition.onTick(worksite.lane.nowMs());
            }
        });
    }

    @Override
    public long elapsedMs() {
        long nowNs = worksite.kernel.nowNs();
        boolean isLate = worksite.bug == PlantedBug.LEAD_WITHOUT_WAITING && nowNs - toldNs < LATE_NS;
        return nowNs / Kernel.MILLI - (isLate ? LEASE_MS : 0);
    }

    @Override
    public CatchUpThrottle catchUpThrottle() {
        return worksite.replication.catchUpThrottle();
    }

    @Override
    public void replicaMoved() {
        role.onMoved();
    }

    @Override
    public void changeInSync(int leaderEpoch, InSync inSync, InSyncProposal wanted, Reply<InSync> reply) {
        role.changeInSync(leaderEpoch, inSync, wanted, reply);
        if (worksite.bug == PlantedBug.FORGET_PROPOSED) {
            // As if the change were known to be refused, while nobody knows yet.
            worksite.lane.execute(() -> partition.onAnswer(
                    () -> reply.fail(ErrorCode.INVALID_UPDATE_VERSION, "a planted bug takes it for refused")));
        }
    }

    @Override
    public void leading() {
        worksite.groups.onLeading(partition, worksite.lane, this::elapsedMs);
    }

    @Override
    public void resigned() {
        worksite.groups.onResigned(partition);
    }

    @Override
    public void stopped(Throwable cause) {
        if (cause instanceof StorageException failure) {
            worksite.failed.accept(failure);
        } else if (cause instanceof DrawnFault) {
            if (worksite.bug != PlantedBug.KEEP_STOPPED_REPLICA) {
                role.onStopped();
            }
        } else {
            throw new ViolationError("a partition stopped: " + cause, cause);
        }
    }
}
