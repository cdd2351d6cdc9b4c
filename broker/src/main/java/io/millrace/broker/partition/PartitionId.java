package io.millrace.broker.partition;

import java.util.Objects;
import java.util.UUID;

/** Which partition of which topic. Immutable. */
public record PartitionId(UUID topicId, String topicName, int index) {
    public PartitionId {
        Objects.requireNonNull(topicId, "topicId");
        Objects.requireNonNull(topicName, "topicName");
        if (index < 0) {
            throw new IllegalArgumentException("partition " + index);
        }
    }

    @Override
    public String toString() {
        return topicName + "-" + index;
    }
}
