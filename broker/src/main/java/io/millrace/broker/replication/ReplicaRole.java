package io.millrace.broker.replication;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.partition.InSync;
import io.millrace.broker.partition.InSyncProposal;
import io.millrace.broker.partition.Leadership;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.ReplicaData;
import io.millrace.broker.partition.ReplicaPosition;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one replica is at the moment: it leads, it follows, or does neither, as the cluster's metadata says. Brings its partition that word,
 * its fetcher the partition's positions, and the metadata the in-sync set that the partition asks for. Owned by the partition's lane.
 */
public final class ReplicaRole implements Follower {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaRole.class);
    private static final int NOT_LEADING = -1;
    /** After what time a stopped replica that could not be given up is tried again. */
    private static final long RESIGN_AGAIN_MS = 1000;

    private final int self;
    private final Partition partition;
    private final Lane lane;
    private final Replication replication;
    private final ReplicaKey key;
    private @Nullable PartitionState taken;
    private int ledEpoch = NOT_LEADING;
    private int followedEpoch;
    private @Nullable ReplicaFetcher fetcher;
    /** How many leaders before have not been told yet that they are not followed any more. */
    private int forgetting;
    /** Whether it is to lead as soon as all of those are told. */
    private boolean isToLead;
    /** Whether the fetcher has asked for a position: it drops what it is told before. */
    private boolean isAsked;

    private boolean moved;
    private boolean stopped;
    /** Whether the cluster was asked to do without this replica, or will be asked again. */
    private boolean isResigning;

    private boolean ended;

    /** A role of neither kind, for a partition that was just opened. */
    public ReplicaRole(Partition partition, Lane lane, Replication replication) {
        this.self = replication.self();
        this.partition = partition;
        this.lane = lane;
        this.replication = replication;
        this.key = new ReplicaKey(partition.id().topicId(), partition.id().index());
    }

    /** Takes a state of the cluster, unless a later one was taken. */
    public void onState(PartitionState state) {
        if (isOutdated(state)) {
            return;
        }
        taken = state;
        if (state.leaderId() == self) {
            lead(state);
        } else if (state.leaderId() == PartitionState.NO_LEADER) {
            fence();
        } else {
            follow(state);
        }
        resign();
    }

    /** Whether a later state of the cluster was taken than that one. */
    public boolean isOutdated(PartitionState state) {
        PartitionState last = taken;
        return last != null && (state.leaderEpoch() < last.leaderEpoch() || state.version() < last.version());
    }

    /** Whether the replica leads, or is about to. */
    public boolean isLeading() {
        return isToLead || ledEpoch != NOT_LEADING;
    }

    /** Nothing here leads or follows until a state says so. */
    public void fence() {
        ledEpoch = NOT_LEADING;
        isToLead = false;
        partition.onFenced(lane.nowMs());
        unfollow();
    }

    /** The partition has stopped by itself and refuses everything: others are to lead it, and not to wait for this replica. */
    public void onStopped() {
        stopped = true;
        resign();
    }

    /** A stopped replica leaves the in-sync set, whatever it is named as; the last one stays, and waits for another. */
    private void resign() {
        PartitionState state = taken;
        if (!stopped
                || ended
                || isResigning
                || state == null
                || !state.isr().contains(self)
                || state.isr().size() == 1) {
            return;
        }
        isResigning = true;
        replication.inSyncSets().resign(partition.id(), self, state.version(), new Reply<>() {
            @Override
            public void complete(PartitionState left) {
                lane.execute(() -> {
                    isResigning = false;
                    LOG.atWarn()
                            .addKeyValue("partition", partition.id())
                            .addKeyValue("inSync", left.isr())
                            .log(
                                    "a replica that has stopped is not in sync any more; a restart of the broker brings it back");
                    onState(left);
                });
            }

            @Override
            public void fail(ErrorCode error, String message) {
                lane.execute(() -> lane.schedule(lane.nowMs() + RESIGN_AGAIN_MS, () -> {
                    isResigning = false;
                    resign();
                }));
            }
        });
    }

    /** The partition is about to be closed or deleted. */
    public void end() {
        ended = true;
        unfollow();
    }

    private void lead(PartitionState state) {
        if (ledEpoch == state.leaderEpoch()) {
            partition.onInSync(new InSync(state.isr(), state.version()), lane.nowMs());
            return;
        }
        isToLead = true;
        unfollow();
        leadIfForgotten();
    }

    /** Leads as the newest state says. The lease of a leader before ends only when nothing more is answered to it. */
    private void leadIfForgotten() {
        PartitionState state = taken;
        if (!isToLead || forgetting > 0 || ended || state == null) {
            return;
        }
        isToLead = false;
        ledEpoch = state.leaderEpoch();
        Leadership leadership;
        try {
            InSync inSync = new InSync(state.isr(), state.version());
            leadership = new Leadership(
                    state.leaderEpoch(),
                    self,
                    state.replicas(),
                    inSync,
                    state.placement().isMoved());
        } catch (IllegalArgumentException e) {
            partition.onFault(e);
            return;
        }
        partition.onLeader(leadership, lane.nowMs());
    }

    private void follow(PartitionState state) {
        boolean isInSync = state.isr().contains(self);
        if (fetcher != null && followedEpoch == state.leaderEpoch()) {
            if (!isInSync) {
                partition.onLeftInSync();
            }
            return;
        }
        ledEpoch = NOT_LEADING;
        isToLead = false;
        unfollow();
        isAsked = false;
        partition.onFollow(state.leaderEpoch(), isInSync, lane.nowMs());
        ReplicaFetcher leader = replication.fetcher(state.leaderId());
        followedEpoch = state.leaderEpoch();
        fetcher = leader;
        leader.follow(key, this);
    }

    private void unfollow() {
        ReplicaFetcher last = fetcher;
        fetcher = null;
        if (last != null) {
            forgetting++;
            last.forget(
                    key,
                    () -> lane.execute(() -> {
                        forgetting--;
                        leadIfForgotten();
                    }));
        }
    }

    // ---- between the fetcher and the partition

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
        isAsked = true;
        partition.onLeaderDisconnected();
        onMoved();
    }

    /** The partition has a new position to tell. */
    public void onMoved() {
        if (!moved && !ended) {
            moved = true;
            lane.endOfTurn(this::tellPosition);
        }
    }

    private void tellPosition() {
        moved = false;
        ReplicaFetcher leader = fetcher;
        ReplicaPosition position = leader == null || !isAsked || ended ? null : partition.takeReplicaPosition();
        if (leader != null && position != null) {
            leader.onPosition(key, position);
        }
    }

    /** The partition, which leads, wants these to be in sync. */
    public void changeInSync(int leaderEpoch, InSync inSync, InSyncProposal wanted, Reply<InSync> reply) {
        replication
                .inSyncSets()
                .change(
                        partition.id(),
                        leaderEpoch,
                        wanted.members(),
                        wanted.brokerEpochs(),
                        inSync.version(),
                        new Reply<>() {
                            @Override
                            public void complete(PartitionState state) {
                                lane.execute(() -> partition.onAnswer(
                                        () -> reply.complete(new InSync(state.isr(), state.version()))));
                            }

                            @Override
                            public void fail(ErrorCode error, String message) {
                                lane.execute(() -> partition.onAnswer(() -> reply.fail(error, message)));
                            }
                        });
    }
}
