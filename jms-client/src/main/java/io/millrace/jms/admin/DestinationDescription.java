package io.millrace.jms.admin;

import java.util.List;
import java.util.Map;

/**
 * What an operator asks first of a destination.
 *
 * @param isQueue whether it is a queue, or a topic
 * @param name the JMS name
 * @param topicName the name of its Kafka topic
 * @param topicId the id of its Kafka topic, as Kafka writes it
 * @param configs settings that differ from the broker's defaults, sorted by key
 * @param partitions the partitions, by number
 */
public record DestinationDescription(
        boolean isQueue,
        String name,
        String topicName,
        String topicId,
        Map<String, String> configs,
        List<PartitionDescription> partitions) {
    public DestinationDescription {
        configs = java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(configs));
        partitions = List.copyOf(partitions);
    }

    /** Messages that wait to be delivered, over all partitions and subscriptions. */
    public long waiting() {
        return partitions.stream()
                .flatMap(partition -> partition.subscriptions().stream())
                .mapToLong(SubscriptionDescription::waiting)
                .sum();
    }

    /** Messages that are delivered and not settled, over all partitions and subscriptions. */
    public long inFlight() {
        return partitions.stream()
                .flatMap(partition -> partition.subscriptions().stream())
                .mapToLong(SubscriptionDescription::inFlight)
                .sum();
    }

    /** Bytes on disk, over all partitions. */
    public long sizeBytes() {
        return partitions.stream()
                .mapToLong(partition -> partition.sizeBytes() + partition.deliveryLogBytes())
                .sum();
    }
}
