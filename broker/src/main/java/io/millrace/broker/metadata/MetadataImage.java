package io.millrace.broker.metadata;

import io.millrace.protocol.DestinationName;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster looks like at one moment: its id, its brokers, its destinations. Immutable; a change makes a new one
 * that any thread may read.
 */
public final class MetadataImage {
    private final String clusterId;
    private final SortedMap<Integer, BrokerAddress> brokers;
    private final SortedMap<String, Destination> byTopicName;
    private final Map<UUID, Destination> byTopicId;
    private final int partitionCount;

    private MetadataImage(
            String clusterId,
            SortedMap<Integer, BrokerAddress> brokers,
            SortedMap<String, Destination> byTopicName,
            Map<UUID, Destination> byTopicId) {
        this.clusterId = clusterId;
        this.brokers = Collections.unmodifiableSortedMap(brokers);
        this.byTopicName = Collections.unmodifiableSortedMap(byTopicName);
        this.byTopicId = byTopicId;
        this.partitionCount = byTopicName.values().stream()
                .mapToInt(destination -> destination.partitions().size())
                .sum();
    }

    /** A cluster without brokers or destinations. */
    public static MetadataImage empty(String clusterId) {
        return new MetadataImage(clusterId, new TreeMap<>(), new TreeMap<>(), Map.of());
    }

    public String clusterId() {
        return clusterId;
    }

    /** The broker that is the cluster's controller, or -1 if there is none at the moment. */
    public int controllerId() {
        return brokers.isEmpty() ? -1 : brokers.firstKey();
    }

    /** The living brokers, by id. */
    public SortedMap<Integer, BrokerAddress> brokers() {
        return brokers;
    }

    /** All destinations, sorted by the name of their Kafka topic. */
    public Collection<Destination> destinations() {
        return byTopicName.values();
    }

    /** How many partitions all destinations have together. */
    public int partitionCount() {
        return partitionCount;
    }

    /** The destination of that JMS name and kind, or null. */
    public @Nullable Destination find(DestinationName name) {
        return byTopicName.get(name.topicName());
    }

    /** The destination of that Kafka topic, or null. */
    public @Nullable Destination findByTopicName(String topicName) {
        return byTopicName.get(topicName);
    }

    /** The destination of that id, or null. */
    public @Nullable Destination findByTopicId(UUID topicId) {
        return byTopicId.get(topicId);
    }

    /** The same with a broker more, or a broker's new address. */
    public MetadataImage withBroker(BrokerAddress broker) {
        SortedMap<Integer, BrokerAddress> changed = new TreeMap<>(brokers);
        changed.put(broker.id(), broker);
        return new MetadataImage(clusterId, changed, byTopicName, byTopicId);
    }

    /** The same without that broker. */
    public MetadataImage withoutBroker(int id) {
        SortedMap<Integer, BrokerAddress> changed = new TreeMap<>(brokers);
        changed.remove(id);
        return new MetadataImage(clusterId, changed, byTopicName, byTopicId);
    }

    /** The same with these destinations added, each in place of one with the same Kafka topic. */
    public MetadataImage withDestinations(Collection<Destination> added) {
        SortedMap<String, Destination> names = new TreeMap<>(byTopicName);
        Map<UUID, Destination> ids = new HashMap<>(byTopicId);
        for (Destination destination : added) {
            Destination replaced = names.put(destination.topicName(), destination);
            if (replaced != null) {
                ids.remove(replaced.topicId());
            }
            ids.put(destination.topicId(), destination);
        }
        return new MetadataImage(clusterId, brokers, names, ids);
    }

    /** The same without that destination. */
    public MetadataImage withoutDestination(UUID topicId) {
        Destination removed = byTopicId.get(topicId);
        if (removed == null) {
            return this;
        }
        SortedMap<String, Destination> names = new TreeMap<>(byTopicName);
        names.remove(removed.topicName());
        Map<UUID, Destination> ids = new HashMap<>(byTopicId);
        ids.remove(topicId);
        return new MetadataImage(clusterId, brokers, names, ids);
    }
}
