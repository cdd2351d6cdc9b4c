package io.millrace.broker.group;

import java.util.Comparator;

/** A partition of a topic, by name, as offsets are stored. Ordered by topic, then partition. Immutable. */
public record TopicIndex(String topic, int partition) implements Comparable<TopicIndex> {
    private static final Comparator<TopicIndex> ORDER =
            Comparator.comparing(TopicIndex::topic).thenComparingInt(TopicIndex::partition);

    @Override
    public int compareTo(TopicIndex other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
