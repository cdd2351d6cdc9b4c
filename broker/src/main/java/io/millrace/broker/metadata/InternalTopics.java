package io.millrace.broker.metadata;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.DestinationConfig;
import io.millrace.broker.config.TimestampType;
import io.millrace.protocol.DestinationName;
import java.util.Map;

/** The topics that brokers keep their own state in: clients may read them, and neither write, make, change nor delete them. */
public final class InternalTopics {
    /** Committed offsets and consumer groups, under Kafka's name for it. */
    public static final String CONSUMER_OFFSETS = "__consumer_offsets";

    private static final int SEGMENT_BYTES = 64 * 1024 * 1024;

    private InternalTopics() {}

    /** Whether the topic is a broker's own. */
    public static boolean isInternal(String topicName) {
        return topicName.equals(CONSUMER_OFFSETS);
    }

    /** The topic of consumer groups as it is made: nothing of it is lost, whatever the broker's defaults for destinations are. */
    static NewDestination consumerOffsets(BrokerConfig config) {
        return new NewDestination(
                DestinationName.ofTopicName(CONSUMER_OFFSETS),
                config.get(BrokerConfig.OFFSETS_TOPIC_NUM_PARTITIONS),
                NewDestination.BROKER_DEFAULT,
                Map.of(
                        DestinationConfig.DURABILITY.name(), DestinationConfig.DURABILITY.defaultText(),
                        DestinationConfig.MESSAGE_TIMESTAMP_TYPE.name(), TimestampType.CREATE_TIME.word(),
                        DestinationConfig.RETENTION_MS.name(), "-1",
                        DestinationConfig.RETENTION_BYTES.name(), "-1",
                        DestinationConfig.SEGMENT_BYTES.name(), Integer.toString(SEGMENT_BYTES)));
    }
}
