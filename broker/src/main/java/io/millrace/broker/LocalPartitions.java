package io.millrace.broker;

import io.millrace.broker.LocalPartition.Worksite;
import io.millrace.broker.delivery.ConnectionInfo;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.broker.disk.Journal;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.lane.Lane;
import io.millrace.broker.log.PartitionStorage;
import io.millrace.broker.log.PartitionStore;
import io.millrace.broker.log.StorageException;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.DurableSubscription;
import io.millrace.broker.metadata.PartitionHost;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.partition.FirstAnswer;
import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.partition.SubscriptionSpec;
import io.millrace.broker.server.Lanes;
import io.millrace.broker.server.NettyLane;
import io.millrace.broker.session.HostedPartition;
import io.millrace.broker.session.PartitionDirectory;
import io.millrace.protocol.ErrorCode;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions that this broker holds, each opened and called on the lane that it is pinned to. For any thread; the
 * map is written by each partition's lane for its own partitions only.
 */
final class LocalPartitions implements PartitionHost, PartitionDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(LocalPartitions.class);

    /** After what time it is looked again whether a partition can be opened that was here before. */
    private static final long RETURN_MS = 200;
    /** Far more than a follower in sync takes, and little beside what a stop takes. */
    private static final long HAND_OVER_MS = 300;

    private final int self;
    private final Lanes lanes;
    private final Journal journal;
    private final PartitionStore store;
    private final PartitionSettings settings;
    private final PartitionServices services;
    private final Map<Lane, Worksite> worksites = new ConcurrentHashMap<>();
    private final Map<UUID, AtomicReferenceArray<@Nullable LocalPartition>> open = new ConcurrentHashMap<>();
    /** Partitions that come again, and whose deletion is not forgotten yet, with their latest states. */
    private final Map<PartitionId, PartitionState> returning = new ConcurrentHashMap<>();

    LocalPartitions(int self, Lanes lanes, Journal journal, PartitionServices services) {
        this.self = self;
        this.lanes = lanes;
        this.journal = journal;
        this.store = journal.partitions();
        this.settings = services.settings();
        this.services = services;
        for (int i = 0; i < lanes.count(); i++) {
            NettyLane lane = lanes.lane(i);
            LaneJournal laneJournal = journal.lane(lane);
            lane.onHandOver(laneJournal::handOver);
            Worksite worksite = new Worksite(lane, laneJournal, lanes.budget(), new LinkedHashSet<>());
            lane.onMemoryShort(worksite::giveMemoryBack);
            worksites.put(lane, worksite);
        }
    }

    @Override
    public int countOnDisk() {
        return store.list().size();
    }

    @Override
    public @Nullable HostedPartition find(UUID topicId, int index) {
        LocalPartition partition = get(topicId, index);
        return partition == null ? null : partition.hosted();
    }

    @Override
    public void onState(Destination destination, PartitionState state, Reply<@Nullable Void> reply) {
        PartitionId id = destination.partitionId(state.index());
        onLane(id, reply, lane -> {
            returning.remove(id);
            if (!state.isOn(self)) {
                leave(id, state);
            } else if (get(id.topicId(), id.index()) == null && store.isDeleted(id.topicId(), id.index())) {
                openLater(destination, state, lane);
            } else {
                take(destination, id, state, lane);
            }
            Reply.done(reply);
        });
    }

    private void take(Destination destination, PartitionId id, PartitionState state, Lane lane) {
        LocalPartition partition = get(id.topicId(), id.index());
        if (partition == null) {
            partition = open(destination, id, lane);
            add(id, destination.partitions().size(), partition);
        }
        partition.role().onState(state);
    }

    /** The partition was here until a moment ago: its tombstone goes first. */
    private void openLater(Destination destination, PartitionState state, Lane lane) {
        PartitionId id = destination.partitionId(state.index());
        returning.put(id, state);
        journal.requestCheckpoint();
        lane.schedule(lane.nowMs() + RETURN_MS, () -> {
            if (state.equals(returning.get(id))) { // none was taken since
                onState(destination, state, new Reply<>() {
                    @Override
                    public void complete(@Nullable Void value) {}

                    @Override
                    public void fail(ErrorCode error, String message) {
                        LOG.error("partition {} is not served here: {}", id, message);
                    }
                });
            }
        });
    }

    /** Only what is of an earlier state goes; who is told of the states in their order has no other. */
    private void leave(PartitionId id, PartitionState state) {
        LocalPartition partition = get(id.topicId(), id.index());
        if (partition == null) {
            delete(id, () -> store.delete(id.topicId(), id.index()));
        } else if (!partition.role().isOutdated(state)) {
            LOG.atInfo()
                    .addKeyValue("partition", id)
                    .addKeyValue("replicas", state.replicas())
                    .log("a replica was moved to other brokers: its files are deleted");
            remove(id);
            delete(id, partition::leave);
        }
    }

    /**
     * A disk that fails here has failed as under a partition at work: nobody knows whether a tombstone is on it, which the next start would take
     * for the end of a replica that has come again since.
     */
    private void delete(PartitionId id, Runnable deletion) {
        try {
            deletion.run();
        } catch (StorageException e) {
            services.faults().onPartitionStopped(id, false, e);
            throw e;
        }
    }

    private LocalPartition open(Destination destination, PartitionId id, Lane lane) {
        Worksite worksite = worksites.get(lane);
        if (worksite == null) {
            throw new IllegalStateException("a lane without a journal");
        }
        PartitionStorage storage = store.open(
                id.topicId(),
                id.index(),
                settings.messages(destination),
                settings.deliveries(destination),
                worksite.journal().dirtyLogs());
        return new LocalPartition(destination, id.index(), worksite, storage, services);
    }

    @Override
    public void handOver(PartitionId id, Reply<@Nullable Void> reply) {
        onLane(id, reply, lane -> {
            LocalPartition partition = get(id.topicId(), id.index());
            if (partition == null) {
                Reply.done(reply);
                return;
            }
            Reply<@Nullable Void> first = new FirstAnswer<>(reply);
            lane.schedule(
                    lane.nowMs() + HAND_OVER_MS,
                    () -> first.fail(ErrorCode.REQUEST_TIMED_OUT, id + " waited for " + HAND_OVER_MS + " ms"));
            partition.partition().onHandOver(first);
        });
    }

    @Override
    public void onSessionLost() {
        LOG.warn("the broker does not belong to the cluster at the moment: it leads nothing");
        open.forEach((topicId, partitions) -> {
            for (int index = 0; index < partitions.length(); index++) {
                LocalPartition partition = partitions.get(index);
                if (partition != null) {
                    partition.role().lane().execute(partition.role()::fence);
                }
            }
        });
    }

    @Override
    public void configure(Destination destination, int index) {
        lanes.laneOf(destination.topicId(), index).execute(() -> {
            LocalPartition partition = get(destination.topicId(), index);
            if (partition != null) {
                partition.configure(destination);
            }
        });
    }

    @Override
    public void delete(PartitionId id, Reply<@Nullable Void> reply) {
        onLane(id, reply, lane -> {
            returning.remove(id);
            LocalPartition partition = remove(id);
            delete(id, partition != null ? partition::delete : () -> store.delete(id.topicId(), id.index()));
            Reply.done(reply);
        });
    }

    @Override
    public void openSubscription(
            PartitionId id, DurableSubscription subscription, ConnectionInfo by, Reply<@Nullable Void> reply) {
        SubscriptionSpec spec = new SubscriptionSpec(
                SubscriptionKey.durable(subscription.clientId(), subscription.name()),
                subscription.incarnation(),
                subscription.selector(),
                subscription.noLocal());
        onLane(id, reply, lane -> {
            LocalPartition partition = get(id.topicId(), id.index());
            if (partition == null || !partition.role().isLeading()) {
                services.remote().open(id, subscription, by, reply);
            } else {
                partition.partition().onOpenSubscription(spec, by, reply, lane.nowMs());
            }
        });
    }

    @Override
    public void closeSubscription(
            PartitionId id, DurableSubscription subscription, ConnectionInfo by, Reply<@Nullable Void> reply) {
        SubscriptionKey key = SubscriptionKey.durable(subscription.clientId(), subscription.name());
        onLane(id, reply, lane -> {
            LocalPartition partition = get(id.topicId(), id.index());
            if (partition == null || !partition.role().isLeading()) {
                services.remote().close(id, subscription, by, reply);
            } else {
                partition.partition().onCloseSubscription(key, by, reply, lane.nowMs());
            }
        });
    }

    /** Tells of files that belong to no topic; they are left alone. */
    void reportOrphans() {
        List<PartitionStore.Entry> orphans = store.list().stream()
                .filter(entry -> get(entry.topicId(), entry.partition()) == null)
                .toList();
        if (!orphans.isEmpty()) {
            PartitionStore.Entry first = orphans.get(0);
            LOG.atWarn()
                    .addKeyValue("first", first.topicId() + "-" + first.partition())
                    .log("{} partitions on disk belong to no topic; they are left alone", orphans.size());
        }
    }

    /** Closes all partitions without loss; returns when they are closed, or when it took too long. */
    void close(Duration timeout) {
        CountDownLatch closed = new CountDownLatch(lanes.count());
        for (int i = 0; i < lanes.count(); i++) {
            Lane lane = lanes.lane(i);
            lane.execute(() -> {
                closeAll(lane);
                closed.countDown();
            });
        }
        try {
            if (!closed.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("partitions were not closed within {} ms; the next start recovers them", timeout.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeAll(Lane lane) {
        open.forEach((topicId, partitions) -> {
            for (int index = 0; index < partitions.length(); index++) {
                LocalPartition partition = partitions.get(index);
                if (partition != null && lanes.laneOf(topicId, index) == lane) {
                    partitions.set(index, null);
                    close(partition);
                }
            }
        });
    }

    private static void close(LocalPartition partition) {
        try {
            partition.close();
        } catch (RuntimeException e) {
            LOG.warn(
                    "partition {} was not closed cleanly; the next start recovers it",
                    partition.partition().id(),
                    e);
        }
    }

    private void onLane(PartitionId id, Reply<?> reply, Consumer<Lane> task) {
        Lane lane = lanes.laneOf(id.topicId(), id.index());
        lane.execute(() -> {
            try {
                task.accept(lane);
            } catch (StorageException e) {
                reply.fail(ErrorCode.KAFKA_STORAGE_ERROR, "partition " + id + ": " + e.getMessage());
            }
        });
    }

    private @Nullable LocalPartition get(UUID topicId, int index) {
        AtomicReferenceArray<@Nullable LocalPartition> partitions = open.get(topicId);
        return partitions == null || index < 0 || index >= partitions.length() ? null : partitions.get(index);
    }

    private void add(PartitionId id, int count, LocalPartition partition) {
        open.compute(id.topicId(), (topicId, present) -> {
            AtomicReferenceArray<@Nullable LocalPartition> partitions =
                    present == null ? new AtomicReferenceArray<>(count) : present;
            partitions.set(id.index(), partition);
            return partitions;
        });
    }

    /** The topic leaves the map with its last partition, whichever lane that is on. */
    private @Nullable LocalPartition remove(PartitionId id) {
        AtomicReference<@Nullable LocalPartition> removed = new AtomicReference<>();
        open.computeIfPresent(id.topicId(), (topicId, partitions) -> {
            if (id.index() < partitions.length()) {
                removed.set(partitions.getAndSet(id.index(), null));
            }
            return isEmpty(partitions) ? null : partitions;
        });
        return removed.get();
    }

    private static boolean isEmpty(AtomicReferenceArray<@Nullable LocalPartition> partitions) {
        for (int index = 0; index < partitions.length(); index++) {
            if (partitions.get(index) != null) {
                return false;
            }
        }
        return true;
    }
}
