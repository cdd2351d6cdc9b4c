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
 * What the cluster looks like at one moment: its id, its brokers, its controller, its destinations. Immutable; a change
 * makes a new one that any thread may read.
 */
public final class MetadataImage {
    /** No broker is the controller at the moment. */
    public static final int NO_CONTROLLER = -1;

    private final String clusterId;
    private final int controllerId;
    private final ClusterSettings settings;
    private final SortedMap<Integer, BrokerAddress> brokers;
    private final SortedMap<String, Destination> byTopicName;
    private final Map<UUID, Destination> byTopicId;
    private final int partitionCount;

    MetadataImage(
            String clusterId,
            int controllerId,
            ClusterSettings settings,
            Map<Integer, BrokerAddress> brokers,
            Map<String, Destination> byTopicName,
            Map<UUID, Destination> byTopicId) {
        this.clusterId = clusterId;
        this.controllerId = controllerId;
        this.settings = settings;
        this.brokers = Collections.unmodifiableSortedMap(new TreeMap<>(brokers));
        this.byTopicName = Collections.unmodifiableSortedMap(new TreeMap<>(byTopicName));
        this.byTopicId = new HashMap<>(byTopicId);
        this.partitionCount = byTopicName.values().stream()
                .mapToInt(destination -> destination.partitions().size())
                .sum();
    }

    /** A cluster without brokers or destinations. */
    public static MetadataImage empty(String clusterId) {
        return new MetadataImage(clusterId, NO_CONTROLLER, ClusterSettings.NONE, Map.of(), Map.of(), Map.of());
    }

    /** A cluster of these brokers and destinations. */
    public static MetadataImage of(
            String clusterId,
            int controllerId,
            Collection<BrokerAddress> brokers,
            Collection<Destination> destinations) {
        Map<Integer, BrokerAddress> addresses = new HashMap<>();
        brokers.forEach(broker -> addresses.put(broker.id(), broker));
        Map<String, Destination> names = new HashMap<>();
        Map<UUID, Destination> ids = new HashMap<>();
        for (Destination destination : destinations) {
            names.put(destination.topicName(), destination);
            ids.put(destination.topicId(), destination);
        }
        return new MetadataImage(clusterId, controllerId, ClusterSettings.NONE, addresses, names, ids);
    }

    public String clusterId() {
        return clusterId;
    }

    /** The broker that is the cluster's controller, or {@link #NO_CONTROLLER}. */
    public int controllerId() {
        return controllerId;
    }

    /** What operators have set for the cluster. */
    public ClusterSettings settings() {
        return settings;
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
}
