package io.millrace.broker.kafka;

import io.millrace.broker.config.ConfigKey;
import io.millrace.broker.config.DestinationConfig;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigType;

/** Where a setting's value comes from, and its type, in Kafka's codes. */
final class ConfigSources {
    static final byte STATIC_BROKER = ConfigSource.STATIC_BROKER_CONFIG.id();
    static final byte DEFAULT = ConfigSource.DEFAULT_CONFIG.id();

    private ConfigSources() {}

    static byte code(DestinationConfig.Source source) {
        return switch (source) {
            case DESTINATION -> ConfigSource.TOPIC_CONFIG.id();
            case BROKER -> STATIC_BROKER;
            case DEFAULT -> DEFAULT;
        };
    }

    /** The code of {@link ConfigEntry.ConfigType} on the wire. */
    static byte type(ConfigKey<?> key) {
        return switch (key.type()) {
            case "boolean" -> ConfigType.BOOLEAN.id();
            case "int" -> ConfigType.INT.id();
            case "long" -> ConfigType.LONG.id();
            default -> ConfigType.STRING.id();
        };
    }
}
