package io.millrace.broker.log;

import java.util.Comparator;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Names one log of the broker. Ordered, so that what is made of many logs has one order. */
public record LogKey(UUID topicId, int partition, LogKind kind) implements Comparable<LogKey> {
    private static final Comparator<LogKey> ORDER = Comparator.comparing(LogKey::topicId)
            .thenComparingInt(LogKey::partition)
            .thenComparing(LogKey::kind);

    @Override
    public int compareTo(LogKey other) {
        return ORDER.compare(this, other);
    }

    /** As a record's own, but without what the JVM makes of that at run time: a start reads hundreds of thousands of keys, cold. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LogKey key
                && partition == key.partition
                && kind == key.kind
                && topicId.equals(key.topicId);
    }

    @Override
    public int hashCode() {
        return (topicId.hashCode() * 31 + partition) * 31 + kind.code();
    }

    @Override
    public String toString() {
        return topicId + "-" + partition + (kind == LogKind.MESSAGE ? "" : "/deliveries");
    }
}
