package io.millrace.broker.metadata;

import io.millrace.protocol.DestinationName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The cluster as of now: a draft that the metadata thread writes, and the last image that was made of it, for any thread.
 * Making one costs as much as the cluster has destinations, so changes are gathered before {@link #publish}.
 */
final class CurrentImage {
    private final SortedMap<Integer, BrokerAddress> brokers = new TreeMap<>();
    private final SortedMap<String, Destination> byTopicName = new TreeMap<>();
    private final Map<UUID, Destination> byTopicId = new HashMap<>();
    private String clusterId = "";
    private int controllerId = MetadataImage.NO_CONTROLLER;
    private ClusterSettings settings = ClusterSettings.NONE;
    private boolean changed;
    private volatile MetadataImage image = MetadataImage.empty("");

    /** The cluster as it was published last; for any thread. */
    MetadataImage get() {
        return image;
    }

    /** Makes what was changed visible. */
    void publish() {
        if (changed) {
            changed = false;
            image = new MetadataImage(clusterId, controllerId, settings, brokers, byTopicName, byTopicId);
        }
    }

    void clusterId(String id) {
        clusterId = id;
        changed = true;
    }

    void controller(int id) {
        changed |= controllerId != id;
        controllerId = id;
    }

    void settings(ClusterSettings present) {
        changed |= !settings.equals(present);
        settings = present;
    }

    void put(BrokerAddress broker) {
        changed |= !broker.equals(brokers.put(broker.id(), broker));
    }

    void removeBroker(int id) {
        changed |= brokers.remove(id) != null;
    }

    /** Adds a destination, in place of one with the same Kafka topic. */
    void put(Destination destination) {
        Destination replaced = byTopicName.put(destination.topicName(), destination);
        if (replaced != null) {
            byTopicId.remove(replaced.topicId());
        }
        byTopicId.put(destination.topicId(), destination);
        changed = true;
    }

    void removeTopic(String topicName) {
        Destination removed = byTopicName.remove(topicName);
        if (removed != null) {
            byTopicId.remove(removed.topicId());
            changed = true;
        }
    }

    @Nullable
    BrokerAddress broker(int id) {
        return brokers.get(id);
    }

    List<Integer> brokerIds() {
        return List.copyOf(brokers.keySet());
    }

    @Nullable
    Destination find(DestinationName name) {
        return byTopicName.get(name.topicName());
    }

    @Nullable
    Destination findByTopicName(String topicName) {
        return byTopicName.get(topicName);
    }

    @Nullable
    Destination findByTopicId(UUID topicId) {
        return byTopicId.get(topicId);
    }

    List<Destination> destinations() {
        return List.copyOf(byTopicName.values());
    }
}
