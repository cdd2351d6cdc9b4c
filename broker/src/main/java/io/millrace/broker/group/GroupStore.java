package io.millrace.broker.group;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The fold of one partition of {@code __consumer_offsets}: committed offsets, and groups as of their last committed generation. Whoever folds
 * the same log has the same store. Owned by the partition's lane.
 */
final class GroupStore {
    /** With the longest names and metadata, some MB. */
    private static final int RECORDS_PER_BATCH = 1000;

    private final SortedMap<String, StoredGroup> groups = new TreeMap<>();
    private final SortedMap<String, SortedMap<TopicIndex, CommittedOffset>> offsets = new TreeMap<>();

    /** Folds a committed record. */
    void apply(GroupRecord record) {
        if (record instanceof GroupRecord.Offset offset) {
            apply(offset);
        } else if (record instanceof GroupRecord.Metadata metadata) {
            StoredGroup value = metadata.value();
            if (value == null) {
                groups.remove(metadata.group());
            } else {
                groups.put(metadata.group(), value);
            }
        }
    }

    private void apply(GroupRecord.Offset offset) {
        CommittedOffset value = offset.value();
        if (value != null) {
            offsets.computeIfAbsent(offset.group(), group -> new TreeMap<>()).put(offset.partition(), value);
            return;
        }
        SortedMap<TopicIndex, CommittedOffset> ofGroup = offsets.get(offset.group());
        if (ofGroup != null) {
            ofGroup.remove(offset.partition());
            if (ofGroup.isEmpty()) {
                offsets.remove(offset.group());
            }
        }
    }

    /** The group as it is stored; null if it never had a generation. */
    @Nullable
    StoredGroup group(String id) {
        return groups.get(id);
    }

    /** The offsets of a group; a view. */
    SortedMap<TopicIndex, CommittedOffset> offsets(String group) {
        SortedMap<TopicIndex, CommittedOffset> ofGroup = offsets.get(group);
        return ofGroup == null ? Collections.emptySortedMap() : Collections.unmodifiableSortedMap(ofGroup);
    }

    /** Records from which this store could be folded anew, in batches that a log takes. */
    List<List<GroupRecord>> batches() {
        List<List<GroupRecord>> batches = new ArrayList<>();
        groups.forEach((id, group) -> batches.add(List.of(new GroupRecord.Metadata(id, group))));
        List<GroupRecord> batch = new ArrayList<>();
        for (Map.Entry<String, SortedMap<TopicIndex, CommittedOffset>> ofGroup : offsets.entrySet()) {
            for (Map.Entry<TopicIndex, CommittedOffset> offset :
                    ofGroup.getValue().entrySet()) {
                batch.add(new GroupRecord.Offset(ofGroup.getKey(), offset.getKey(), offset.getValue()));
                if (batch.size() == RECORDS_PER_BATCH) {
                    batches.add(batch);
                    batch = new ArrayList<>();
                }
            }
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }

    /** Whether the group has a generation or an offset. */
    boolean has(String group) {
        return groups.containsKey(group) || offsets.containsKey(group);
    }

    /** Every group that has a generation or an offset. */
    SortedSet<String> ids() {
        SortedSet<String> ids = new TreeSet<>(groups.keySet());
        ids.addAll(offsets.keySet());
        return ids;
    }
}
