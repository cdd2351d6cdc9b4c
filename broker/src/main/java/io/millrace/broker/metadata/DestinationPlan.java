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

    /** Survives the loss of one broker while another is away for maintenance. */
    private static final int AUTOMATIC_REPLICAS = 3;

    private final BrokerConfig config;

    DestinationPlan(BrokerConfig config) {
        this.config = config;
    }

    /** The destination to be created: replicas spread over the living brokers, all in sync, the first of each leads. */
    Destination create(NewDestination wanted, UUID topicId, MetadataImage image) throws RefusedException {
        int partitions = partitions(wanted, image);
        List<BrokerAddress> living = living(image);
        int replicas = replicas(wanted, living.size());
        DestinationConfig settings = settings(wanted.configs());
        checkInSync(settings, replicas, wanted.name());
        Assignment assignment = new Assignment(living, image);
        List<PartitionState> states = new ArrayList<>();
        for (int index = 0; index < partitions; index++) {
            states.add(created(index, assignment.next(replicas)));
        }
        return new Destination(wanted.name(), topicId, states, settings);
    }

    private static PartitionState created(int index, List<BrokerAddress> brokers) {
        List<Integer> replicas = brokers.stream().map(BrokerAddress::id).toList();
        List<Long> epochs = brokers.stream().map(BrokerAddress::epoch).toList();
        return new PartitionState(index, replicas, replicas.get(0), 0, replicas, epochs, 0);
    }

    /** A broker that is alone is there before it is registered, and has no epochs. */
    private List<BrokerAddress> living(MetadataImage image) throws RefusedException {
        if (!isClustered()) {
            return List.of(new BrokerAddress(config.get(BrokerConfig.BROKER_ID), "localhost", 0));
        }
        List<BrokerAddress> living = image.brokers().values().stream()
                .filter(broker -> !broker.draining())
                .toList();
        if (living.isEmpty()) {
            throw new RefusedException(ErrorCode.REQUEST_TIMED_OUT, "no broker is registered at the moment; try again");
        }
        return living;
    }

    /** Whether there may be other brokers. */
    boolean isClustered() {
        return !config.get(BrokerConfig.ZOOKEEPER_CONNECT).isEmpty();
    }

    private static void checkInSync(DestinationConfig settings, int replicas, DestinationName name)
            throws RefusedException {
        int wanted = settings.get(DestinationConfig.MIN_INSYNC_REPLICAS);
        boolean asked = settings.overrides().containsKey(DestinationConfig.MIN_INSYNC_REPLICAS.name());
        if (asked && wanted > replicas) {
            throw new RefusedException(
                    ErrorCode.INVALID_CONFIG,
                    DestinationConfig.MIN_INSYNC_REPLICAS + " of " + name + " is " + wanted + ", but it has only "
                            + replicas + " replicas, so it would never take a message");
        }
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
        DestinationConfig altered = settings(overrides);
        checkInSync(altered, destination.partitions().get(0).replicas().size(), destination.name());
        return destination.withConfig(altered);
    }

    /** The destination with the settings that the store has for it. */
    Destination stored(Destination destination, StoredValue topic) {
        return destination.withConfig(
                stored(destination.name(), MetadataCodec.readTopic(topic).configs()));
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

    private int replicas(NewDestination wanted, int brokers) throws RefusedException {
        int factor = wanted.replicationFactor();
        if (factor == NewDestination.BROKER_DEFAULT) {
            int byDefault = config.get(BrokerConfig.DEFAULT_REPLICATION_FACTOR);
            factor = byDefault == 0 ? Math.min(AUTOMATIC_REPLICAS, brokers) : byDefault;
        }
        if (factor < 1 || factor > brokers) {
            throw new RefusedException(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    wanted.name() + " can have 1 to " + brokers + " replicas, as many as there are brokers, not "
                            + factor);
        }
        return factor;
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
