package io.millrace.simulation.broker;

import io.millrace.broker.delivery.ConnectionInfo;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.broker.log.StorageException;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.DurableSubscription;
import io.millrace.broker.metadata.PartitionHost;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.partition.SubscriptionSpec;
import io.millrace.broker.session.HostedPartition;
import io.millrace.broker.session.PartitionDirectory;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The partitions of a simulated broker, each pinned to one of its lanes. */
final class SimPartitions implements PartitionHost, PartitionDirectory {
    /** Opens a partition on its lane and leads it. */
    interface Opener {
        Partition open(Destination destination, PartitionId id, int leaderEpoch, int lane);
    }

    /** A partition with what it is for. */
    record Hosted(PartitionId id, Destination destination, HostedPartition hosted) {}

    private final int self;
    private final List<SimLane> lanes;
    private final Opener opener;
    private final Consumer<PartitionId> deleter;
    private final Consumer<StorageException> onFailure;
    private final Map<UUID, Map<Integer, Hosted>> byTopic = new TreeMap<>();

    SimPartitions(
            int self,
            List<SimLane> lanes,
            Opener opener,
            Consumer<PartitionId> deleter,
            Consumer<StorageException> onFailure) {
        this.self = self;
        this.onFailure = onFailure;
        this.lanes = lanes;
        this.opener = opener;
        this.deleter = deleter;
    }

    /** All that are open, in the order of their topics' ids. */
    List<Hosted> all() {
        List<Hosted> all = new ArrayList<>();
        byTopic.values().forEach(partitions -> all.addAll(partitions.values()));
        return all;
    }

    @Override
    public @Nullable HostedPartition find(UUID topicId, int partition) {
        Hosted hosted = byTopic.getOrDefault(topicId, Map.of()).get(partition);
        return hosted == null ? null : hosted.hosted;
    }

    @Override
    public void onState(Destination destination, PartitionState state, Reply<@Nullable Void> reply) {
        PartitionId id = destination.partitionId(state.index());
        if (!state.isOn(self) || find(id.topicId(), id.index()) != null) {
            Reply.done(reply);
            return;
        }
        int pinned = Math.floorMod(id.topicName().hashCode() + id.index(), lanes.size());
        SimLane lane = lanes.get(pinned);
        lane.execute(() -> {
            if (find(id.topicId(), id.index()) != null) {
                Reply.done(reply);
                return;
            }
            Partition partition;
            try {
                partition = opener.open(destination, id, state.leaderEpoch(), pinned);
            } catch (StorageException e) {
                onFailure.accept(e);
                reply.fail(ErrorCode.KAFKA_STORAGE_ERROR, String.valueOf(e.getMessage()));
                return;
            }
            byTopic.computeIfAbsent(id.topicId(), topic -> new TreeMap<>())
                    .put(id.index(), new Hosted(id, destination, new HostedPartition(partition, lane)));
            Reply.done(reply);
        });
    }

    @Override
    public void onSessionLost() {}

    @Override
    public void configure(Destination destination, int index) {}

    @Override
    public void delete(PartitionId id, Reply<@Nullable Void> reply) {
        Hosted hosted = byTopic.getOrDefault(id.topicId(), Map.of()).get(id.index());
        if (hosted == null) {
            deleter.accept(id);
            Reply.done(reply);
            return;
        }
        byTopic.getOrDefault(id.topicId(), Map.of()).remove(id.index());
        hosted.hosted.lane().execute(() -> {
            hosted.hosted.partition().delete(hosted.hosted.lane().nowMs());
            Reply.done(reply);
        });
    }

    @Override
    public void openSubscription(
            PartitionId id, DurableSubscription subscription, ConnectionInfo by, Reply<@Nullable Void> reply) {
        onLane(
                id,
                reply,
                partition -> partition.onOpenSubscription(
                        new SubscriptionSpec(
                                keyOf(subscription),
                                subscription.incarnation(),
                                subscription.selector(),
                                subscription.noLocal()),
                        by,
                        reply,
                        lanes.get(0).nowMs()));
    }

    @Override
    public void closeSubscription(
            PartitionId id, DurableSubscription subscription, ConnectionInfo by, Reply<@Nullable Void> reply) {
        onLane(
                id,
                reply,
                partition -> partition.onCloseSubscription(
                        keyOf(subscription), by, reply, lanes.get(0).nowMs()));
    }

    private void onLane(PartitionId id, Reply<@Nullable Void> reply, Consumer<Partition> call) {
        HostedPartition hosted = find(id.topicId(), id.index());
        if (hosted == null) {
            reply.fail(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, id + " is not here");
        } else {
            hosted.lane().execute(() -> call.accept(hosted.partition()));
        }
    }

    private static SubscriptionKey keyOf(DurableSubscription subscription) {
        return SubscriptionKey.durable(subscription.clientId(), subscription.name());
    }
}
