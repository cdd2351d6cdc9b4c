package io.millrace.broker.metadata;

import io.millrace.broker.metadata.MetadataCodec.StoredTopic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Topics that were read from the store and whose partitions' states are being read. Owned by the metadata thread. */
final class TopicLoad {
    private final DestinationPlan plan;
    private final List<StoredTopic> topics = new ArrayList<>();
    private final Map<String, StoredValue> partitions = new HashMap<>();

    TopicLoad(DestinationPlan plan) {
        this.plan = plan;
    }

    /** Takes a topic, and says where the states of its partitions are kept. */
    List<String> add(StoredTopic topic) {
        topics.add(topic);
        List<String> paths = new ArrayList<>();
        for (int index = 0; index < topic.replicas().size(); index++) {
            paths.add(MetadataCodec.partitionPath(topic.topicId(), index));
        }
        return paths;
    }

    /** Takes the state of a partition. */
    void addPartition(StoredValue stored) {
        partitions.put(stored.path(), stored);
    }

    /** The topics that are whole; one that is being deleted is not. */
    List<Destination> loaded() {
        List<Destination> destinations = new ArrayList<>();
        for (StoredTopic topic : topics) {
            List<PartitionState> states = new ArrayList<>();
            for (int index = 0; index < topic.replicas().size(); index++) {
                StoredValue stored = partitions.get(MetadataCodec.partitionPath(topic.topicId(), index));
                if (stored != null) {
                    states.add(MetadataCodec.readPartition(
                            stored, index, topic.replicas().get(index)));
                }
            }
            if (states.size() == topic.replicas().size()) {
                destinations.add(topic.with(states, plan.stored(topic.name(), topic.configs())));
            }
        }
        return destinations;
    }
}
