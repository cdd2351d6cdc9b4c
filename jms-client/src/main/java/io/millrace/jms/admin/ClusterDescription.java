package io.millrace.jms.admin;

import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.message.ClusterStateResponseData;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cluster as one of its brokers sees it. Immutable.
 *
 * @param controllerId the broker that decides who leads, or -1 if there is none at the moment
 * @param brokers the living brokers, by id
 * @param partitions all partitions, by destination and index
 */
public record ClusterDescription(String clusterId, int controllerId, List<Broker> brokers, List<Partition> partitions) {
    public ClusterDescription {
        brokers = List.copyOf(brokers);
        partitions = List.copyOf(partitions);
    }

    /**
     * A living broker.
     *
     * @param rack what it shares its fate with, or null
     * @param epoch differs at each registration
     * @param isDraining whether it is about to close
     */
    public record Broker(
            int id, String host, int port, @Nullable String rack, long epoch, boolean isDraining) {}

    /**
     * The state of a partition.
     *
     * @param isQueue whether its destination is a queue, or a topic
     * @param destination the JMS name
     * @param leaderId the broker that leads it, or -1
     * @param replicas the brokers that hold it, the preferred leader first
     * @param inSync those that have everything acknowledged
     * @param minInSync how many of them a durable send needs
     */
    public record Partition(
            boolean isQueue,
            String destination,
            int index,
            int leaderId,
            int leaderEpoch,
            List<Integer> replicas,
            List<Integer> inSync,
            int minInSync) {
        public Partition {
            replicas = List.copyOf(replicas);
            inSync = List.copyOf(inSync);
        }

        /** Whether nobody serves it. */
        public boolean isOffline() {
            return leaderId < 0;
        }

        /** Whether some replica lacks something. */
        public boolean isUnderReplicated() {
            return inSync.size() < replicas.size();
        }

        /** Whether durable sends are refused. */
        public boolean isBelowMinInSync() {
            return inSync.size() < minInSync;
        }
    }

    static ClusterDescription of(ClusterStateResponseData state) {
        List<Broker> brokers = new ArrayList<>();
        for (ClusterStateResponseData.ClusterBroker broker : state.brokers()) {
            brokers.add(new Broker(
                    broker.id(), broker.host(), broker.port(), broker.rack(), broker.epoch(), broker.draining()));
        }
        List<Partition> partitions = new ArrayList<>();
        for (ClusterStateResponseData.ClusterDestination destination : state.destinations()) {
            for (ClusterStateResponseData.ClusterPartition partition : destination.partitions()) {
                partitions.add(new Partition(
                        destination.kind() == DestinationKind.QUEUE.code(),
                        destination.name(),
                        partition.index(),
                        partition.leaderId(),
                        partition.leaderEpoch(),
                        partition.replicas(),
                        partition.inSyncReplicas(),
                        destination.minInSyncReplicas()));
            }
        }
        return new ClusterDescription(state.clusterId(), state.controllerId(), brokers, partitions);
    }
}
