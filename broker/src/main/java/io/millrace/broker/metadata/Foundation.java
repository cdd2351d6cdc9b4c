package io.millrace.broker.metadata;

import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.metadata.StoreException.Reason;
import io.millrace.broker.metadata.StoreWrite.Create;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a cluster stands on: its id, its secret, the places of everything else, and the numbers of its brokers. Several brokers may
 * lay it at the same time. Every method may be called from any thread; replies come on the metadata thread.
 */
public final class Foundation {
    /** Below it numbers are for those who choose them, as with Kafka. */
    private static final int FIRST_DRAWN_BROKER_ID = 1001;

    private static final List<String> ROOTS = List.of(
            MetadataCodec.ROOT,
            MetadataCodec.ROOT + "/brokers",
            MetadataCodec.BROKERS,
            MetadataCodec.TOPICS,
            MetadataCodec.PARTITIONS,
            MetadataCodec.DELETING,
            MetadataCodec.SUBSCRIPTIONS,
            MetadataCodec.CLIENT_IDS,
            MetadataCodec.CONTROLLER_EPOCH);

    private final MetadataStore store;
    private final Executor thread;
    private final Supplier<UUID> ids;
    private final FormatLevel formats;

    /** Of this build's newest level. */
    public Foundation(MetadataStore store, Executor thread, Supplier<UUID> ids) {
        this(store, thread, ids, FormatLevel.newest());
    }

    /**
     * @param ids draws a random id each time
     * @param formats is raised to the cluster's level
     */
    public Foundation(MetadataStore store, Executor thread, Supplier<UUID> ids, FormatLevel formats) {
        this.store = store;
        this.thread = thread;
        this.ids = ids;
        this.formats = formats;
    }

    /**
     * A cluster.
     *
     * @param secret what its brokers prove to each other that they belong to it
     */
    public record Cluster(String id, String secret) {
        @Override
        public String toString() {
            return "cluster " + id;
        }
    }

    /**
     * The cluster of the store, if there is one. Fails with {@code UNSUPPORTED_VERSION} if this build can not read what its brokers write: so
     * its level is read first, and nothing else then.
     */
    public void find(Reply<Optional<Cluster>> reply) {
        thread.execute(() -> store.get(MetadataCodec.LEVEL, Outcomes.then(reply, stored -> {
            String refusal = stored.map(MetadataCodec::readLevel)
                    .map(level -> level.refusalOfLevel(formats.formats()))
                    .orElse("");
            if (!refusal.isEmpty()) {
                reply.fail(ErrorCode.UNSUPPORTED_VERSION, refusal);
                return;
            }
            stored.ifPresent(
                    value -> formats.raise(MetadataCodec.readLevel(value).level()));
            findBelow(stored.isPresent(), reply);
        })));
    }

    private void findBelow(boolean hasLevel, Reply<Optional<Cluster>> reply) {
        store.get(MetadataCodec.CLUSTER, Outcomes.then(reply, stored -> {
            if (stored.isPresent() && !hasLevel) {
                store.write(
                        List.of(new Create(MetadataCodec.LEVEL, MetadataCodec.level(StoredLevel.FIRST), false)),
                        Outcomes.unless(Reason.EXISTS, Outcomes.next(reply, none -> find(reply))));
                return;
            }
            if (stored.isPresent()) {
                complete(
                        MetadataCodec.readCluster(stored.get()),
                        Outcomes.next(reply, cluster -> reply.complete(Optional.of(cluster))));
            } else {
                reply.complete(Optional.empty());
            }
        }));
    }

    /** The cluster of the store; founds one if there is none. The id comes last, so that a cluster with an id is complete. */
    public void lay(Reply<Cluster> reply) {
        find(Outcomes.next(reply, found -> {
            if (found.isPresent()) {
                reply.complete(found.get());
                return;
            }
            create(ROOTS.iterator(), Outcomes.next(reply, none -> found(reply)));
        }));
    }

    /** A number that no broker has had. */
    public void drawBrokerId(Reply<Integer> reply) {
        thread.execute(() -> drawNow(reply));
    }

    /** The present in the store's order of changes; a data directory begins there. */
    public void birth(UUID directory, Reply<Long> reply) {
        String text = MetadataCodec.birth(directory);
        Runnable read = () -> store.get(
                MetadataCodec.BIRTHS,
                Outcomes.then(
                        reply,
                        stored -> reply.complete(
                                stored.map(StoredValue::changedAt).orElse(0L))));
        thread.execute(() -> store.write(
                List.of(new StoreWrite.Set(MetadataCodec.BIRTHS, text, MetadataStore.ANY_VERSION)),
                Outcomes.thenOr(
                        Reason.ABSENT,
                        reply,
                        versions -> read.run(),
                        () -> store.write(
                                List.of(new Create(MetadataCodec.BIRTHS, text, false)),
                                Outcomes.thenOr(
                                        Reason.EXISTS,
                                        reply,
                                        versions -> read.run(),
                                        () -> birth(directory, reply))))));
    }

    /** Adds what clusters of earlier builds do not have. */
    private void complete(String clusterId, Reply<Cluster> reply) {
        create(
                ROOTS.iterator(),
                Outcomes.next(
                        reply,
                        none -> store.get(MetadataCodec.SECRET, Outcomes.then(reply, stored -> {
                            if (stored.isPresent()) {
                                reply.complete(new Cluster(clusterId, MetadataCodec.readSecret(stored.get())));
                                return;
                            }
                            store.write(
                                    List.of(new Create(MetadataCodec.SECRET, MetadataCodec.secret(draw()), false)),
                                    Outcomes.thenOr(
                                            Reason.EXISTS,
                                            reply,
                                            versions -> complete(clusterId, reply),
                                            () -> complete(clusterId, reply)));
                        }))));
    }

    /** A new cluster, at the newest level. Another broker may write one at the same time: whoever is first is right. */
    private void found(Reply<Cluster> reply) {
        String level =
                MetadataCodec.level(StoredLevel.at(formats.formats().levels().newest(), formats.formats()));
        store.write(
                List.of(
                        new Create(MetadataCodec.LEVEL, level, false),
                        new Create(MetadataCodec.CLUSTER, clusterText(ids.get()), false)),
                Outcomes.thenOr(Reason.EXISTS, reply, versions -> lay(reply), () -> lay(reply)));
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

    private void drawNow(Reply<Integer> reply) {
        store.get(MetadataCodec.NEXT_BROKER_ID, Outcomes.then(reply, stored -> {
            int drawn = stored.map(MetadataCodec::readNextBrokerId).orElse(FIRST_DRAWN_BROKER_ID);
            String text = MetadataCodec.nextBrokerId(drawn + 1, ids.get());
            StoreWrite write = stored.isPresent()
                    ? new StoreWrite.Set(
                            MetadataCodec.NEXT_BROKER_ID, text, stored.get().version())
                    : new Create(MetadataCodec.NEXT_BROKER_ID, text, false);
            store.write(List.of(write), Outcomes.handle(versions -> reply.complete(drawn), failure -> {
                switch (failure.reason()) {
                    case EXISTS, OTHER_VERSION -> drawNow(reply); // another broker took it
                    case ABSENT, NO_ROOM, UNAVAILABLE -> Outcomes.fail(reply, failure);
                }
            }));
        }));
    }

    private String draw() {
        return encode(ids.get()) + encode(ids.get());
    }

    private static String clusterText(UUID id) {
        return MetadataCodec.cluster(encode(id));
    }

    /** As Kafka writes ids: 22 characters of base64. */
    private static String encode(UUID id) {
        byte[] bytes = new byte[16];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (id.getMostSignificantBits() >>> (56 - 8 * i));
            bytes[8 + i] = (byte) (id.getLeastSignificantBits() >>> (56 - 8 * i));
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
