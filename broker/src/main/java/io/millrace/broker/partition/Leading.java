package io.millrace.broker.partition;

import io.millrace.broker.config.Durability;
import io.millrace.broker.delivery.DeliveryRecord;
import io.millrace.broker.delivery.DeliveryState;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.log.Log;
import io.millrace.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * A replica while it leads others: what they report moves the high watermarks, and who is in sync is kept as they come and fall behind.
 * Dropped whole when it leads no more, or in another epoch.
 *
 * <p>Owned by the partition's lane.
 */
final class Leading {
    private final Leadership leadership;
    private final PartitionId id;
    private final PartitionShell shell;
    private final Appends appends;
    private final DeliveryLog deliveries;
    private final Owner owner;
    private final InSyncReplicas replicas;
    /** Where the delivery log ended as this epoch began. */
    private long deliveryEndBefore;

    private boolean ended;

    /** What it asks of the partition. */
    interface Owner {
        void onMessagesCommitted();

        void onDeliveriesCommitted();

        void askEndOfTurn();

        void wakeAt(long atMs);
    }

    /**
     * @param deliverFromMs when every lease of a leader before has ended, in elapsed ms
     */
    Leading(
            Leadership leadership,
            PartitionId id,
            PartitionShell shell,
            Appends appends,
            DeliveryLog deliveries,
            Owner owner,
            long deliverFromMs) {
        this.leadership = leadership;
        this.id = id;
        this.shell = shell;
        this.appends = appends;
        this.deliveries = deliveries;
        this.owner = owner;
        this.replicas = new InSyncReplicas(
                leadership,
                appends.log(),
                appends.highWatermark(),
                deliveries.log(),
                deliveries.highWatermark(),
                shell.elapsedMs(),
                deliverFromMs);
    }

    InSyncReplicas replicas() {
        return replicas;
    }

    /** All that is in the logs is to be committed: the in-sync replicas have it, or get it. */
    void begin(DeliveryState state, LaneJournal journal, PartitionConfig config, long nowMs) {
        Log messages = appends.log();
        long known = Math.max(messages.logStartOffset(), Math.min(state.messageEnd(), messages.logEndOffset()));
        appends.highWatermark().lead(known, messages.logEndOffset(), replicas.replicatedMessages(onDisk(config)));
        long deliveryEnd = deliveries.log().logEndOffset();
        deliveryEndBefore = deliveryEnd;
        deliveries
                .highWatermark()
                .lead(
                        Math.min(state.deliveryEnd(), deliveryEnd),
                        deliveryEnd,
                        replicas.replicatedDeliveries(onDisk(config)));
        appends.fillTo(
                Math.max(state.messageEnd(), deliveries.largestMessageLogEnd()), leadership.leaderEpoch(), nowMs);
        replicas.onLed();
        journal.flush(true);
        owner.onMessagesCommitted();
        owner.onDeliveriesCommitted();
        owner.wakeAt(nowMs + Math.max(0, replicas.deliverFromMs() - shell.elapsedMs()));
    }

    /**
     * Whether something of this epoch is committed: then all who may lead later have cut what this log does not have. If not, this sees to it
     * that something will be.
     */
    boolean isEpochCommitted() {
        if (deliveries.highWatermark().offset() > deliveryEndBefore) {
            return true;
        }
        if (deliveries.log().logEndOffset() == deliveryEndBefore
                && deliveries.turn().isEmpty()) {
            deliveries.turn().add(new DeliveryRecord.Epoch(leadership.leaderEpoch()));
        }
        deliveries.turn().await();
        owner.askEndOfTurn();
        return false;
    }

    /** It leads no more: what is answered late counts for nothing. */
    void end() {
        ended = true;
    }

    private static boolean onDisk(PartitionConfig config) {
        return config.durability() == Durability.DISK;
    }

    boolean onPosition(
            int brokerId, ReplicaPosition position, ReplicaSink sink, ReplicaLease lease, PartitionConfig config) {
        boolean known = replicas.onPosition(brokerId, position, sink, lease, shell.elapsedMs());
        commit(config);
        return known;
    }

    /** What there is for a follower now; null if it is not connected by that sink. */
    @Nullable
    ReplicaData read(int brokerId, ReplicaSink sink, int maxBytes) {
        return replicas.read(brokerId, sink, maxBytes, shell.catchUpThrottle(), shell.elapsedMs());
    }

    /** Tells followers that there is something for them. */
    void signal(long nowMs) {
        long waitMs = replicas.signal(deliveries.awaitedEnd(), shell.catchUpThrottle(), shell.elapsedMs());
        if (waitMs > 0) {
            owner.wakeAt(nowMs + waitMs);
        }
    }

    void onInSync(InSync inSync, PartitionConfig config) {
        replicas.onInSync(inSync);
        commit(config);
    }

    /** Commits what all have who may be in sync. */
    private void commit(PartitionConfig config) {
        if (appends.highWatermark().onReplicated(replicas.replicatedMessages(onDisk(config)))) {
            owner.onMessagesCommitted();
        }
        if (deliveries.highWatermark().onReplicated(replicas.replicatedDeliveries(onDisk(config)))) {
            owner.onDeliveriesCommitted();
        }
        owner.askEndOfTurn();
    }

    /** Asks that who is in sync be changed, if it is to be. */
    void keepInSync(PartitionConfig config, long nowMs) {
        replicas.tellWhatMoved();
        InSyncProposal wanted = replicas.propose(config.maxLagMs(), shell.elapsedMs());
        if (wanted != null) {
            int number = replicas.lastProposal();
            replicas.logChange(id, wanted);
            commit(config); // from now on nothing is committed without whoever may be in sync then
            shell.changeInSync(leadership.leaderEpoch(), replicas.inSync(), wanted, new Reply<>() {
                @Override
                public void complete(InSync changed) {
                    if (!ended) {
                        onInSync(changed, config);
                    }
                }

                @Override
                public void fail(ErrorCode error, String message) {
                    if (!ended) {
                        replicas.onProposalFailed(number, error, shell.elapsedMs());
                        commit(config);
                    }
                }
            });
        }
        owner.wakeAt(nextTickMs(config, nowMs));
    }

    /** When something is to be told or asked, though nothing happens until then; {@link Long#MAX_VALUE} for never. */
    long nextTickMs(PartitionConfig config, long nowMs) {
        long pauseMs = replicas.pauseMs(config.maxLagMs(), shell.elapsedMs());
        return pauseMs == InSyncReplicas.AT_REST ? Long.MAX_VALUE : nowMs + pauseMs;
    }
}
