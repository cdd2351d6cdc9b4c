package io.millrace.broker.metadata;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.metadata.DestinationPlan.RefusedException;
import io.millrace.broker.metadata.StoreWrite.Create;
import io.millrace.broker.metadata.StoreWrite.Delete;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The queues and topics of the cluster: created, found, changed, deleted. Every method may be called from any thread
 * and returns at once; replies come on the metadata thread, so a caller hands in one that hops to its lane.
 *
 * <p>The store is written first, then what was written is read like what another broker wrote: the image says so and partitions follow;
 * then the caller is told. A deletion leaves an intent in the store until the last file is gone, see {@link Deletions}. Operations on
 * one name run one after another; those of other brokers are kept apart by versions.
 */
public final class Destinations {
    private static final UUID NO_ID = new UUID(0, 0);

    private final boolean autoCreate;
    private final NewDestination consumerOffsets;
    private final DestinationPlan plan;
    private final MetadataStore store;
    private final Executor thread;
    private final Supplier<UUID> ids;
    private final CurrentImage image;
    private final ClusterFollower follower;
    private final OwnPartitions partitions;
    private final Deletions deletions;
    private final KeyedQueue<String> operations = new KeyedQueue<>();
    private volatile boolean cutOff;

    Destinations(
            BrokerConfig config,
            MetadataStore store,
            Supplier<UUID> ids,
            CurrentImage image,
            ClusterFollower follower,
            OwnPartitions partitions,
            Deletions deletions) {
        this.autoCreate = config.get(BrokerConfig.AUTO_CREATE_DESTINATIONS);
        this.consumerOffsets = InternalTopics.consumerOffsets(config);
        this.plan = new DestinationPlan(config);
        this.store = store;
        this.thread = partitions.thread();
        this.ids = ids;
        this.image = image;
        this.follower = follower;
        this.partitions = partitions;
        this.deletions = deletions;
    }

    /** The cluster as of now, for any thread. */
    public MetadataImage image() {
        return image.get();
    }

    /**
     * Whether this broker has lost its session, so that the image may be of the past: whoever asks it where a partition is led asks others
     * instead. For any thread.
     */
    public boolean isCutOff() {
        return cutOff;
    }

    void onCutOff(boolean isCutOff) {
        cutOff = isCutOff;
    }

    /**
     * Creates a destination; answers when its partitions take messages. Fails with {@code DESTINATION_EXISTS}, {@code
     * INVALID_PARTITIONS}, {@code INVALID_REPLICATION_FACTOR}, {@code INVALID_CONFIG} or {@code POLICY_VIOLATION}.
     */
    public void create(NewDestination wanted, Reply<Destination> reply) {
        if (isRefused(wanted.name(), reply)) {
            return;
        }
        submit(wanted.name(), reply, ending -> createNow(wanted, ending));
    }

    /** Says what {@link #create} would answer, and creates nothing; the id of what it answers is zero. */
    public void validate(NewDestination wanted, Reply<Destination> reply) {
        if (isRefused(wanted.name(), reply)) {
            return;
        }
        submit(wanted.name(), reply, ending -> {
            try {
                ending.complete(planned(wanted, NO_ID));
            } catch (RefusedException e) {
                ending.fail(e.error(), e.getMessage());
            }
        });
    }

    /**
     * Finds a destination, and creates it as asked for if it does not exist and {@code auto.create.destinations} is on.
     * Fails with {@code INVALID_DESTINATION} if it does not exist and is not created. Concurrent calls for one name
     * create it once.
     */
    public void resolveOrCreate(NewDestination wanted, Reply<Destination> reply) {
        if (!isRefused(wanted.name(), reply)) {
            resolveOrCreate(wanted, autoCreate, reply);
        }
    }

    /** Finds the topic of consumer groups, and creates it if this is its first use. */
    public void resolveConsumerOffsets(Reply<Destination> reply) {
        resolveOrCreate(consumerOffsets, true, reply);
    }

    private void resolveOrCreate(NewDestination wanted, boolean mayCreate, Reply<Destination> reply) {
        submit(wanted.name(), reply, ending -> {
            Destination found = image.find(wanted.name());
            if (found != null) {
                ending.complete(found);
            } else if (mayCreate) {
                createNow(wanted, Outcomes.either(ending::complete, (error, message) -> {
                    Destination adopted = image.find(wanted.name());
                    if (error == ErrorCode.DESTINATION_EXISTS && adopted != null) {
                        ending.complete(adopted);
                    } else {
                        ending.fail(error, message);
                    }
                }));
            } else {
                ending.fail(
                        ErrorCode.INVALID_DESTINATION,
                        "there is no " + wanted.name() + ", and " + BrokerConfig.AUTO_CREATE_DESTINATIONS
                                + " is off; create it first");
            }
        });
    }

    /** A topic of the brokers' own is nobody else's to create, change or delete. */
    private static boolean isRefused(DestinationName name, Reply<?> reply) {
        boolean isInternal = InternalTopics.isInternal(name.topicName());
        if (isInternal) {
            reply.fail(ErrorCode.POLICY_VIOLATION, name.topicName() + " is the brokers' own");
        }
        return isInternal;
    }

    /**
     * Deletes a destination with its messages; answers when nothing of it remains, so that the name is free for a new,
     * empty one. Fails with {@code INVALID_DESTINATION} if there is none.
     */
    public void delete(DestinationName name, Reply<@Nullable Void> reply) {
        if (isRefused(name, reply)) {
            return;
        }
        submit(name, reply, ending -> {
            Destination destination = image.find(name);
            if (destination != null) {
                deleteNow(destination, ending);
                return;
            }
            adopt(name, Outcomes.next(ending, adopted -> {
                if (adopted.isEmpty()) {
                    ending.fail(ErrorCode.INVALID_DESTINATION, "there is no " + name);
                } else {
                    deleteNow(adopted.get(), ending);
                }
            }));
        });
    }

    /** The same, unless the name stands for another topic by now; then it fails with {@code UNKNOWN_TOPIC_ID}. */
    public void delete(DestinationName name, UUID topicId, Reply<@Nullable Void> reply) {
        if (isRefused(name, reply)) {
            return;
        }
        submit(name, reply, ending -> {
            Destination destination = image.find(name);
            if (destination == null || !destination.topicId().equals(topicId)) {
                ending.fail(ErrorCode.UNKNOWN_TOPIC_ID, "the topic " + topicId + " is not there any more");
            } else {
                deleteNow(destination, ending);
            }
        });
    }

    /** Asks the controller to let the first replica of each partition lead where it can; answers when it is asked. */
    public void electPreferredLeaders(Reply<@Nullable Void> reply) {
        Create wish = new Create(MetadataCodec.PREFERRED_ELECTION, "", false);
        thread.execute(() -> store.write(List.of(wish), Outcomes.unless(StoreException.Reason.EXISTS, reply)));
    }

    /** Changes settings, all or none; fails with {@code INVALID_CONFIG} or {@code INVALID_DESTINATION}. */
    public void alterConfigs(
            DestinationName name, List<ConfigChange> changes, boolean validateOnly, Reply<@Nullable Void> reply) {
        if (isRefused(name, reply)) {
            return;
        }
        submit(name, reply, ending -> {
            if (image.find(name) == null) {
                ending.fail(ErrorCode.INVALID_DESTINATION, "there is no " + name);
            } else {
                alterNow(name, changes, validateOnly, ending);
            }
        });
    }

    private <T extends @Nullable Object> void submit(
            DestinationName name, Reply<T> reply, Consumer<Reply<T>> operation) {
        thread.execute(() ->
                operations.submit(name.topicName(), through -> operation.accept(Outcomes.ending(through, reply))));
    }

    private Destination planned(NewDestination wanted, UUID topicId) throws RefusedException {
        MetadataImage now = image.get();
        if (image.find(wanted.name()) != null) {
            throw new RefusedException(ErrorCode.DESTINATION_EXISTS, "there is a " + wanted.name() + " already");
        }
        return plan.create(wanted, topicId, now);
    }

    private void createNow(NewDestination wanted, Reply<Destination> reply) {
        Destination planned;
        try {
            planned = planned(wanted, ids.get());
        } catch (RefusedException e) {
            reply.fail(e.error(), e.getMessage());
            return;
        }
        UUID topicId = planned.topicId();
        List<StoreWrite> writes = new ArrayList<>();
        writes.add(new Create(MetadataCodec.topicPath(planned.topicName()), MetadataCodec.topic(planned), false));
        writes.add(new Create(MetadataCodec.partitionsPath(topicId), "", false));
        for (PartitionState state : planned.partitions()) {
            String path = MetadataCodec.partitionPath(topicId, state.index());
            writes.add(new Create(path, MetadataCodec.partition(state), false));
        }
        store.write(
                writes,
                Outcomes.thenOr(
                        StoreException.Reason.EXISTS,
                        reply,
                        versions -> openCreated(planned, reply),
                        () -> onExists(wanted.name(), reply)));
    }

    /** The store knows the topic and the image does not: a create took effect whose answer got lost. */
    private void onExists(DestinationName name, Reply<Destination> reply) {
        adopt(name, Outcomes.next(reply, adopted -> {
            if (adopted.isEmpty()) {
                reply.fail(ErrorCode.REQUEST_TIMED_OUT, name + " is being deleted; try again");
            } else {
                reply.fail(ErrorCode.DESTINATION_EXISTS, "there is a " + name + " already");
            }
        }));
    }

    /** The destination as the store has it; nothing if there is none. */
    private void adopt(DestinationName name, Reply<Optional<Destination>> reply) {
        String path = MetadataCodec.topicPath(name.topicName());
        follower.refresh(List.of(path), Outcomes.next(reply, none -> {
            Destination adopted = image.find(name);
            if (adopted == null) {
                reply.complete(Optional.empty());
                return;
            }
            partitions.tell(adopted, Outcomes.next(reply, done -> reply.complete(Optional.of(adopted))));
        }));
    }

    private void openCreated(Destination created, Reply<Destination> reply) {
        adopt(
                created.name(),
                Outcomes.either(
                        adopted -> {
                            if (adopted.isPresent() && adopted.get().topicId().equals(created.topicId())) {
                                reply.complete(adopted.get());
                            } else {
                                reply.fail(
                                        ErrorCode.REQUEST_TIMED_OUT,
                                        created.name() + " was deleted while it was created; try again");
                            }
                        },
                        (error, message) -> {
                            // What was begun is taken back; the caller learns why it could not be done.
                            Reply<@Nullable Void> refused = Outcomes.either(
                                    none -> reply.fail(error, message), (e, m) -> reply.fail(error, message));
                            deleteNow(created, refused);
                        }));
    }

    private void deleteNow(Destination destination, Reply<@Nullable Void> reply) {
        UUID topicId = destination.topicId();
        String topicPath = MetadataCodec.topicPath(destination.topicName());
        DeletedTopic deleted = DeletedTopic.of(destination);
        List<StoreWrite> writes = new ArrayList<>();
        writes.add(new Create(MetadataCodec.deletingPath(topicId), MetadataCodec.deleting(deleted), false));
        writes.add(new Delete(topicPath, MetadataStore.ANY_VERSION));
        List<String> paths = new ArrayList<>();
        for (PartitionState state : destination.partitions()) {
            // By version: if it has moved meanwhile, the intent names too few brokers.
            paths.add(MetadataCodec.partitionPath(topicId, state.index()));
            writes.add(new Delete(paths.get(state.index()), state.version()));
        }
        writes.add(new Delete(MetadataCodec.partitionsPath(topicId), MetadataStore.ANY_VERSION));
        Reply<@Nullable Void> gone = Outcomes.next(reply, none -> deletions.onIntent(deleted, reply));
        store.write(writes, Outcomes.handle(versions -> follower.refresh(List.of(topicPath), gone), failure -> {
            switch (failure.reason()) {
                // It is being deleted through another broker, or was by an attempt whose answer got lost.
                case EXISTS, ABSENT -> follower.refresh(List.of(topicPath), gone);
                case OTHER_VERSION ->
                    follower.refresh(paths, Outcomes.next(reply, none -> deletePresent(destination, reply)));
                case NO_ROOM, UNAVAILABLE -> Outcomes.fail(reply, failure);
            }
        }));
    }

    private void deletePresent(Destination destination, Reply<@Nullable Void> reply) {
        Destination present = image.findByTopicId(destination.topicId());
        if (present == null || present.equals(destination)) {
            reply.fail(ErrorCode.REQUEST_TIMED_OUT, destination.name() + " is being changed; try again");
        } else {
            deleteNow(present, reply);
        }
    }

    /** Settings are changed as they are in the store, so that a change through another broker at the same time is kept. */
    private void alterNow(
            DestinationName name, List<ConfigChange> changes, boolean validateOnly, Reply<@Nullable Void> reply) {
        String path = MetadataCodec.topicPath(name.topicName());
        store.get(path, Outcomes.then(reply, stored -> {
            Destination destination = image.find(name);
            if (stored.isEmpty() || destination == null) {
                reply.fail(ErrorCode.INVALID_DESTINATION, "there is no " + name);
                return;
            }
            try {
                Destination altered = plan.alter(plan.stored(destination, stored.get()), changes);
                if (validateOnly) {
                    Reply.done(reply);
                    return;
                }
                StoreWrite write = new StoreWrite.Set(
                        path, MetadataCodec.topic(altered), stored.get().version());
                store.write(
                        List.of(write),
                        Outcomes.thenOr(
                                StoreException.Reason.OTHER_VERSION,
                                reply,
                                versions -> follower.refresh(List.of(path), reply),
                                () -> alterNow(name, changes, false, reply)));
            } catch (RefusedException e) {
                reply.fail(e.error(), e.getMessage());
            }
        }));
    }
}
