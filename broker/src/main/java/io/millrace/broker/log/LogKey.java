package io.millrace.broker.log;

import java.util.Comparator;
import java.util.UUID;

/** Names one log of the broker. Ordered, so that what is made of many logs has one order. */
public record LogKey(UUID topicId, int partition, LogKind kind) implements Comparable<LogKey> {
    private static final Comparator<LogKey> ORDER = Comparator.comparing(LogKey::topicId)
            .thenComparingInt(LogKey::partition)
            .thenComparing(LogKey::kind);

    @Override
    public int compareTo(LogKey other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return topicId + "-" + partition + (kind == LogKind.MESSAGE ? "" : "/deliveries");
    }
}
