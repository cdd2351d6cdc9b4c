package io.millrace.broker.metadata;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.metadata.Foundation.Cluster;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this broker knows of the cluster, and the order in which it learns it at start: the cluster's id, subscriptions,
 * deletions to be finished, topics. A broker that is alone then leads everything, each partition in a new epoch, and finishes intents of
 * subscriptions; one of a cluster opens what it holds, registers, and leads what it is elected to lead.
 *
 * <p>Owned by the metadata thread; what it hands out says for itself who may call it.
 */
public final class Metadata {
    private static final Logger LOG = LoggerFactory.getLogger(Metadata.class);
    /** As many partitions' states go into one write; a write of ZooKeeper takes up to a megabyte. */
    private static final int STATES_PER_WRITE = 1000;

    private final int self;
    private final boolean alone;
    private final MetadataStore store;
    private final PartitionHost host;
    private final Executor thread;
    private final Foundation foundation;
    private final FormatLevel formats;
    private final FormatUpgrade formatUpgrade;
    private final DestinationPlan plan;
    private final CurrentImage image = new CurrentImage();
    private final Registration registration;
    private final ClusterFollower follower;
    private final OwnPartitions partitions;
    private final SubscriptionRegistry subscriptions;
    private final Deletions deletions;
    private final Destinations destinations;
    private final Reassignments reassignments;
    private final StoredSettings settings;
    private final InSyncSets inSyncSets;
    private final @Nullable SharedClientIds sharedClientIds;
    private final ClientIds clientIds;
    private final ProducerIds producerIds;
    private final StoredControllerOffice office;
    private final List<Reply<@Nullable Void>> draining = new ArrayList<>();
    private final Session session = new Session();
    private ClusterRole role = new NoRole();
    private volatile String secret = "";
    private volatile Consumer<MetadataImage> watcher = seen -> {};
    private volatile Consumer<String> unreadable = why -> {};

    /** The metadata of a broker that is alone. */
    public Metadata(BrokerConfig config, MetadataStore store, PartitionHost host, Executor thread, Supplier<UUID> ids) {
        this(config, BrokerIdentity.ALONE, store, host, thread, ids);
    }

    /** The metadata of a broker that writes at this build's newest level. */
    public Metadata(
            BrokerConfig config,
            BrokerIdentity identity,
            MetadataStore store,
            PartitionHost host,
            Executor thread,
            Supplier<UUID> ids) {
        this(config, identity, store, host, thread, ids, FormatLevel.newest());
    }

    /**
     * @param config with the broker's id; it is alone if there is no ensemble in it
     * @param thread runs everything here, one after another
     * @param ids draws a random id each time
     * @param formats is raised to the cluster's level
     */
    public Metadata(
            BrokerConfig config,
            BrokerIdentity identity,
            MetadataStore store,
            PartitionHost host,
            Executor thread,
            Supplier<UUID> ids,
            FormatLevel formats) {
        this.self = config.get(BrokerConfig.BROKER_ID);
        this.plan = new DestinationPlan(config);
        this.alone = !plan.isClustered();
        this.store = store;
        this.host = host;
        this.thread = thread;
        this.foundation = new Foundation(store, thread, ids, formats);
        this.formats = formats;
        this.registration = new Registration(alone, identity, store, formats, new Registered());
        this.partitions = new OwnPartitions(self, host, thread, () -> alone ? 0 : registration.epoch());
        this.follower = new ClusterFollower(store, thread, image, plan, new Following());
        this.formatUpgrade = new FormatUpgrade(store, thread, follower, formats.formats());
        this.subscriptions = new SubscriptionRegistry(alone, store, host, thread, ids, image);
        this.deletions = new Deletions(self, store, host, thread, subscriptions);
        this.destinations = new Destinations(config, store, ids, image, follower, partitions, deletions);
        this.reassignments = new Reassignments(alone, store, thread, image, follower);
        this.settings = new StoredSettings(store, thread, follower);
        this.office = new StoredControllerOffice(self, store, follower, ids, this::onElected);
        this.inSyncSets = new StoredInSyncSets(store, thread, image);
        this.sharedClientIds = alone ? null : new SharedClientIds(self, store, ids);
        this.clientIds = new ClientIds(thread, sharedClientIds);
        this.producerIds = new ProducerIds(store, thread, ids);
    }

    public Destinations destinations() {
        return destinations;
    }

    public Reassignments reassignments() {
        return reassignments;
    }

    public StoredSettings settings() {
        return settings;
    }

    public SubscriptionRegistry subscriptions() {
        return subscriptions;
    }

    public ClientIds clientIds() {
        return clientIds;
    }

    public ProducerIds producerIds() {
        return producerIds;
    }

    public InSyncSets inSyncSets() {
        return inSyncSets;
    }

    /** What a controller may do; for the one that is given to {@link #assign}. */
    public ControllerOffice controllerOffice() {
        return office;
    }

    /** Gives this broker its part in the cluster; before {@link #start}. */
    public void assign(ClusterRole assigned) {
        role = assigned;
    }

    /** That life of a broker has ended: its socket closed, and nobody listens there any more. For any thread. */
    public void onPeerDead(int brokerId, long epoch) {
        thread.execute(() -> role.onPeerDead(brokerId, epoch));
    }

    /** That life of a broker answers, whatever was said of it before. For any thread. */
    public void onPeerAlive(int brokerId, long epoch) {
        thread.execute(() -> role.onPeerAlive(brokerId, epoch));
    }

    /**
     * Asks the cluster to do without this broker, which is about to close; answers when no other broker could lead what this one
     * leads. For any thread.
     */
    public void drain(Reply<@Nullable Void> reply) {
        thread.execute(() -> {
            AllOf handedOver = new AllOf(thread, Outcomes.either(none -> leave(reply), (error, why) -> {
                LOG.info("other replicas may lack what was answered before they had it: {}", why);
                leave(reply);
            }));
            for (Destination destination : image.destinations()) {
                for (PartitionState state : destination.partitions()) {
                    if (state.leaderId() == self) {
                        host.handOver(destination.partitionId(state.index()), handedOver.one());
                    }
                }
            }
            handedOver.close();
        });
    }

    private void leave(Reply<@Nullable Void> reply) {
        registration.drain(Outcomes.next(reply, none -> {
            draining.add(reply);
            answerDrained();
        }));
    }

    /** Follows the cluster no more: the broker closes, and its store goes next. For any thread. */
    public void end() {
        thread.execute(follower::end);
    }

    /** This broker's epoch, or {@link PartitionState#NO_EPOCH} while it is not registered; for any thread. */
    public long brokerEpoch() {
        return registration.epoch();
    }

    /** What brokers prove to each other that they belong to this cluster, once {@link #start} has answered; for any thread. */
    public String interBrokerSecret() {
        return secret;
    }

    /** Has somebody told of each new image of the cluster, on the metadata thread; before {@link #start}. */
    public void watch(Consumer<MetadataImage> newWatcher) {
        watcher = newWatcher;
    }

    /** Raises the cluster's format level. */
    public FormatUpgrade formatUpgrade() {
        return formatUpgrade;
    }

    /** Has somebody told when the cluster is at a format level that this build does not know; before {@link #start}. */
    public void onUnreadable(Consumer<String> told) {
        unreadable = told;
    }

    /** Reads the store, finishes what was begun, opens all partitions; answers when everything can be served. */
    public void start(Reply<@Nullable Void> reply) {
        foundation.find(Outcomes.next(reply, found -> {
            if (found.isPresent()) {
                learn(found.get(), reply);
                return;
            }
            int orphans = host.countOnDisk();
            if (orphans > 0) {
                reply.fail(
                        ErrorCode.KAFKA_STORAGE_ERROR,
                        "there is no metadata, but there are files of " + orphans
                                + " partitions; if the directory zookeeper"
                                + " was lost, put it back, and if nothing is to be kept, begin with an empty directory");
                return;
            }
            foundation.lay(Outcomes.next(reply, cluster -> learn(cluster, reply)));
        }));
    }

    /** Tells the cluster where clients reach this broker; once, when it listens. */
    public void register(BrokerAddress address, Reply<@Nullable Void> reply) {
        Reply<@Nullable Void> registered = Outcomes.next(
                reply,
                none -> follower.refresh(
                        List.of(MetadataCodec.brokerPath(address.id())),
                        Outcomes.next(reply, known -> Reply.done(reply))));
        thread.execute(() -> registration.register(address, registered));
    }

    /** Called now and then, from any thread, with a clock that never goes back. */
    public void onTick(long nowMs) {
        thread.execute(() -> {
            registration.onTick(nowMs);
            follower.onTick();
            role.onTick(nowMs);
            if (sharedClientIds != null) {
                sharedClientIds.onTick(nowMs);
                clientIds.onTick();
            }
        });
    }

    private void learn(Cluster cluster, Reply<@Nullable Void> reply) {
        secret = cluster.secret();
        image.clusterId(cluster.id());
        image.publish();
        store.onSession(session);
        producerIds.fetchAhead();
        store.list(MetadataCodec.SUBSCRIPTIONS, Outcomes.then(reply, stored -> {
            subscriptions.load(stored);
            store.list(MetadataCodec.DELETING, Outcomes.then(reply, deleting -> finishDeletions(deleting, reply)));
        }));
    }

    private void finishDeletions(List<StoredValue> deleting, Reply<@Nullable Void> reply) {
        AllOf finished = new AllOf(thread, Outcomes.next(reply, none -> {
            if (alone) {
                leadAll(reply);
            } else {
                follow(reply);
            }
        }));
        for (StoredValue stored : deleting) {
            deletions.onIntent(MetadataCodec.readDeleting(stored), finished.one());
        }
        finished.close();
    }

    // ---- in a cluster

    private void follow(Reply<@Nullable Void> reply) {
        follower.start(Outcomes.next(reply, none -> {
            AllOf opened = new AllOf(thread, reply);
            for (Destination destination : image.destinations()) {
                partitions.tell(destination, opened.one());
            }
            opened.close();
        }));
    }

    /** Elections of the broker's new epoch may have been read before it knew the epoch. */
    private void onRegistered() {
        if (alone) {
            image.controller(self);
            return;
        }
        destinations.onCutOff(false);
        for (Destination destination : image.destinations()) {
            destination.partitions().forEach(state -> partitions.tell(destination, state));
        }
        clientIds.onRegistered();
        role.onRegistered();
    }

    /** What was begun by brokers that are gone is finished by the controller. */
    private void onElected() {
        if (sharedClientIds != null) {
            sharedClientIds.sweep();
        }
        subscriptions.finishIntents(new Reply<>() {
            @Override
            public void complete(@Nullable Void value) {}

            @Override
            public void fail(ErrorCode error, String message) {
                LOG.info("some durable subscriptions were not finished: {}", message);
            }
        });
    }

    private void answerDrained() {
        if (!draining.isEmpty() && isDrained()) {
            List<Reply<@Nullable Void>> drained = List.copyOf(draining);
            draining.clear();
            drained.forEach(Reply::done);
        }
    }

    private boolean isDrained() {
        return image.destinations().stream()
                .flatMap(destination -> destination.partitions().stream())
                .noneMatch(state ->
                        state.isr().contains(self) && state.isr().stream().anyMatch(this::couldLead));
    }

    private boolean couldLead(int brokerId) {
        BrokerAddress broker = image.broker(brokerId);
        return brokerId != self && broker != null && !broker.draining();
    }

    /** What the session means to a broker. */
    private final class Session implements MetadataStore.SessionListener {
        @Override
        public void onSessionLost() {
            registration.onSessionLost();
            role.onSessionLost();
            if (!alone) {
                destinations.onCutOff(true);
                host.onSessionLost();
            }
        }

        @Override
        public void onSessionOpened() {
            registration.onSessionOpened();
        }
    }

    /** What the registration means to a broker. */
    private final class Registered implements Registration.Listener {
        @Override
        public void onRegistered() {
            Metadata.this.onRegistered();
        }

        @Override
        public void onUnreadable(String why) {
            unreadable.accept(why);
        }
    }

    /** What is done with what was read. */
    private final class Following implements ClusterFollower.Followers {
        @Override
        public void onPartition(Destination destination, PartitionState state) {
            partitions.tell(destination, state);
        }

        @Override
        public void onSettings(Destination destination) {
            partitions.configure(destination);
        }

        @Override
        public void onDeleting(DeletedTopic deleted) {
            deletions.onIntent(deleted, new Reply<>() {
                @Override
                public void complete(@Nullable Void value) {}

                @Override
                public void fail(ErrorCode error, String message) {} // the next start does it
            });
        }

        @Override
        public void onSubscription(String path) {
            subscriptions.onChanged(path);
        }

        @Override
        public void onSubscriptions() {
            subscriptions.onAllChanged();
        }

        @Override
        public void onPreferredElection(boolean wanted) {
            role.onPreferredElection(wanted);
        }

        @Override
        public void onLevel(StoredLevel level) {
            String refusal = level.refusalOfLevel(formats.formats());
            if (refusal.isEmpty()) {
                formats.raise(level.level());
            } else {
                unreadable.accept(refusal);
            }
        }

        @Override
        public void onImage() {
            watcher.accept(image.get());
            if (!alone && registration.isGone(image.broker(self))) {
                session.onSessionLost();
                session.onSessionOpened();
            }
            role.onImage(image.get());
            answerDrained();
        }
    }

    /** Of a broker that is alone. */
    private static final class NoRole implements ClusterRole {
        @Override
        public void onImage(MetadataImage image) {}

        @Override
        public void onPreferredElection(boolean wanted) {}

        @Override
        public void onPeerDead(int brokerId, long epoch) {}

        @Override
        public void onPeerAlive(int brokerId, long epoch) {}

        @Override
        public void onSessionLost() {}

        @Override
        public void onRegistered() {}

        @Override
        public void onTick(long nowMs) {}
    }

    // ---- alone

    private void leadAll(Reply<@Nullable Void> reply) {
        store.list(MetadataCodec.TOPICS, Outcomes.then(reply, topics -> readPartitions(topics, reply)));
    }

    private void readPartitions(List<StoredValue> topics, Reply<@Nullable Void> reply) {
        TopicLoad load = new TopicLoad(plan);
        AllOf read = new AllOf(thread, Outcomes.next(reply, none -> writeEpochs(load.loaded(), reply)));
        for (StoredValue topic : topics) {
            for (String path : load.add(MetadataCodec.readTopic(topic))) {
                Reply<@Nullable Void> one = read.one();
                store.get(path, Outcomes.then(one, stored -> {
                    load.addPartition(stored.orElseThrow(
                            () -> new IllegalArgumentException("the metadata at " + path + " is missing")));
                    Reply.done(one);
                }));
            }
        }
        read.close();
    }

    private void writeEpochs(List<Destination> loaded, Reply<@Nullable Void> reply) {
        List<Destination> led = loaded.stream().map(this::led).toList();
        List<StoreWrite> writes = epochWrites(led);
        AllOf written = new AllOf(thread, Outcomes.next(reply, none -> open(led, reply)));
        for (int from = 0; from < writes.size(); from += STATES_PER_WRITE) {
            List<StoreWrite> chunk = writes.subList(from, Math.min(writes.size(), from + STATES_PER_WRITE));
            Reply<@Nullable Void> one = written.one();
            store.write(chunk, Outcomes.then(one, versions -> Reply.done(one)));
        }
        written.close();
    }

    /** Each partition in an epoch above its last, so that what an earlier leader said can be told from what this one says. */
    private Destination led(Destination destination) {
        Destination led = destination;
        for (PartitionState last : destination.partitions()) {
            led = led.withPartition(new PartitionState(
                    last.index(),
                    last.placement(),
                    self,
                    last.leaderEpoch() + 1,
                    List.of(self),
                    List.of(0L),
                    last.version() + 1));
        }
        return led;
    }

    private static List<StoreWrite> epochWrites(List<Destination> led) {
        List<StoreWrite> writes = new ArrayList<>();
        for (Destination destination : led) {
            for (PartitionState state : destination.partitions()) {
                writes.add(new StoreWrite.Set(
                        MetadataCodec.partitionPath(destination.topicId(), state.index()),
                        MetadataCodec.partition(state),
                        state.version() - 1));
            }
        }
        return writes;
    }

    private void open(List<Destination> led, Reply<@Nullable Void> reply) {
        AllOf opened = new AllOf(thread, Outcomes.next(reply, none -> {
            led.forEach(image::put);
            image.publish();
            subscriptions.finishIntents(reply);
        }));
        for (Destination destination : led) {
            partitions.tell(destination, opened.one());
        }
        opened.close();
    }
}
