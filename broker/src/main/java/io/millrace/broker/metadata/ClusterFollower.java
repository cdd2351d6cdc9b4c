package io.millrace.broker.metadata;

import io.millrace.broker.metadata.MetadataCodec.StoredTopic;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the image like the store. It is told which paths may have changed, reads them again in rounds, and at the end of a
 * round publishes one image and tells the partitions of this broker their new states.
 *
 * <p>Why this is right whatever watches do: a path that was named is read after it was named, a value goes into the draft in the order
 * of the reads, and a partition's state only with a higher version. An event that comes late or twice costs a read. What the
 * store could not see comes as the name of a whole subtree. A round whose reads fail is read again.
 *
 * <p>Owned by the metadata thread.
 */
final class ClusterFollower {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterFollower.class);

    private static final List<String> FOLLOWED = List.of(
            MetadataCodec.LEVEL,
            MetadataCodec.BROKERS,
            MetadataCodec.CONTROLLER,
            MetadataCodec.PREFERRED_ELECTION,
            MetadataCodec.SETTINGS,
            MetadataCodec.TOPICS,
            MetadataCodec.PARTITIONS,
            MetadataCodec.DELETING,
            MetadataCodec.SUBSCRIPTIONS);

    private final MetadataStore store;
    private final Executor thread;
    private final CurrentImage image;
    private final DestinationPlan plan;
    private final Followers followers;
    private final SortedSet<String> dirty = new TreeSet<>();
    private List<Reply<@Nullable Void>> waiting = new ArrayList<>();
    private @Nullable Round round;
    private boolean ended;

    ClusterFollower(
            MetadataStore store, Executor thread, CurrentImage image, DestinationPlan plan, Followers followers) {
        this.store = store;
        this.thread = thread;
        this.image = image;
        this.plan = plan;
        this.followers = followers;
    }

    /** Who acts on what was read. Called on the metadata thread. */
    interface Followers {
        /** A partition is new or has another state. */
        void onPartition(Destination destination, PartitionState state);

        /** A destination has other settings. */
        void onSettings(Destination destination);

        /** Something is to be deleted. */
        void onDeleting(DeletedTopic deleted);

        /** The subscription at that path may have changed. */
        void onSubscription(String path);

        /** All subscriptions may have changed, or come and gone. */
        void onSubscriptions();

        /** Whether somebody wants preferred replicas to lead. */
        void onPreferredElection(boolean wanted);

        /** The cluster's format level. */
        void onLevel(StoredLevel level);

        /** There is a new image. */
        void onImage();
    }

    /** Watches everything from now on, and reads it once. */
    void start(Reply<@Nullable Void> reply) {
        for (String path : FOLLOWED) {
            store.watch(path, this::onChanged);
        }
        refresh(FOLLOWED, reply);
    }

    /** Something at that path may have changed; a path with others below it stands for all of them. */
    void onChanged(String path) {
        dirty.add(path);
        beginIfIdle();
    }

    /** Reads these paths again; answers when the image says what they say. */
    void refresh(List<String> paths, Reply<@Nullable Void> reply) {
        dirty.addAll(paths);
        waiting.add(reply);
        beginIfIdle();
    }

    /** Tries again what could not be read. */
    void onTick() {
        beginIfIdle();
    }

    /** Reads nothing more: the broker closes. */
    void end() {
        ended = true;
    }

    private void beginIfIdle() {
        if (!ended && round == null && !dirty.isEmpty()) {
            begin();
        }
    }

    private void begin() {
        List<String> paths = List.copyOf(dirty);
        dirty.clear();
        Round begun = new Round(paths, waiting);
        waiting = new ArrayList<>();
        round = begun;
        for (String path : paths) {
            read(path, begun);
        }
        begun.reads.close();
    }

    private void end(Round ended) {
        for (Destination destination : ended.load.loaded()) {
            image.put(destination);
            destination.partitions().forEach(state -> ended.changed.add(new Changed(destination.topicId(), state)));
        }
        image.publish();
        for (Changed changed : ended.changed) {
            Destination destination = image.findByTopicId(changed.topicId);
            if (destination != null) {
                followers.onPartition(destination, destination.partitions().get(changed.state.index()));
            }
        }
        ended.settings.forEach(followers::onSettings);
        followers.onImage();
        round = null;
        ended.waiting.forEach(Reply::done);
        beginIfIdle();
    }

    private void fail(Round failed, ErrorCode error, String message) {
        if (!ended) {
            LOG.atWarn().log("the metadata could not be read again: {}", message);
        }
        dirty.addAll(failed.paths);
        round = null;
        failed.waiting.forEach(one -> one.fail(error, message));
    }

    private void read(String path, Round to) {
        switch (path) {
            case MetadataCodec.BROKERS -> list(path, to, all -> foldBrokers(all));
            case MetadataCodec.CONTROLLER -> get(path, to, this::foldController);
            case MetadataCodec.LEVEL ->
                get(path, to, stored -> stored.map(MetadataCodec::readLevel).ifPresent(followers::onLevel));
            case MetadataCodec.PREFERRED_ELECTION ->
                get(path, to, stored -> followers.onPreferredElection(stored.isPresent()));
            case MetadataCodec.SETTINGS ->
                get(
                        path,
                        to,
                        stored -> image.settings(
                                stored.map(MetadataCodec::readSettings).orElse(ClusterSettings.NONE)));
            case MetadataCodec.TOPICS -> list(path, to, all -> foldTopics(all, to));
            case MetadataCodec.PARTITIONS -> readPartitions(to);
            case MetadataCodec.DELETING -> list(path, to, all -> all.forEach(this::foldDeleting));
            case MetadataCodec.SUBSCRIPTIONS -> followers.onSubscriptions();
            default -> readBelow(path, to);
        }
    }

    private void readBelow(String path, Round to) {
        String parent = path.substring(0, path.lastIndexOf('/'));
        switch (parent) {
            case MetadataCodec.BROKERS -> get(path, to, stored -> foldBroker(path, stored));
            case MetadataCodec.TOPICS -> get(path, to, stored -> foldTopic(path, stored, to));
            case MetadataCodec.DELETING -> get(path, to, stored -> stored.ifPresent(this::foldDeleting));
            case MetadataCodec.SUBSCRIPTIONS -> followers.onSubscription(path);
            case MetadataCodec.PARTITIONS -> {} // its children tell
            default -> {
                if (path.startsWith(MetadataCodec.PARTITIONS + "/")) {
                    get(path, to, stored -> stored.ifPresent(value -> foldPartition(value, to)));
                }
            }
        }
    }

    private void get(String path, Round to, Consumer<Optional<StoredValue>> fold) {
        Reply<@Nullable Void> one = to.reads.one();
        store.get(path, Outcomes.then(one, stored -> {
            guarded(path, () -> fold.accept(stored));
            Reply.done(one);
        }));
    }

    private void list(String path, Round to, Consumer<List<StoredValue>> fold) {
        Reply<@Nullable Void> one = to.reads.one();
        store.list(path, Outcomes.then(one, all -> {
            guarded(path, () -> fold.accept(all));
            Reply.done(one);
        }));
    }

    /** A value that this build can not read is another's mistake, and no reason to stop. */
    private static void guarded(String path, Runnable fold) {
        try {
            fold.run();
        } catch (IllegalArgumentException e) {
            LOG.error("the metadata at {} is passed over: {}", path, e.getMessage());
        }
    }

    private void foldBrokers(List<StoredValue> all) {
        Set<Integer> gone = new HashSet<>(image.brokerIds());
        for (StoredValue stored : all) {
            image.put(MetadataCodec.readBroker(stored));
            gone.remove(MetadataCodec.lastNumber(stored.path()));
        }
        gone.forEach(image::removeBroker);
    }

    private void foldBroker(String path, Optional<StoredValue> stored) {
        if (stored.isPresent()) {
            image.put(MetadataCodec.readBroker(stored.get()));
        } else {
            image.removeBroker(MetadataCodec.lastNumber(path));
        }
    }

    private void foldController(Optional<StoredValue> stored) {
        image.controller(stored.map(MetadataCodec::readController).orElse(MetadataImage.NO_CONTROLLER));
    }

    private void foldTopics(List<StoredValue> all, Round to) {
        Set<String> gone = new HashSet<>();
        image.destinations().forEach(destination -> gone.add(MetadataCodec.topicPath(destination.topicName())));
        for (StoredValue stored : all) {
            gone.remove(stored.path());
            guarded(stored.path(), () -> foldTopic(stored.path(), Optional.of(stored), to));
        }
        gone.forEach(path -> foldTopic(path, Optional.empty(), to));
    }

    private void foldTopic(String path, Optional<StoredValue> stored, Round to) {
        if (stored.isEmpty()) {
            image.removeTopic(path.substring(MetadataCodec.TOPICS.length() + 1));
            return;
        }
        StoredTopic topic = MetadataCodec.readTopic(stored.get());
        Destination known = image.findByTopicId(topic.topicId());
        if (known == null) {
            to.load
                    .add(topic)
                    .forEach(partition -> get(partition, to, found -> found.ifPresent(to.load::addPartition)));
        } else if (!known.config().overrides().equals(topic.configs())) {
            Destination altered = known.withConfig(plan.stored(topic.name(), topic.configs()));
            image.put(altered);
            to.settings.add(altered);
        }
    }

    private void readPartitions(Round to) {
        for (Destination destination : image.destinations()) {
            for (PartitionState state : destination.partitions()) {
                String path = MetadataCodec.partitionPath(destination.topicId(), state.index());
                get(path, to, stored -> stored.ifPresent(value -> foldPartition(value, to)));
            }
        }
    }

    private void foldPartition(StoredValue stored, Round to) {
        Destination destination = image.findByTopicId(MetadataCodec.topicOf(stored.path()));
        int index = MetadataCodec.lastNumber(stored.path());
        if (destination == null || index >= destination.partitions().size()) {
            return;
        }
        PartitionState known = destination.partitions().get(index);
        if (stored.version() > known.version()) {
            PartitionState state = MetadataCodec.readPartition(stored, index, known.replicas());
            image.put(destination.withPartition(state));
            to.changed.add(new Changed(destination.topicId(), state));
        }
    }

    private void foldDeleting(StoredValue stored) {
        followers.onDeleting(MetadataCodec.readDeleting(stored));
    }

    private record Changed(UUID topicId, PartitionState state) {}

    /** What is read together, and what came of it. */
    private final class Round {
        private final List<String> paths;
        private final List<Reply<@Nullable Void>> waiting;
        private final AllOf reads;
        private final TopicLoad load = new TopicLoad(plan);
        private final List<Changed> changed = new ArrayList<>();
        private final List<Destination> settings = new ArrayList<>();

        Round(List<String> paths, List<Reply<@Nullable Void>> waiting) {
            this.paths = paths;
            this.waiting = Objects.requireNonNull(waiting);
            this.reads = new AllOf(
                    thread, Outcomes.either(none -> end(this), (error, message) -> fail(this, error, message)));
        }
    }
}
