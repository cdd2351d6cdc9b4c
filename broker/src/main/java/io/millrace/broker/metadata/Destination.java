package io.millrace.broker.metadata;

import io.millrace.broker.config.DestinationConfig;
import io.millrace.broker.partition.PartitionId;
import io.millrace.protocol.DestinationName;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A queue or topic as the cluster knows it: names, id, partitions and settings. Immutable. */
public record Destination(
        DestinationName name, UUID topicId, List<PartitionState> partitions, DestinationConfig config) {
    public Destination {
        if (partitions.isEmpty()) {
            throw new IllegalArgumentException(name + " has no partitions");
        }
        partitions = List.copyOf(partitions);
    }

    /** The name of its Kafka topic. */
    public String topicName() {
        return name.topicName();
    }

    /** The same with another state of one partition. */
    Destination withPartition(PartitionState state) {
        List<PartitionState> changed = new ArrayList<>(partitions);
        changed.set(state.index(), state);
        return new Destination(name, topicId, changed, config);
    }

    /** The same with other settings. */
    Destination withConfig(DestinationConfig changed) {
        return new Destination(name, topicId, partitions, changed);
    }

    /** The id of a partition. */
    public PartitionId partitionId(int index) {
        return new PartitionId(topicId, topicName(), index);
    }
}
