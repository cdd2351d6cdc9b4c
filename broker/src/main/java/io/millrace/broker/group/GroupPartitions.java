package io.millrace.broker.group;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.InternalTopics;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.partition.Partition;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The partitions of {@code __consumer_offsets} that this broker leads, and with them the groups that it coordinates. For any thread; {@link
 * #onLeading} and {@link #onResigned} are called on the partition's lane.
 */
public final class GroupPartitions {
    private final GroupConfig config;
    private final Supplier<UUID> ids;
    private final Map<Integer, GroupPartition> led = new ConcurrentHashMap<>();

    /** @param ids draws a random id each time, on any thread */
    public GroupPartitions(GroupConfig config, Supplier<UUID> ids) {
        this.config = config;
        this.ids = ids;
    }

    // ---- leadership

    /**
     * This broker leads the partition from now on: it loads its groups and coordinates them. Nothing happens if it is of another topic.
     *
     * @param elapsedMs a clock that only goes forward
     */
    public void onLeading(Partition partition, Lane lane, LongSupplier elapsedMs) {
        if (!isOffsets(partition)) {
            return;
        }
        GroupPartition loading = new GroupPartition(partition, lane, elapsedMs, config, ids);
        GroupPartition before = led.put(partition.id().index(), loading);
        if (before != null) {
            before.end();
        }
        loading.begin();
    }

    /** This broker does not lead the partition any more, for whatever reason. Nothing happens if it did not. */
    public void onResigned(Partition partition) {
        if (isOffsets(partition)) {
            int index = partition.id().index();
            GroupPartition ended = led.get(index);
            if (ended != null && ended.isOn(partition) && led.remove(index, ended)) {
                ended.end();
            }
        }
    }

    private static boolean isOffsets(Partition partition) {
        return partition.id().topicName().equals(InternalTopics.CONSUMER_OFFSETS);
    }

    // ---- finding

    /** The partition that a group belongs to, as in Kafka. */
    public static int indexOf(String groupId, int partitionCount) {
        int hash = groupId.hashCode();
        return (hash == Integer.MIN_VALUE ? 0 : Math.abs(hash)) % partitionCount;
    }

    /** The partition of a group, or null if this broker does not coordinate it. */
    public @Nullable GroupPartition find(MetadataImage image, String groupId) {
        Destination offsets = image.findByTopicName(InternalTopics.CONSUMER_OFFSETS);
        return offsets == null
                ? null
                : led.get(indexOf(groupId, offsets.partitions().size()));
    }

    /** All partitions here, by index. */
    public List<GroupPartition> all() {
        return List.copyOf(new TreeMap<>(led).values());
    }
}
