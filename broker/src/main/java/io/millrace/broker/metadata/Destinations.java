package io.millrace.broker.metadata;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.metadata.DestinationPlan.RefusedException;
import io.millrace.broker.metadata.StoreWrite.Create;
import io.millrace.broker.metadata.StoreWrite.Delete;
import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.Iterator;
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
 * <p>The store is written first, then partitions follow, then the image says so, then the caller is told. A deletion
 * leaves an intent in the store until the last file is gone; whoever finds one at start finishes it. Operations on one
 * name run one after another.
 */
public final class Destinations {
    private static final UUID NO_ID = new UUID(0, 0);

    private final int self;
    private final boolean autoCreate;
    private final NewDestination consumerOffsets;
    private final DestinationPlan plan;
    private final MetadataStore store;
    private final PartitionHost host;
    private final Executor thread;
    private final Supplier<UUID> ids;
    private final CurrentImage image;
    private final SubscriptionRegistry subscriptions;
    private final KeyedQueue<String> operations = new KeyedQueue<>();

    Destinations(
            BrokerConfig config,
            MetadataStore store,
            PartitionHost host,
            Executor thread,
            Supplier<UUID> ids,
            CurrentImage image,
            SubscriptionRegistry subscriptions) {
        this.self = config.get(BrokerConfig.BROKER_ID);
        this.autoCreate = config.get(BrokerConfig.AUTO_CREATE_DESTINATIONS);
        this.consumerOffsets = InternalTopics.consumerOffsets(config);
        this.plan = new DestinationPlan(config);
        this.store = store;
        this.host = host;
        this.thread = thread;
        this.ids = ids;
        this.image = image;
        this.subscriptions = subscriptions;
    }

    /** The cluster as of now, for any thread. */
    public MetadataImage image() {
        return image.get();
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
            Destination found = image.get().find(wanted.name());
            if (found != null) {
                ending.complete(found);
            } else if (mayCreate) {
                createNow(wanted, Outcomes.either(ending::complete, (error, message) -> {
                    Destination adopted = image.get().find(wanted.name());
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
            Destination destination = image.get().find(name);
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
            Destination destination = image.get().find(name);
            if (destination == null || !destination.topicId().equals(topicId)) {
                ending.fail(ErrorCode.UNKNOWN_TOPIC_ID, "the topic " + topicId + " is not there any more");
            } else {
                deleteNow(destination, ending);
            }
        });
    }

    /** Changes settings, all or none; fails with {@code INVALID_CONFIG} or {@code INVALID_DESTINATION}. */
    public void alterConfigs(
            DestinationName name, List<ConfigChange> changes, boolean validateOnly, Reply<@Nullable Void> reply) {
        if (isRefused(name, reply)) {
            return;
        }
        submit(name, reply, ending -> {
            Destination destination = image.get().find(name);
            if (destination == null) {
                ending.fail(ErrorCode.INVALID_DESTINATION, "there is no " + name);
                return;
            }
            try {
                Destination altered = plan.alter(destination, changes);
                if (validateOnly) {
                    Reply.done(ending);
                } else {
                    alterNow(altered, ending);
                }
            } catch (RefusedException e) {
                ending.fail(e.error(), e.getMessage());
            }
        });
    }

    /** Deletes what a deleted topic left behind: files, subscriptions, and in the end the intent itself. */
    void finishDeleting(DeletedTopic deleted, Reply<@Nullable Void> reply) {
        UUID topicId = deleted.topicId();
        Delete intent = new Delete(MetadataCodec.deletingPath(topicId), MetadataStore.ANY_VERSION);
        Reply<@Nullable Void> forgotten = Outcomes.next(
                reply, none -> store.write(List.of(intent), Outcomes.unless(StoreException.Reason.ABSENT, reply)));
        AllOf filesGone =
                new AllOf(thread, Outcomes.next(reply, none -> subscriptions.onTopicDeleted(topicId, forgotten)));
        for (int index = 0; index < deleted.partitions(); index++) {
            host.delete(new PartitionId(topicId, deleted.topicName(), index), filesGone.one());
        }
        filesGone.close();
    }

    private <T extends @Nullable Object> void submit(
            DestinationName name, Reply<T> reply, Consumer<Reply<T>> operation) {
        thread.execute(() ->
                operations.submit(name.topicName(), through -> operation.accept(Outcomes.ending(through, reply))));
    }

    private Destination planned(NewDestination wanted, UUID topicId) throws RefusedException {
        MetadataImage now = image.get();
        if (now.find(wanted.name()) != null) {
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

    /** Opens a destination that is in the store and not in the image; nothing if there is none in the store either. */
    private void adopt(DestinationName name, Reply<Optional<Destination>> reply) {
        store.get(MetadataCodec.topicPath(name.topicName()), Outcomes.then(reply, stored -> {
            if (stored.isEmpty()) {
                reply.complete(Optional.empty());
                return;
            }
            TopicLoad load = new TopicLoad(self, plan, List.of(stored.get()));
            List<String> paths = load.partitionPaths();
            adoptPartitions(load, paths.iterator(), reply);
        }));
    }

    private void adoptPartitions(TopicLoad load, Iterator<String> paths, Reply<Optional<Destination>> reply) {
        if (paths.hasNext()) {
            store.get(paths.next(), Outcomes.then(reply, stored -> {
                stored.ifPresent(load::add);
                adoptPartitions(load, paths, reply);
            }));
            return;
        }
        List<Destination> led = load.led();
        Destination adopted = led.get(0);
        store.write(
                load.epochWrites(led),
                Outcomes.then(
                        reply,
                        versions -> open(adopted, Outcomes.next(reply, none -> {
                            image.set(image.get().withDestinations(led));
                            reply.complete(Optional.of(adopted));
                        }))));
    }

    private void openCreated(Destination created, Reply<Destination> reply) {
        open(
                created,
                Outcomes.either(
                        none -> {
                            image.set(image.get().withDestinations(List.of(created)));
                            reply.complete(created);
                        },
                        (error, message) -> {
                            // What was begun is taken back; the caller learns why it could not be done.
                            Reply<@Nullable Void> refused = Outcomes.either(
                                    none -> reply.fail(error, message), (e, m) -> reply.fail(error, message));
                            deleteNow(created, refused);
                        }));
    }

    private void open(Destination destination, Reply<@Nullable Void> reply) {
        AllOf opened = new AllOf(thread, reply);
        for (PartitionState state : destination.partitions()) {
            host.open(destination, state, opened.one());
        }
        opened.close();
    }

    private void deleteNow(Destination destination, Reply<@Nullable Void> reply) {
        UUID topicId = destination.topicId();
        int partitions = destination.partitions().size();
        DeletedTopic deleted = new DeletedTopic(topicId, destination.topicName(), partitions);
        List<StoreWrite> writes = new ArrayList<>();
        writes.add(new Create(MetadataCodec.deletingPath(topicId), MetadataCodec.deleting(deleted), false));
        writes.add(new Delete(MetadataCodec.topicPath(destination.topicName()), MetadataStore.ANY_VERSION));
        for (int index = 0; index < partitions; index++) {
            writes.add(new Delete(MetadataCodec.partitionPath(topicId, index), MetadataStore.ANY_VERSION));
        }
        writes.add(new Delete(MetadataCodec.partitionsPath(topicId), MetadataStore.ANY_VERSION));
        store.write(writes, Outcomes.then(reply, versions -> {
            image.set(image.get().withoutDestination(topicId));
            finishDeleting(deleted, reply);
        }));
    }

    private void alterNow(Destination altered, Reply<@Nullable Void> reply) {
        StoreWrite write = new StoreWrite.Set(
                MetadataCodec.topicPath(altered.topicName()), MetadataCodec.topic(altered), MetadataStore.ANY_VERSION);
        store.write(List.of(write), Outcomes.then(reply, versions -> {
            image.set(image.get().withDestinations(List.of(altered)));
            altered.partitions().forEach(state -> host.configure(altered, state.index()));
            Reply.done(reply);
        }));
    }
}
