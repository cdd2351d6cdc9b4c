package io.millrace.broker.metadata;

import io.millrace.broker.config.DestinationConfig;
import io.millrace.protocol.DestinationName;
import java.util.Map;

/**
 * A queue or topic to be created, as its creator asks for it. Immutable.
 *
 * @param partitions how many, or -1 for the broker's default
 * @param replicationFactor how many replicas, or -1 for the broker's default
 * @param configs settings by name, checked at creation
 */
public record NewDestination(DestinationName name, int partitions, int replicationFactor, Map<String, String> configs) {
    /** The broker decides. */
    public static final int BROKER_DEFAULT = -1;

    public NewDestination {
        configs = Map.copyOf(configs);
    }

    /** With the broker's defaults, made by JMS: records are stamped at append. */
    public static NewDestination byDefault(DestinationName name) {
        return new NewDestination(name, BROKER_DEFAULT, BROKER_DEFAULT, Map.of());
    }

    /** The same as a Kafka client would have it: records keep their producer's time unless the settings say otherwise. */
    public NewDestination madeByKafka() {
        String key = DestinationConfig.MESSAGE_TIMESTAMP_TYPE.name();
        if (configs.containsKey(key)) {
            return this;
        }
        Map<String, String> changed = new java.util.HashMap<>(configs);
        changed.put(key, io.millrace.broker.config.TimestampType.CREATE_TIME.word());
        return new NewDestination(name, partitions, replicationFactor, changed);
    }
}
