package io.millrace.broker.metadata;

import io.millrace.broker.metadata.MetadataCodec.StoredTopic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The topics that were in the store at start, on their way to being led: each partition in an epoch above its last, so
 * that what an earlier leader said can be told from what this one says. Owned by the metadata thread.
 */
final class TopicLoad {
    private final int self;
    private final DestinationPlan plan;
    private final List<StoredTopic> topics;
    private final Map<String, StoredValue> partitions = new HashMap<>();

    TopicLoad(int self, DestinationPlan plan, List<StoredValue> stored) {
        this.self = self;
        this.plan = plan;
        this.topics = stored.stream().map(MetadataCodec::readTopic).toList();
    }

    /** Where the states of the partitions are kept. */
    List<String> partitionPaths() {
        List<String> paths = new ArrayList<>();
        for (StoredTopic topic : topics) {
            for (int index = 0; index < topic.replicas().size(); index++) {
                paths.add(MetadataCodec.partitionPath(topic.topicId(), index));
            }
        }
        return paths;
    }

    /** Takes the state of a partition. */
    void add(StoredValue stored) {
        partitions.put(stored.path(), stored);
    }

    /** The topics, led by this broker. */
    List<Destination> led() {
        List<Destination> destinations = new ArrayList<>();
        for (StoredTopic topic : topics) {
            List<PartitionState> states = new ArrayList<>();
            for (int index = 0; index < topic.replicas().size(); index++) {
                states.add(led(topic, index));
            }
            destinations.add(topic.with(states, plan.stored(topic.name(), topic.configs())));
        }
        return destinations;
    }

    /** What tells the store so. */
    List<StoreWrite> epochWrites(List<Destination> led) {
        List<StoreWrite> writes = new ArrayList<>();
        for (Destination destination : led) {
            for (PartitionState state : destination.partitions()) {
                writes.add(new StoreWrite.Set(
                        MetadataCodec.partitionPath(destination.topicId(), state.index()),
                        MetadataCodec.partition(state),
                        MetadataStore.ANY_VERSION));
            }
        }
        return writes;
    }

    private PartitionState led(StoredTopic topic, int index) {
        String path = MetadataCodec.partitionPath(topic.topicId(), index);
        StoredValue stored = partitions.get(path);
        if (stored == null) {
            throw new IllegalArgumentException("the metadata at " + path + " is missing");
        }
        List<Integer> replicas = topic.replicas().get(index);
        PartitionState last = MetadataCodec.readPartition(stored, index, replicas);
        return new PartitionState(index, replicas, self, last.leaderEpoch() + 1, List.of(self));
    }
}
