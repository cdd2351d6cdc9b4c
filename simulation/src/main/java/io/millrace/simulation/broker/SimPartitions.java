package io.millrace.simulation.broker;

import io.millrace.broker.delivery.ConnectionInfo;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.broker.log.StorageException;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.DurableSubscription;
import io.millrace.broker.metadata.PartitionHost;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.partition.FirstAnswer;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.partition.SubscriptionSpec;
import io.millrace.broker.replication.RemoteSubscriptions;
import io.millrace.broker.session.HostedPartition;
import io.millrace.broker.session.PartitionDirectory;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The partitions of a simulated broker, each pinned to one of its lanes. */
final class SimPartitions implements PartitionHost, PartitionDirectory {
    private static final long RETURN_MS = 50;
    private static final long HAND_OVER_MS = 50;

    private static final Reply<@Nullable Void> NOBODY = new Reply<>() {
        @Override
        public void complete(@Nullable Void value) {}

        @Override
        public void fail(ErrorCode error, String message) {}
    };

    /** What runs partitions. */
    interface Site {
        /** Opens a partition on its lane. */
        SimPartition open(Destination destination, PartitionId id, int lane);

        /** Deletes the files of a partition that is not open. */
        void delete(PartitionId id);

        /** Whether a partition was deleted and can not be opened again yet; asks for that. */
        boolean isDeleted(PartitionId id);

        /** A partition could not be opened. */
        void failed(StorageException cause);
    }

    private final int self;
    private final List<SimLane> lanes;
    private final RemoteSubscriptions remote;
    private final Site site;
    private final Map<UUID, Map<Integer, SimPartition>> byTopic = new TreeMap<>();
    private final Map<PartitionId, PartitionState> returning = new HashMap<>();

    SimPartitions(int self, List<SimLane> lanes, RemoteSubscriptions remote, Site site) {
        this.remote = remote;
        this.self = self;
        this.lanes = lanes;
        this.site = site;
    }

    /** All that are open, in the order of their topics' ids. */
    List<SimPartition> all() {
        List<SimPartition> all = new ArrayList<>();
        byTopic.values().forEach(partitions -> all.addAll(partitions.values()));
        return all;
    }

    private @Nullable SimPartition get(PartitionId id) {
        return byTopic.getOrDefault(id.topicId(), Map.of()).get(id.index());
    }

    @Override
    public @Nullable HostedPartition find(UUID topicId, int partition) {
        SimPartition found = byTopic.getOrDefault(topicId, Map.of()).get(partition);
        return found == null ? null : found.hosted();
    }

    @Override
    public void onState(Destination destination, PartitionState state, Reply<@Nullable Void> reply) {
        PartitionId id = destination.partitionId(state.index());
        int pinned = laneOf(id);
        SimLane lane = lanes.get(pinned);
        lane.execute(() -> {
            returning.remove(id);
            SimPartition present = get(id);
            SimPartition partition = present;
            if (!state.isOn(self)) {
                delete(() -> leave(id, present, state), reply);
                return;
            }
            if (partition == null && site.isDeleted(id)) {
                returning.put(id, state);
                lane.schedule(lane.nowMs() + RETURN_MS, () -> {
                    if (state.equals(returning.get(id))) {
                        onState(destination, state, NOBODY);
                    }
                });
                Reply.done(reply);
                return;
            }
            if (partition == null) {
                try {
                    partition = site.open(destination, id, pinned);
                } catch (StorageException e) {
                    site.failed(e);
                    reply.fail(ErrorCode.KAFKA_STORAGE_ERROR, String.valueOf(e.getMessage()));
                    return;
                }
                byTopic.computeIfAbsent(id.topicId(), topic -> new TreeMap<>()).put(id.index(), partition);
            }
            partition.onState(state);
            Reply.done(reply);
        });
    }

    /** A disk that fails under a deletion stops the broker. */
    private void delete(Runnable deletion, Reply<@Nullable Void> reply) {
        try {
            deletion.run();
        } catch (StorageException e) {
            site.failed(e);
            reply.fail(ErrorCode.KAFKA_STORAGE_ERROR, String.valueOf(e.getMessage()));
            return;
        }
        Reply.done(reply);
    }

    private void leave(PartitionId id, @Nullable SimPartition partition, PartitionState state) {
        if (partition == null) {
            site.delete(id);
        } else if (!partition.isOutdated(state)) {
            byTopic.getOrDefault(id.topicId(), Map.of()).remove(id.index());
            partition.leave();
        }
    }

    @Override
    public void handOver(PartitionId id, Reply<@Nullable Void> reply) {
        SimLane lane = lanes.get(laneOf(id));
        onLane(
                id,
                (partition, nowMs) -> {
                    Reply<@Nullable Void> first = new FirstAnswer<>(reply);
                    lane.schedule(
                            nowMs + HAND_OVER_MS, () -> first.fail(ErrorCode.REQUEST_TIMED_OUT, "it took too long"));
                    partition.onHandOver(first);
                },
                () -> Reply.done(reply));
    }

    @Override
    public void onSessionLost() {
        for (SimPartition partition : all()) {
            partition.lane().execute(partition::fence);
        }
    }

    @Override
    public void configure(Destination destination, int index) {}

    @Override
    public void delete(PartitionId id, Reply<@Nullable Void> reply) {
        returning.remove(id);
        SimPartition partition = get(id);
        if (partition == null) {
            delete(() -> site.delete(id), reply);
            return;
        }
        byTopic.getOrDefault(id.topicId(), Map.of()).remove(id.index());
        partition.lane().execute(() -> delete(partition::delete, reply));
    }

    @Override
    public void openSubscription(
            PartitionId id, DurableSubscription subscription, ConnectionInfo by, Reply<@Nullable Void> reply) {
        SubscriptionSpec spec = new SubscriptionSpec(
                keyOf(subscription), subscription.incarnation(), subscription.selector(), subscription.noLocal());
        onLane(
                id,
                (partition, nowMs) -> partition.onOpenSubscription(spec, by, reply, nowMs),
                () -> remote.open(id, subscription, by, reply));
    }

    @Override
    public void closeSubscription(
            PartitionId id, DurableSubscription subscription, ConnectionInfo by, Reply<@Nullable Void> reply) {
        onLane(
                id,
                (partition, nowMs) -> partition.onCloseSubscription(keyOf(subscription), by, reply, nowMs),
                () -> remote.close(id, subscription, by, reply));
    }

    private void onLane(PartitionId id, BiConsumer<Partition, Long> here, Runnable elsewhere) {
        SimLane lane = lanes.get(laneOf(id));
        lane.execute(() -> {
            SimPartition found = get(id);
            if (found == null || !found.isLeading()) {
                elsewhere.run();
            } else {
                here.accept(found.partition(), lane.nowMs());
            }
        });
    }

    private int laneOf(PartitionId id) {
        return Math.floorMod(id.topicName().hashCode() + id.index(), lanes.size());
    }

    private static SubscriptionKey keyOf(DurableSubscription subscription) {
        return SubscriptionKey.durable(subscription.clientId(), subscription.name());
    }

    /** Lets the caller see all of them. */
    void forEach(Consumer<SimPartition> action) {
        all().forEach(action);
    }
}
