package io.millrace.broker.config;

import static io.millrace.broker.config.ConfigKey.key;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The settings of a queue or topic: what was set on it, over the broker's {@code default.*} settings, over the
 * defaults here. Names are Kafka's where Kafka has one. Immutable.
 */
public final class DestinationConfig {
    public static final ConfigKey<CleanupPolicy> CLEANUP_POLICY = key(
                    "cleanup.policy", "How old messages leave the log; whole segments are deleted past retention.")
            .choice(CleanupPolicy.DELETE);

    public static final ConfigKey<Durability> DURABILITY = key(
                    "durability",
                    "What a persistent send waits for: the disks of all in-sync replicas, their memory, or nothing but"
                            + " the append. The default is the safe one.")
            .choice(Durability.DISK);

    public static final ConfigKey<Integer> INDEX_INTERVAL_BYTES = key(
                    "index.interval.bytes",
                    "How far apart the entries of a segment's indexes are; 0 for an entry for each batch. Kafka's default.")
            .unit("bytes")
            .integer(4096, 0, Integer.MAX_VALUE);

    public static final ConfigKey<Integer> MAX_MESSAGE_BYTES = key(
                    "max.message.bytes",
                    "The largest record batch that is taken, after compression. The default leaves room for large JMS"
                            + " messages below the largest frame (max.frame.bytes).")
            .unit("bytes")
            .integer(100 * 1024 * 1024, 1, 1024 * 1024 * 1024);

    public static final ConfigKey<TimestampType> MESSAGE_TIMESTAMP_TYPE = key(
                    "message.timestamp.type",
                    "Whose time a record carries. Destinations made by JMS stamp at append; those made by a Kafka"
                            + " client are created with CreateTime, as Kafka's would be.")
            .choice(TimestampType.LOG_APPEND_TIME, List.of(TimestampType.values()), TimestampType::word);

    public static final ConfigKey<Integer> MIN_INSYNC_REPLICAS = key(
                    "min.insync.replicas", "How many replicas must be in sync for a persistent send to be taken.")
            .integer(1, 1, Short.MAX_VALUE);

    public static final ConfigKey<Long> RETENTION_BYTES = key(
                    "retention.bytes",
                    "How many bytes of consumed messages a partition keeps; -1 for no limit by size. What a queue or"
                            + " durable subscription has yet to consume is kept beyond it.")
            .unit("bytes")
            .number(-1, -1, Long.MAX_VALUE);

    public static final ConfigKey<Long> RETENTION_MS = key(
                    "retention.ms",
                    "How long consumed messages are kept for replay; -1 for ever. A week, as with Kafka. What a queue"
                            + " or durable subscription has yet to consume is kept beyond it.")
            .unit("ms")
            .number(7L * 24 * 60 * 60 * 1000, -1, Long.MAX_VALUE);

    public static final ConfigKey<Integer> SEGMENT_BYTES = key(
                    "segment.bytes",
                    "The size at which a segment is closed and the next begun; retention deletes whole segments. A"
                            + " quarter of Kafka's, so that a busy queue gives disk back sooner.")
            .unit("bytes")
            .integer(256 * 1024 * 1024, 64 * 1024, Integer.MAX_VALUE);

    public static final ConfigKey<Integer> SEGMENT_INDEX_BYTES = key(
                    "segment.index.bytes", "The size at which a segment's index is full and the next segment begins.")
            .unit("bytes")
            .integer(10 * 1024 * 1024, 4096, Integer.MAX_VALUE);

    public static final ConfigKey<Long> SEGMENT_MS = key(
                    "segment.ms",
                    "The age at which a segment is closed even if it is small, so that retention by time can delete it.")
            .unit("ms")
            .number(7L * 24 * 60 * 60 * 1000, 1, Long.MAX_VALUE);

    private static final KeyRegistry REGISTRY = new KeyRegistry(List.of(
            CLEANUP_POLICY,
            DURABILITY,
            INDEX_INTERVAL_BYTES,
            MAX_MESSAGE_BYTES,
            MESSAGE_TIMESTAMP_TYPE,
            MIN_INSYNC_REPLICAS,
            RETENTION_BYTES,
            RETENTION_MS,
            SEGMENT_BYTES,
            SEGMENT_INDEX_BYTES,
            SEGMENT_MS));

    private final ConfigValues values;
    private final SortedMap<String, String> overrides;

    private DestinationConfig(ConfigValues values, SortedMap<String, String> overrides) {
        this.values = values;
        this.overrides = overrides;
    }

    /**
     * The settings of a destination on which the overrides were set, at a broker with these defaults.
     *
     * @throws ConfigException for an unknown key or a value that is not valid
     */
    public static DestinationConfig of(Map<String, String> overrides, Map<String, String> brokerDefaults) {
        SortedMap<String, String> merged = new TreeMap<>(brokerDefaults);
        merged.putAll(overrides);
        ConfigValues values = ConfigValues.parse(merged, REGISTRY, "destination setting");
        return new DestinationConfig(values, java.util.Collections.unmodifiableSortedMap(new TreeMap<>(overrides)));
    }

    /**
     * The settings of a destination as another build may have stored them: what this one does not take is left out, so
     * that the default holds, and told.
     *
     * @param leftOut is told what is wrong with each setting that is left out
     */
    public static DestinationConfig stored(
            Map<String, String> overrides, Map<String, String> brokerDefaults, Consumer<String> leftOut) {
        SortedMap<String, String> taken = new TreeMap<>();
        overrides.forEach((name, text) -> {
            try {
                of(Map.of(name, text), Map.of());
                taken.put(name, text);
            } catch (ConfigException e) {
                leftOut.accept(String.valueOf(e.getMessage()));
            }
        });
        return of(taken, brokerDefaults);
    }

    /** All defaults: nothing set anywhere. */
    public static DestinationConfig defaults() {
        return of(Map.of(), Map.of());
    }

    /** All keys, sorted by name. */
    public static Collection<ConfigKey<?>> keys() {
        return REGISTRY.keys();
    }

    /** The key of that name. */
    public static Optional<ConfigKey<?>> find(String name) {
        return REGISTRY.find(name);
    }

    /** The value in force. */
    public <T> T get(ConfigKey<T> key) {
        return values.get(key);
    }

    /** The value in force, as it would be written. */
    public String text(ConfigKey<?> key) {
        return values.given().getOrDefault(key.name(), key.defaultText());
    }

    /** Where the value in force comes from. */
    public Source source(ConfigKey<?> key) {
        if (overrides.containsKey(key.name())) {
            return Source.DESTINATION;
        }
        return values.given().containsKey(key.name()) ? Source.BROKER : Source.DEFAULT;
    }

    /** What was set on the destination itself, sorted by name. */
    public SortedMap<String, String> overrides() {
        return overrides;
    }

    /** Where a value comes from. */
    public enum Source {
        /** It was set on the destination. */
        DESTINATION,
        /** It was set as {@code default.*} on the broker. */
        BROKER,
        /** It was not set. */
        DEFAULT
    }
}
