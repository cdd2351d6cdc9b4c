package io.millrace.broker.metadata;

import io.millrace.broker.delivery.ConnectionInfo;
import io.millrace.broker.metadata.StoreWrite.Create;
import io.millrace.broker.metadata.StoreWrite.Delete;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The durable subscriptions of the cluster. One is opened by an intent in the store, then a record in each partition of
 * its topic, then is active; it is closed the same way back. Whoever finds an intent at start finishes it. Every method
 * may be called from any thread and returns at once; replies come on the metadata thread.
 */
public final class SubscriptionRegistry {
    /** The longest client identifier, subscription name and selector, in characters. */
    static final int MAX_NAME_LENGTH = 1000;

    static final int MAX_SELECTOR_LENGTH = 64 * 1024;

    private static final ConnectionInfo BROKER = new ConnectionInfo(new UUID(0, 0), null, null, "broker", -1);

    private final boolean alone;
    private final MetadataStore store;
    private final PartitionHost host;
    private final Executor thread;
    private final Supplier<UUID> ids;
    private final CurrentImage image;
    private final SortedMap<String, Entry> byPath = new TreeMap<>();
    private final KeyedQueue<String> operations = new KeyedQueue<>();

    /**
     * @param alone whether no other broker changes the store, so that the image is never late
     */
    SubscriptionRegistry(
            boolean alone,
            MetadataStore store,
            PartitionHost host,
            Executor thread,
            Supplier<UUID> ids,
            CurrentImage image) {
        this.alone = alone;
        this.store = store;
        this.host = host;
        this.thread = thread;
        this.ids = ids;
        this.image = image;
    }

    /**
     * Finds or opens a durable subscription of a connection's client identifier; answers when every partition of the
     * topic knows it. One of the same name with another topic, selector or noLocal is closed first and opened anew, its
     * messages are gone; while it has a consumer that fails with {@code SUBSCRIPTION_IN_USE}. Call it before attaching a
     * durable consumer. Fails with {@code INVALID_CLIENT_ID} if the connection has no client identifier.
     */
    public void open(
            ConnectionInfo by,
            String name,
            UUID topicId,
            @Nullable String selector,
            boolean noLocal,
            Reply<DurableSubscription> reply) {
        String clientId = by.clientId();
        if (clientId == null || clientId.isEmpty()) {
            thread.execute(() -> reply.fail(
                    ErrorCode.INVALID_CLIENT_ID, "a durable subscription needs a connection with a client identifier"));
            return;
        }
        if (clientId.length() > MAX_NAME_LENGTH
                || name.length() > MAX_NAME_LENGTH
                || (selector != null && selector.length() > MAX_SELECTOR_LENGTH)) {
            thread.execute(() -> reply.fail(
                    ErrorCode.INVALID_REQUEST,
                    "client identifier and name of a durable subscription have at most " + MAX_NAME_LENGTH
                            + " characters, its selector " + MAX_SELECTOR_LENGTH));
            return;
        }
        thread.execute(() -> {
            long incarnation = ids.get().getMostSignificantBits() & Long.MAX_VALUE;
            DurableSubscription wanted =
                    new DurableSubscription(clientId, name, topicId, selector, noLocal, incarnation);
            operations.submit(wanted.path(), through -> openNow(wanted, by, Outcomes.ending(through, reply)));
        });
    }

    /**
     * Closes a durable subscription of a connection's client identifier; answers when no partition keeps anything for
     * it. Fails with {@code UNKNOWN_SUBSCRIPTION}, or {@code SUBSCRIPTION_IN_USE} while it has a consumer.
     */
    public void unsubscribe(ConnectionInfo by, String name, Reply<@Nullable Void> reply) {
        thread.execute(() -> {
            String clientId = by.clientId();
            String path = MetadataCodec.subscriptionPath(clientId == null ? "" : clientId, name);
            operations.submit(path, through -> {
                Reply<@Nullable Void> ending = Outcomes.ending(through, reply);
                Entry entry = byPath.get(path);
                if (entry == null) {
                    ending.fail(
                            ErrorCode.UNKNOWN_SUBSCRIPTION,
                            "the client identifier " + clientId + " has no durable subscription named " + name);
                } else {
                    closeNow(entry, by, ending);
                }
            });
        });
    }

    /** Takes what the store holds, at start. */
    void load(List<StoredValue> stored) {
        for (StoredValue value : stored) {
            DurableSubscription subscription = MetadataCodec.readSubscription(value);
            byPath.put(subscription.path(), new Entry(subscription, MetadataCodec.readPhase(value), value.version()));
        }
    }

    /** Takes what the store has at that path, once what is being done there is done. */
    void onChanged(String path) {
        operations.submit(
                path,
                through -> store.get(
                        path,
                        Outcomes.handle(
                                stored -> {
                                    take(path, stored);
                                    through.run();
                                },
                                failure -> through.run())));
    }

    /** Takes all that the store has. */
    void onAllChanged() {
        store.list(
                MetadataCodec.SUBSCRIPTIONS,
                Outcomes.handle(
                        stored -> {
                            SortedSet<String> paths = new TreeSet<>(byPath.keySet());
                            stored.forEach(value -> paths.add(value.path()));
                            paths.forEach(this::onChanged);
                        },
                        failure -> {}));
    }

    private void take(String path, Optional<StoredValue> stored) {
        if (stored.isPresent()) {
            load(List.of(stored.get()));
        } else {
            byPath.remove(path);
        }
    }

    /** Finishes what an earlier run of the broker began, once the partitions are open. */
    void finishIntents(Reply<@Nullable Void> reply) {
        AllOf finished = new AllOf(thread, reply);
        for (Entry entry : List.copyOf(byPath.values())) {
            switch (entry.phase) {
                case ACTIVE -> {}
                case OPENING -> {
                    Reply<@Nullable Void> one = finished.one();
                    Reply<DurableSubscription> opened = Outcomes.next(one, done -> Reply.done(one));
                    operations.submit(
                            entry.path(), through -> openPartitions(entry, BROKER, Outcomes.ending(through, opened)));
                }
                case CLOSING ->
                    operations.submit(
                            entry.path(),
                            through -> closePartitions(entry, BROKER, Outcomes.ending(through, finished.one())));
            }
        }
        finished.close();
    }

    /** Forgets the subscriptions of a topic that is gone. */
    void onTopicDeleted(UUID topicId, Reply<@Nullable Void> reply) {
        AllOf forgotten = new AllOf(thread, reply);
        for (Entry entry : List.copyOf(byPath.values())) {
            if (entry.subscription.topicId().equals(topicId)) {
                forget(entry, forgotten.one());
            }
        }
        forgotten.close();
    }

    /** The subscriptions of a topic, sorted by client identifier and name. */
    List<DurableSubscription> ofTopic(UUID topicId) {
        List<DurableSubscription> found = new ArrayList<>();
        for (Entry entry : byPath.values()) {
            if (entry.subscription.topicId().equals(topicId)) {
                found.add(entry.subscription);
            }
        }
        return found;
    }

    private void openNow(DurableSubscription wanted, ConnectionInfo by, Reply<DurableSubscription> reply) {
        Entry present = byPath.get(wanted.path());
        if (image.findByTopicId(wanted.topicId()) == null) {
            reply.fail(ErrorCode.UNKNOWN_TOPIC_ID, "there is no topic with the id " + wanted.topicId());
        } else if (present == null) {
            createNow(wanted, by, reply);
        } else if (!present.subscription.isSameAs(wanted)) {
            closeNow(present, by, Outcomes.next(reply, none -> createNow(wanted, by, reply)));
        } else {
            switch (present.phase) {
                case ACTIVE -> reply.complete(present.subscription);
                case OPENING -> openPartitions(present, by, reply);
                case CLOSING ->
                    closePartitions(present, by, Outcomes.next(reply, none -> createNow(wanted, by, reply)));
            }
        }
    }

    private void createNow(DurableSubscription wanted, ConnectionInfo by, Reply<DurableSubscription> reply) {
        Entry entry = new Entry(wanted, SubscriptionPhase.OPENING, 0);
        byPath.put(entry.path(), entry);
        store.write(List.of(new Create(entry.path(), entry.text(), false)), new MetadataStore.Callback<>() {
            @Override
            public void onDone(List<Integer> versions) {
                openPartitions(entry, by, reply);
            }

            @Override
            public void onFailed(StoreException failure) {
                if (failure.reason() == StoreException.Reason.EXISTS) {
                    adopt(wanted, by, reply);
                    return;
                }
                byPath.remove(entry.path(), entry);
                Outcomes.fail(reply, failure);
            }
        });
    }

    /** Another broker was faster, or an earlier attempt, which was given up when the store was away, came through after all. */
    private void adopt(DurableSubscription wanted, ConnectionInfo by, Reply<DurableSubscription> reply) {
        store.get(wanted.path(), Outcomes.then(reply, stored -> {
            take(wanted.path(), stored);
            openNow(wanted, by, reply);
        }));
    }

    private void openPartitions(Entry entry, ConnectionInfo by, Reply<DurableSubscription> reply) {
        Destination topic = image.findByTopicId(entry.subscription.topicId());
        if (topic == null) {
            Reply<@Nullable Void> gone = Outcomes.next(reply, none -> deleted(entry, reply));
            if (alone) {
                forget(entry, gone);
            } else {
                Reply.done(gone);
            }
            return;
        }
        AllOf opened = new AllOf(
                thread,
                Outcomes.next(
                        reply,
                        none -> mark(
                                entry,
                                SubscriptionPhase.ACTIVE,
                                Outcomes.next(reply, alsoNone -> reply.complete(entry.subscription)))));
        for (PartitionState state : topic.partitions()) {
            host.openSubscription(topic.partitionId(state.index()), entry.subscription, by, opened.one());
        }
        opened.close();
    }

    private void closeNow(Entry entry, ConnectionInfo by, Reply<@Nullable Void> reply) {
        mark(entry, SubscriptionPhase.CLOSING, Outcomes.next(reply, none -> closePartitions(entry, by, reply)));
    }

    /** The first partition says whether a consumer is attached; when it has closed, the others follow. */
    private void closePartitions(Entry entry, ConnectionInfo by, Reply<@Nullable Void> reply) {
        Destination topic = image.findByTopicId(entry.subscription.topicId());
        if (topic == null) {
            if (alone) {
                forget(entry, reply);
            } else {
                deleted(entry, reply);
            }
            return;
        }
        AllOf first =
                new AllOf(thread, Outcomes.either(none -> closeOthers(entry, topic, by, reply), (error, message) -> {
                    // It stays as it was; the caller learns why.
                    Reply<@Nullable Void> refused =
                            Outcomes.either(none -> reply.fail(error, message), (e, m) -> reply.fail(error, message));
                    mark(entry, SubscriptionPhase.ACTIVE, refused);
                }));
        host.closeSubscription(topic.partitionId(0), entry.subscription, by, first.one());
        first.close();
    }

    private void closeOthers(Entry entry, Destination topic, ConnectionInfo by, Reply<@Nullable Void> reply) {
        AllOf closed = new AllOf(thread, Outcomes.next(reply, none -> forget(entry, reply)));
        for (int index = 1; index < topic.partitions().size(); index++) {
            host.closeSubscription(topic.partitionId(index), entry.subscription, by, closed.one());
        }
        closed.close();
    }

    private void mark(Entry entry, SubscriptionPhase phase, Reply<@Nullable Void> reply) {
        SubscriptionPhase before = entry.phase;
        entry.phase = phase;
        StoreWrite write = new StoreWrite.Set(entry.path(), entry.text(), entry.version);
        store.write(
                List.of(write),
                Outcomes.handle(
                        versions -> {
                            entry.version = versions.get(0);
                            Reply.done(reply);
                        },
                        failure -> onNotMarked(entry, before, failure, reply)));
    }

    private void onNotMarked(
            Entry entry, SubscriptionPhase before, StoreException failure, Reply<@Nullable Void> reply) {
        String written = entry.text();
        switch (failure.reason()) {
            case ABSENT -> {
                entry.phase = before;
                deleted(entry, reply);
            }
            case OTHER_VERSION ->
                store.get(entry.path(), Outcomes.then(reply, stored -> {
                    if (stored.isPresent() && stored.get().text().equals(written)) {
                        entry.version = stored.get().version(); // its answer was lost on the way
                        Reply.done(reply);
                        return;
                    }
                    take(entry.path(), stored);
                    reply.fail(
                            ErrorCode.REQUEST_TIMED_OUT,
                            "the durable subscription " + entry.subscription.name()
                                    + " was changed through another broker at the same time; try again");
                }));
            case EXISTS, NO_ROOM, UNAVAILABLE -> {
                entry.phase = before;
                Outcomes.fail(reply, failure);
            }
        }
    }

    /** Takes it away, unless its name stands for another by now. */
    private void forget(Entry entry, Reply<@Nullable Void> reply) {
        byPath.remove(entry.path(), entry);
        store.get(entry.path(), Outcomes.then(reply, stored -> {
            boolean same = stored.isPresent()
                    && MetadataCodec.readSubscription(stored.get()).incarnation() == entry.subscription.incarnation();
            if (!same) {
                take(entry.path(), stored);
                Reply.done(reply);
                return;
            }
            store.write(
                    List.of(new Delete(entry.path(), stored.get().version())),
                    Outcomes.unless(StoreException.Reason.ABSENT, reply));
        }));
    }

    private static void deleted(Entry entry, Reply<?> reply) {
        reply.fail(
                ErrorCode.DESTINATION_DELETED,
                "the topic of the durable subscription " + entry.subscription.name() + " was deleted");
    }

    /** A subscription and how far it has come. */
    private static final class Entry {
        private final DurableSubscription subscription;
        private SubscriptionPhase phase;
        private int version;

        Entry(DurableSubscription subscription, SubscriptionPhase phase, int version) {
            this.subscription = Objects.requireNonNull(subscription);
            this.phase = phase;
            this.version = version;
        }

        String path() {
            return subscription.path();
        }

        String text() {
            return MetadataCodec.subscription(subscription, phase);
        }
    }
}
