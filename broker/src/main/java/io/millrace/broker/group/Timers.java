package io.millrace.broker.group;

import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * When each group is to be looked at again. A deadline that moves further away, as with every heartbeat, is not touched: the group is looked
 * at in vain then, and asked anew. Owned by the partition's lane.
 */
final class Timers {
    private final PriorityQueue<Entry> queue = new PriorityQueue<>();
    private final Map<Group, Long> scheduled = new HashMap<>();
    private long sequence;

    private record Entry(long atMs, long sequence, Group group) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            int byTime = Long.compare(atMs, other.atMs);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    /** Looks at a group then, unless it is looked at before. */
    void at(Group group, long atMs) {
        if (atMs < scheduled.getOrDefault(group, Long.MAX_VALUE)) {
            scheduled.put(group, atMs);
            queue.add(new Entry(atMs, sequence++, group));
        }
    }

    /** A group that is to be looked at now; null if there is none. */
    @Nullable
    Group due(long nowMs) {
        for (Entry next = queue.peek(); next != null && next.atMs <= nowMs; next = queue.peek()) {
            queue.poll();
            if (scheduled.remove(next.group, next.atMs)) {
                return next.group;
            }
        }
        return null;
    }

    void forget(Group group) {
        scheduled.remove(group);
    }

    void clear() {
        queue.clear();
        scheduled.clear();
    }

    /** When the next group is to be looked at, or before; {@link Long#MAX_VALUE} if none is. */
    long nextMs() {
        Entry next = queue.peek();
        return next == null ? Long.MAX_VALUE : next.atMs;
    }
}
