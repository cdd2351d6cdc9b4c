package io.millrace.broker.metadata;

import io.millrace.broker.config.DestinationConfig;
import io.millrace.broker.metadata.DestinationPlan.RefusedException;
import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Has partitions moved to other brokers. Whoever is asked writes into a partition's state where it is to be; the controller ends the move when
 * all who are to hold it are in sync. Every method may be called from any thread; replies come on the metadata thread.
 */
public final class Reassignments {
    private final boolean alone;
    private final MetadataStore store;
    private final Executor thread;
    private final CurrentImage image;
    private final ClusterFollower follower;

    Reassignments(boolean alone, MetadataStore store, Executor thread, CurrentImage image, ClusterFollower follower) {
        this.alone = alone;
        this.store = store;
        this.thread = thread;
        this.image = image;
        this.follower = follower;
    }

    /**
     * Has a partition move to those brokers, the first of which is to be its preferred leader, in place of where it may be going; answers when
     * that is written, not when it has arrived. Fails with {@code INVALID_REPLICA_ASSIGNMENT}, {@code INVALID_REPLICATION_FACTOR}, {@code
     * NO_REASSIGNMENT_IN_PROGRESS} or {@code UNKNOWN_TOPIC_OR_PARTITION}.
     *
     * @param target or null, to go back to where it was before it began to move
     */
    public void alter(String topicName, int index, @Nullable List<Integer> target, Reply<PartitionState> reply) {
        List<Integer> wanted = target == null ? null : List.copyOf(target);
        thread.execute(() -> alterNow(topicName, index, wanted, false, reply));
    }

    /**
     * Has the first replica of a partition lead it; answers when that is written. Fails with {@code ELECTION_NOT_NEEDED} if it does, with {@code
     * PREFERRED_LEADER_NOT_AVAILABLE} if it is not in sync, not there or about to leave, or with {@code UNKNOWN_TOPIC_OR_PARTITION}.
     */
    public void electPreferred(String topicName, int index, Reply<PartitionState> reply) {
        thread.execute(() -> electNow(topicName, index, reply));
    }

    private void electNow(String topicName, int index, Reply<PartitionState> reply) {
        Destination destination = find(topicName, index, reply);
        if (destination == null) {
            return;
        }
        PartitionState present = destination.partitions().get(index);
        int preferred = present.replicas().get(0);
        boolean isWilling = !image.get().settings().maintenance().contains(preferred);
        if (present.leaderId() == preferred) {
            reply.fail(ErrorCode.ELECTION_NOT_NEEDED, "broker " + preferred + " leads it");
        } else if (isInSync(present, preferred) && isWilling) {
            write(destination, present.led(preferred), () -> electNow(topicName, index, reply), reply);
        } else {
            reply.fail(
                    ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE,
                    "broker " + preferred + " is not in sync, not there, or in maintenance");
        }
    }

    private @Nullable Destination find(String topicName, int index, Reply<PartitionState> reply) {
        Destination destination = image.findByTopicName(topicName);
        if (destination != null
                && index >= 0
                && index < destination.partitions().size()) {
            return destination;
        }
        reply.fail(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "there is no partition " + index + " of topic " + topicName);
        return null;
    }

    private void alterNow(
            String topicName, int index, @Nullable List<Integer> target, boolean isAgain, Reply<PartitionState> reply) {
        Destination destination = find(topicName, index, reply);
        if (destination == null) {
            return;
        }
        PartitionState present = destination.partitions().get(index);
        try {
            if (target == null && isAgain && !present.placement().isMoving()) {
                reply.complete(present); // it was done though its answer was lost, or has arrived meanwhile
                return;
            }
            PartitionState wanted = planned(destination, present, target);
            if (wanted.equals(present)) {
                reply.complete(present);
                return;
            }
            write(destination, wanted, () -> alterNow(topicName, index, target, true, reply), reply);
        } catch (RefusedException e) {
            reply.fail(e.error(), e.getMessage());
        }
    }

    /** @param again decides anew, since somebody else has changed the partition */
    private void write(Destination destination, PartitionState wanted, Runnable again, Reply<PartitionState> reply) {
        PartitionId id = destination.partitionId(wanted.index());
        String path = MetadataCodec.partitionPath(id.topicId(), id.index());
        StoreWrite write = new StoreWrite.Set(path, MetadataCodec.partition(wanted), wanted.version());
        store.write(
                List.of(write),
                Outcomes.handle(
                        versions -> follower.refresh(
                                List.of(path),
                                Outcomes.next(reply, none -> reply.complete(wanted.withVersion(versions.get(0))))),
                        failure -> {
                            switch (failure.reason()) {
                                case OTHER_VERSION ->
                                    follower.refresh(List.of(path), Outcomes.next(reply, none -> again.run()));
                                case ABSENT -> reply.fail(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, id + " was deleted");
                                case EXISTS, NO_ROOM, UNAVAILABLE -> Outcomes.fail(reply, failure);
                            }
                        }));
    }

    private PartitionState planned(Destination destination, PartitionState present, @Nullable List<Integer> target)
            throws RefusedException {
        if (alone) {
            throw new RefusedException(
                    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                    "this broker is alone: there are no others to move replicas to");
        }
        if (target == null) {
            if (!present.placement().isMoving()) {
                throw new RefusedException(
                        ErrorCode.NO_REASSIGNMENT_IN_PROGRESS,
                        destination.partitionId(present.index()) + " is not being moved");
            }
            return placed(destination, present, present.placement().origin());
        }
        check(destination, present, target);
        return placed(destination, present, target);
    }

    private void check(Destination destination, PartitionState present, List<Integer> target) throws RefusedException {
        if (target.isEmpty() || new HashSet<>(target).size() < target.size()) {
            throw new RefusedException(
                    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                    "a partition is on one broker or more, and on each once, not on " + target);
        }
        for (int id : target) {
            BrokerAddress broker = image.broker(id);
            boolean isThere = present.placement().origin().contains(id);
            if (!isThere && (broker == null || broker.draining())) {
                throw new RefusedException(
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "no living broker has the id " + id + "; those that live are " + image.brokerIds());
            }
        }
        int minInSync = minInSync(destination);
        if (target.size() < minInSync
                && target.size() < present.placement().origin().size()) {
            throw new RefusedException(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    DestinationConfig.MIN_INSYNC_REPLICAS + " of " + destination.name() + " is " + minInSync
                            + ", so with " + target.size() + " replicas it would take no message");
        }
    }

    /** On its way to the target. Who was being added and is not wanted any more goes at once, unless it alone has what is acknowledged. */
    private PartitionState placed(Destination destination, PartitionState present, List<Integer> target)
            throws RefusedException {
        Placement next = present.placement().towards(target);
        List<Integer> staying =
                present.isr().stream().filter(next.replicas()::contains).toList();
        int needed = Math.min(minInSync(destination), present.isr().size());
        if (staying.size() < Math.max(1, needed)
                && staying.size() < present.isr().size()) {
            throw new RefusedException(
                    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                    "of " + destination.partitionId(present.index()) + " are in sync " + present.isr()
                            + ", and without those that were being added " + staying
                            + ": too few; let the others come back first");
        }
        int leader = present.leaderId();
        if (leader != PartitionState.NO_LEADER && !next.replicas().contains(leader)) {
            leader = next.replicas().stream()
                    .filter(id -> isInSync(present, id))
                    .findFirst()
                    .orElseThrow(() -> new RefusedException(
                            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                            "broker " + present.leaderId() + ", which was being added, leads, and no other is in sync;"
                                    + " let one come back first"));
        }
        return present.placed(next, leader);
    }

    private boolean isInSync(PartitionState state, int id) {
        BrokerAddress broker = image.broker(id);
        return broker != null && !broker.draining() && state.inSyncSince(id) == broker.epoch();
    }

    private static int minInSync(Destination destination) {
        return destination.config().get(DestinationConfig.MIN_INSYNC_REPLICAS);
    }
}
