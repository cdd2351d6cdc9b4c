package io.millrace.broker.metadata;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigException;
import io.millrace.broker.config.DestinationConfig;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks what is asked for and works out what is to be done: a refusal carries the error for the peer. Immutable. */
final class DestinationPlan {
    private static final Logger LOG = LoggerFactory.getLogger(DestinationPlan.class);

    private final BrokerConfig config;

    DestinationPlan(BrokerConfig config) {
        this.config = config;
    }

    /** The destination to be created, led by this broker from its first epoch on. */
    Destination create(NewDestination wanted, UUID topicId, MetadataImage image) throws RefusedException {
        int partitions = partitions(wanted, image);
        checkReplicationFactor(wanted, image);
        DestinationConfig settings = settings(wanted.configs());
        int self = config.get(BrokerConfig.BROKER_ID);
        List<PartitionState> states = new ArrayList<>();
        for (int index = 0; index < partitions; index++) {
            states.add(new PartitionState(index, List.of(self), self, 0, List.of(self)));
        }
        return new Destination(wanted.name(), topicId, states, settings);
    }

    /** The destination with changed settings. */
    Destination alter(Destination destination, List<ConfigChange> changes) throws RefusedException {
        Map<String, String> overrides = new TreeMap<>(destination.config().overrides());
        for (ConfigChange change : changes) {
            String value = change.value();
            if (value == null) {
                overrides.remove(change.key());
                if (DestinationConfig.find(change.key()).isEmpty()) {
                    settings(Map.of(change.key(), "")); // refuses it with the nearest name
                }
            } else {
                overrides.put(change.key(), value);
            }
        }
        return destination.withConfig(settings(overrides));
    }

    /** The settings of a destination that was stored, maybe by another build. */
    DestinationConfig stored(DestinationName name, Map<String, String> overrides) {
        return DestinationConfig.stored(
                overrides,
                config.destinationDefaults(),
                why -> LOG.warn("a stored setting of {} is not used, its default is: {}", name, why));
    }

    private int partitions(NewDestination wanted, MetadataImage image) throws RefusedException {
        int count = wanted.partitions() == NewDestination.BROKER_DEFAULT
                ? config.get(BrokerConfig.NUM_PARTITIONS)
                : wanted.partitions();
        int max = config.get(BrokerConfig.MAX_PARTITIONS_PER_DESTINATION);
        if (count < 1 || count > max) {
            throw new RefusedException(
                    ErrorCode.INVALID_PARTITIONS,
                    wanted.name() + " can have 1 to " + max + " partitions ("
                            + BrokerConfig.MAX_PARTITIONS_PER_DESTINATION + "), not " + count);
        }
        int maxInAll = config.get(BrokerConfig.MAX_PARTITIONS);
        if (image.partitionCount() + count > maxInAll) {
            throw new RefusedException(
                    ErrorCode.POLICY_VIOLATION,
                    "the broker holds " + image.partitionCount() + " partitions and takes no more than " + maxInAll
                            + " (" + BrokerConfig.MAX_PARTITIONS + "), so not the " + count + " of " + wanted.name());
        }
        return count;
    }

    private static void checkReplicationFactor(NewDestination wanted, MetadataImage image) throws RefusedException {
        int brokers = Math.max(1, image.brokers().size());
        int factor = wanted.replicationFactor();
        if (factor != NewDestination.BROKER_DEFAULT && (factor < 1 || factor > brokers)) {
            throw new RefusedException(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    wanted.name() + " can have 1 to " + brokers + " replicas, as many as there are brokers, not "
                            + factor);
        }
    }

    private DestinationConfig settings(Map<String, String> overrides) throws RefusedException {
        try {
            return DestinationConfig.of(overrides, config.destinationDefaults());
        } catch (ConfigException e) {
            throw new RefusedException(ErrorCode.INVALID_CONFIG, String.valueOf(e.getMessage()));
        }
    }

    /** A request that is not done, and what its peer is told. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final ErrorCode error;

        RefusedException(ErrorCode error, String message) {
            super(message, null, false, false);
            this.error = error;
        }

        ErrorCode error() {
            return error;
        }

        @Override
        public String getMessage() {
            @Nullable String message = super.getMessage();
            return message == null ? error.meaning() : message;
        }
    }
}
