package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.DestinationConfig;
import io.millrace.broker.config.Durability;
import io.millrace.broker.disk.OpenFileLimit;
import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.journal.JournalConfig;
import io.millrace.broker.log.LogConfig;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.partition.PartitionConfig;
import io.millrace.protocol.DestinationKind;

/** What the settings of the broker and of a destination mean to a partition, its logs and the journal. Immutable. */
final class PartitionSettings {
    /** Small, so that settled history goes soon. */
    private static final int DELIVERY_SEGMENT_BYTES = 16 * 1024 * 1024;

    private final BrokerConfig broker;
    private final FormatLevel formats;

    /** @param formats at which level is written */
    PartitionSettings(BrokerConfig broker, FormatLevel formats) {
        this.broker = broker;
        this.formats = formats;
    }

    /** Whether a partition that is not here may be at another broker. */
    boolean isClustered() {
        return !broker.get(BrokerConfig.ZOOKEEPER_CONNECT).isEmpty();
    }

    JournalConfig journal() {
        return new JournalConfig(
                broker.get(BrokerConfig.JOURNAL_FILE_BYTES),
                broker.get(BrokerConfig.JOURNAL_FRAME_BYTES),
                broker.get(BrokerConfig.JOURNAL_LINGER_MS),
                broker.get(BrokerConfig.JOURNAL_CHECKPOINT_BYTES),
                formats,
                OpenFileLimit.ofSegments());
    }

    PartitionConfig partition(Destination destination) {
        DestinationConfig config = destination.config();
        return new PartitionConfig(
                destination.name().kind() == DestinationKind.QUEUE,
                config.get(DestinationConfig.MESSAGE_TIMESTAMP_TYPE),
                config.get(DestinationConfig.DURABILITY),
                config.get(DestinationConfig.MAX_MESSAGE_BYTES),
                config.get(DestinationConfig.RETENTION_MS),
                config.get(DestinationConfig.RETENTION_BYTES),
                broker.get(BrokerConfig.REATTACH_GRACE_MS),
                broker.get(BrokerConfig.DELIVER_MAX_BYTES),
                broker.get(BrokerConfig.SNAPSHOT_INTERVAL_BYTES),
                broker.get(BrokerConfig.SNAPSHOT_INTERVAL_MS),
                config.get(DestinationConfig.MIN_INSYNC_REPLICAS),
                broker.get(BrokerConfig.REPLICA_LAG_TIME_MAX_MS),
                formats);
    }

    LogConfig messages(Destination destination) {
        DestinationConfig config = destination.config();
        return new LogConfig(
                config.get(DestinationConfig.SEGMENT_BYTES),
                config.get(DestinationConfig.SEGMENT_MS),
                Math.max(1, config.get(DestinationConfig.INDEX_INTERVAL_BYTES)), // no batch is smaller: one entry each
                config.get(DestinationConfig.RETENTION_MS),
                config.get(DestinationConfig.RETENTION_BYTES),
                broker.get(BrokerConfig.PRODUCER_ID_EXPIRATION_MS),
                config.get(DestinationConfig.DURABILITY) == Durability.DISK);
    }

    /** The delivery log is small and trimmed by its own rules; what it says is as durable as the messages. */
    LogConfig deliveries(Destination destination) {
        LogConfig messages = messages(destination);
        return new LogConfig(
                Math.min(DELIVERY_SEGMENT_BYTES, messages.segmentBytes()),
                messages.segmentMs(),
                messages.indexIntervalBytes(),
                -1,
                -1,
                messages.producerIdExpirationMs(),
                messages.journaled());
    }
}
