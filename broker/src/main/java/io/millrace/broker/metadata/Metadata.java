package io.millrace.broker.metadata;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.metadata.StoreException.Reason;
import io.millrace.broker.metadata.StoreWrite.Create;
import io.millrace.broker.metadata.StoreWrite.Delete;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What this broker knows of the cluster, and the order in which it learns it at start: the cluster's id, subscriptions,
 * deletions to be finished, topics with a new leader epoch each, intents of subscriptions. Owned by the metadata
 * thread; what it hands out says for itself who may call it.
 */
public final class Metadata {
    /** As many partitions' states go into one write; a write of ZooKeeper takes up to a megabyte. */
    private static final int STATES_PER_WRITE = 1000;

    private static final List<String> ROOTS = List.of(
            MetadataCodec.ROOT,
            MetadataCodec.ROOT + "/brokers",
            MetadataCodec.BROKERS,
            MetadataCodec.TOPICS,
            MetadataCodec.PARTITIONS,
            MetadataCodec.DELETING,
            MetadataCodec.SUBSCRIPTIONS);

    private final BrokerConfig config;
    private final MetadataStore store;
    private final PartitionHost host;
    private final Executor thread;
    private final Supplier<UUID> ids;
    private final CurrentImage image = new CurrentImage();
    private final SubscriptionRegistry subscriptions;
    private final Destinations destinations;
    private final ClientIds clientIds;
    private final ProducerIds producerIds;

    /**
     * @param thread runs everything here, one after another
     * @param ids draws a random id each time
     */
    public Metadata(BrokerConfig config, MetadataStore store, PartitionHost host, Executor thread, Supplier<UUID> ids) {
        this.config = config;
        this.store = store;
        this.host = host;
        this.thread = thread;
        this.ids = ids;
        this.subscriptions = new SubscriptionRegistry(store, host, thread, ids, image);
        this.destinations = new Destinations(config, store, host, thread, ids, image, subscriptions);
        this.clientIds = new ClientIds(thread);
        this.producerIds = new ProducerIds(store, thread, ids);
    }

    public Destinations destinations() {
        return destinations;
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

    /** Reads the store, finishes what was begun, opens all partitions; answers when everything can be served. */
    public void start(Reply<@Nullable Void> reply) {
        thread.execute(() -> store.get(MetadataCodec.CLUSTER, Outcomes.then(reply, stored -> {
            if (stored.isPresent()) {
                learn(MetadataCodec.readCluster(stored.get()), reply);
            } else {
                found(reply);
            }
        })));
    }

    /** Tells the cluster where clients reach this broker; once, when it listens. */
    public void register(BrokerAddress address, Reply<@Nullable Void> reply) {
        String path = MetadataCodec.brokerPath(address.id());
        thread.execute(() -> store.get(path, Outcomes.then(reply, stale -> {
            List<StoreWrite> writes = new ArrayList<>();
            stale.ifPresent(node -> writes.add(new Delete(path, MetadataStore.ANY_VERSION)));
            writes.add(new Create(path, MetadataCodec.broker(address), true));
            store.write(writes, Outcomes.then(reply, versions -> {
                image.set(image.get().withBroker(address));
                Reply.done(reply);
            }));
        })));
    }

    /** Lays the foundation of a new cluster; the cluster's id comes last, so that a cluster with an id is complete. */
    private void found(Reply<@Nullable Void> reply) {
        int orphans = host.countOnDisk();
        if (orphans > 0) {
            reply.fail(
                    ErrorCode.KAFKA_STORAGE_ERROR,
                    "there is no metadata, but there are files of " + orphans
                            + " partitions; if the directory zookeeper"
                            + " was lost, put it back, and if nothing is to be kept, begin with an empty directory");
            return;
        }
        String clusterId = clusterId(ids.get());
        Iterator<String> roots = ROOTS.iterator();
        create(
                roots,
                Outcomes.next(
                        reply,
                        none -> store.write(
                                List.of(new Create(MetadataCodec.CLUSTER, MetadataCodec.cluster(clusterId), false)),
                                Outcomes.then(reply, versions -> learn(clusterId, reply)))));
    }

    private void create(Iterator<String> roots, Reply<@Nullable Void> reply) {
        if (!roots.hasNext()) {
            Reply.done(reply);
            return;
        }
        store.write(
                List.of(new Create(roots.next(), "", false)),
                Outcomes.unless(Reason.EXISTS, Outcomes.next(reply, none -> create(roots, reply))));
    }

    private void learn(String clusterId, Reply<@Nullable Void> reply) {
        image.set(MetadataImage.empty(clusterId));
        producerIds.fetchAhead();
        store.list(MetadataCodec.SUBSCRIPTIONS, Outcomes.then(reply, stored -> {
            subscriptions.load(stored);
            store.list(MetadataCodec.DELETING, Outcomes.then(reply, deleting -> finishDeletions(deleting, reply)));
        }));
    }

    private void finishDeletions(List<StoredValue> deleting, Reply<@Nullable Void> reply) {
        AllOf finished = new AllOf(
                thread,
                Outcomes.next(
                        reply,
                        none -> store.list(MetadataCodec.TOPICS, Outcomes.then(reply, topics -> lead(topics, reply)))));
        for (StoredValue stored : deleting) {
            destinations.finishDeleting(MetadataCodec.readDeleting(stored), finished.one());
        }
        finished.close();
    }

    private void lead(List<StoredValue> topics, Reply<@Nullable Void> reply) {
        DestinationPlan plan = new DestinationPlan(config);
        TopicLoad load = new TopicLoad(config.get(BrokerConfig.BROKER_ID), plan, topics);
        AllOf read = new AllOf(thread, Outcomes.next(reply, none -> writeEpochs(load, reply)));
        for (String path : load.partitionPaths()) {
            Reply<@Nullable Void> one = read.one();
            store.get(path, Outcomes.then(one, (Optional<StoredValue> stored) -> {
                stored.ifPresent(load::add);
                Reply.done(one);
            }));
        }
        read.close();
    }

    private void writeEpochs(TopicLoad load, Reply<@Nullable Void> reply) {
        List<Destination> led = load.led();
        List<StoreWrite> writes = load.epochWrites(led);
        AllOf written = new AllOf(thread, Outcomes.next(reply, none -> open(led, reply)));
        for (int from = 0; from < writes.size(); from += STATES_PER_WRITE) {
            List<StoreWrite> chunk = writes.subList(from, Math.min(writes.size(), from + STATES_PER_WRITE));
            Reply<@Nullable Void> one = written.one();
            store.write(chunk, Outcomes.then(one, versions -> Reply.done(one)));
        }
        written.close();
    }

    private void open(List<Destination> led, Reply<@Nullable Void> reply) {
        AllOf opened = new AllOf(thread, Outcomes.next(reply, none -> {
            image.set(image.get().withDestinations(led));
            subscriptions.finishIntents(reply);
        }));
        for (Destination destination : led) {
            for (PartitionState state : destination.partitions()) {
                host.open(destination, state, opened.one());
            }
        }
        opened.close();
    }

    /** As Kafka writes ids: 22 characters of base64. */
    private static String clusterId(UUID id) {
        byte[] bytes = new byte[16];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (id.getMostSignificantBits() >>> (56 - 8 * i));
            bytes[8 + i] = (byte) (id.getLeastSignificantBits() >>> (56 - 8 * i));
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
