package io.millrace.broker.session;

import io.millrace.broker.config.DestinationConfig;
import io.millrace.broker.metadata.BrokerAddress;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.protocol.message.ClusterStateRequestData;
import io.millrace.protocol.message.ClusterStateResponseData;
import io.millrace.protocol.message.ElectPreferredLeadersResponseData;
import java.util.Comparator;

/** Serves what concerns the cluster as a whole: ClusterState, ElectPreferredLeaders. */
final class ClusterApis {
    private ClusterApis() {}

    static void state(Request request, long nowMs) {
        ClusterStateRequestData message = (ClusterStateRequestData) request.message();
        MetadataImage image =
                request.session().services().registries().destinations().image();
        ClusterStateResponseData response =
                new ClusterStateResponseData().setClusterId(image.clusterId()).setControllerId(image.controllerId());
        image.brokers().values().forEach(broker -> response.brokers().add(described(broker)));
        if (message.partitions()) {
            image.destinations().stream()
                    .sorted(Comparator.comparing((Destination destination) ->
                                    destination.name().kind())
                            .thenComparing(destination -> destination.name().name()))
                    .forEach(destination -> response.destinations().add(described(destination)));
        }
        request.answer(response);
    }

    static void electPreferredLeaders(Request request, long nowMs) {
        request.message();
        request.session()
                .services()
                .registries()
                .destinations()
                .electPreferredLeaders(
                        request.session().onLane(Answer.to(request, none -> new ElectPreferredLeadersResponseData())));
    }

    private static ClusterStateResponseData.ClusterBroker described(BrokerAddress broker) {
        return new ClusterStateResponseData.ClusterBroker()
                .setId(broker.id())
                .setHost(broker.host())
                .setPort(broker.port())
                .setRack(broker.rack())
                .setEpoch(broker.epoch())
                .setDraining(broker.draining());
    }

    private static ClusterStateResponseData.ClusterDestination described(Destination destination) {
        ClusterStateResponseData.ClusterDestination described = new ClusterStateResponseData.ClusterDestination()
                .setKind(destination.name().kind().code())
                .setName(destination.name().name())
                .setMinInSyncReplicas(destination.config().get(DestinationConfig.MIN_INSYNC_REPLICAS));
        for (PartitionState state : destination.partitions()) {
            described
                    .partitions()
                    .add(new ClusterStateResponseData.ClusterPartition()
                            .setIndex(state.index())
                            .setLeaderId(state.leaderId())
                            .setLeaderEpoch(state.leaderEpoch())
                            .setReplicas(state.replicas())
                            .setInSyncReplicas(state.isr()));
        }
        return described;
    }
}
