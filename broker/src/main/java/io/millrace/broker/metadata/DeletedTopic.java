package io.millrace.broker.metadata;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A topic that is no longer there but whose files may be. Immutable.
 *
 * @param brokers where files may be left; none if an older build wrote it, then only where it is found
 */
record DeletedTopic(UUID topicId, String topicName, int partitions, List<Integer> brokers) {
    DeletedTopic {
        brokers = List.copyOf(brokers);
    }

    /** The intent to delete all of a destination. */
    static DeletedTopic of(Destination destination) {
        List<Integer> brokers = destination.partitions().stream()
                .flatMap(state -> state.replicas().stream())
                .distinct()
                .sorted()
                .toList();
        return new DeletedTopic(
                destination.topicId(),
                destination.topicName(),
                destination.partitions().size(),
                brokers);
    }

    /** Whether a broker is still to do its part. */
    boolean isOn(int brokerId) {
        return brokers.isEmpty() || brokers.contains(brokerId);
    }

    /** The same when a broker has done its part. */
    DeletedTopic without(int brokerId) {
        List<Integer> left = new ArrayList<>(brokers);
        left.remove((Integer) brokerId);
        return new DeletedTopic(topicId, topicName, partitions, left);
    }
}
