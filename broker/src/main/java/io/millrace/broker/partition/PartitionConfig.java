package io.millrace.broker.partition;

import io.millrace.broker.config.Durability;
import io.millrace.broker.config.TimestampType;
import io.millrace.broker.format.FormatLevel;
import java.util.Objects;

/**
 * The settings of one partition, parsed from the destination's and the broker's configuration. Immutable.
 *
 * @param queue whether the destination is a queue, which has the subscription {@code default} from its first day
 * @param timestamps whose time a record carries ({@code message.timestamp.type})
 * @param durability what an acknowledged send has survived ({@code durability})
 * @param maxMessageBytes the largest record batch accepted ({@code max.message.bytes})
 * @param retentionMs how long records are kept, once consumed ({@code retention.ms}); -1 for ever
 * @param retentionBytes how many bytes of log are kept, once consumed ({@code retention.bytes}); -1 for no limit
 * @param reattachGraceMs how long deliveries wait for a lost holder ({@code reattach.grace})
 * @param deliverMaxBytes about the most bytes of one answer to a consumer ({@code deliver.max.bytes})
 * @param snapshotBytes a snapshot of the fold is written after that many bytes of both logs ({@code snapshot.interval.bytes})
 * @param snapshotMs a snapshot is written when the last is that old and anything was folded since ({@code snapshot.interval.ms})
 * @param minInSync how many replicas must be in sync for a send that waits for them ({@code min.insync.replicas})
 * @param maxLagMs a replica that has not had everything for so long is not in sync ({@code replica.lag.time.max.ms})
 * @param formats at which level is written; it may rise meanwhile
 */
public record PartitionConfig(
        boolean queue,
        TimestampType timestamps,
        Durability durability,
        int maxMessageBytes,
        long retentionMs,
        long retentionBytes,
        long reattachGraceMs,
        int deliverMaxBytes,
        long snapshotBytes,
        long snapshotMs,
        int minInSync,
        long maxLagMs,
        FormatLevel formats) {
    public static final int DEFAULT_MAX_MESSAGE_BYTES = 1024 * 1024 + 12;
    public static final long DEFAULT_RETENTION_MS = 7L * 24 * 3600 * 1000;
    public static final long DEFAULT_REATTACH_GRACE_MS = 2000;
    /** Large enough to spread the cost of an answer over many messages, small enough that consumers share a burst. */
    public static final int DEFAULT_DELIVER_MAX_BYTES = 256 * 1024;
    /** A restart folds at most about this much of the logs: some tens of milliseconds. */
    public static final long DEFAULT_SNAPSHOT_BYTES = 16L * 1024 * 1024;

    public static final long DEFAULT_SNAPSHOT_MS = 60_000;

    /** Twice a ZooKeeper session: a broker that died is taken out by the controller before that. */
    public static final long DEFAULT_MAX_LAG_MS = 10_000;

    /** Of this build's newest level. */
    public PartitionConfig(
            boolean queue,
            TimestampType timestamps,
            Durability durability,
            int maxMessageBytes,
            long retentionMs,
            long retentionBytes,
            long reattachGraceMs,
            int deliverMaxBytes,
            long snapshotBytes,
            long snapshotMs,
            int minInSync,
            long maxLagMs) {
        this(
                queue,
                timestamps,
                durability,
                maxMessageBytes,
                retentionMs,
                retentionBytes,
                reattachGraceMs,
                deliverMaxBytes,
                snapshotBytes,
                snapshotMs,
                minInSync,
                maxLagMs,
                FormatLevel.newest());
    }

    public PartitionConfig {
        Objects.requireNonNull(formats, "formats");
        Objects.requireNonNull(timestamps, "timestamps");
        Objects.requireNonNull(durability, "durability");
        atLeast("max.message.bytes", maxMessageBytes, 1);
        atLeast("retention.ms", retentionMs, -1);
        atLeast("retention.bytes", retentionBytes, -1);
        atLeast("reattach.grace", reattachGraceMs, 0);
        atLeast("deliver.max.bytes", deliverMaxBytes, 1);
        atLeast("snapshot.interval.bytes", snapshotBytes, 1);
        atLeast("snapshot.interval.ms", snapshotMs, 1);
        atLeast("min.insync.replicas", minInSync, 1);
        atLeast("replica.lag.time.max.ms", maxLagMs, 1);
    }

    /** A queue made by JMS with every default. */
    public static PartitionConfig ofQueue() {
        return defaults(true, TimestampType.LOG_APPEND_TIME);
    }

    /** A topic made by JMS with every default. */
    public static PartitionConfig ofTopic() {
        return defaults(false, TimestampType.LOG_APPEND_TIME);
    }

    /** A topic made by a Kafka client with every default. */
    public static PartitionConfig ofKafkaTopic() {
        return defaults(false, TimestampType.CREATE_TIME);
    }

    private static PartitionConfig defaults(boolean queue, TimestampType timestamps) {
        return new PartitionConfig(
                queue,
                timestamps,
                Durability.DISK,
                DEFAULT_MAX_MESSAGE_BYTES,
                DEFAULT_RETENTION_MS,
                -1,
                DEFAULT_REATTACH_GRACE_MS,
                DEFAULT_DELIVER_MAX_BYTES,
                DEFAULT_SNAPSHOT_BYTES,
                DEFAULT_SNAPSHOT_MS,
                1,
                DEFAULT_MAX_LAG_MS);
    }

    private static void atLeast(String key, long value, long min) {
        if (value < min) {
            throw new IllegalArgumentException(key + " is " + value + ", at least " + min + " is needed");
        }
    }
}
