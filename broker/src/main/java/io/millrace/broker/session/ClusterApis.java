package io.millrace.broker.session;

import io.millrace.broker.config.DestinationConfig;
import io.millrace.broker.metadata.BrokerAddress;
import io.millrace.broker.metadata.BrokerBuild;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.FormatUpgrade;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.message.ClusterStateRequestData;
import io.millrace.protocol.message.ClusterStateResponseData;
import io.millrace.protocol.message.ElectPreferredLeadersResponseData;
import io.millrace.protocol.message.UpgradeClusterRequestData;
import io.millrace.protocol.message.UpgradeClusterResponseData;
import java.util.Comparator;

/** Serves what concerns the cluster as a whole: ClusterState, ElectPreferredLeaders, UpgradeCluster. */
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

    static void upgrade(Request request, long nowMs) {
        UpgradeClusterRequestData message = (UpgradeClusterRequestData) request.message();
        FormatUpgrade upgrade = request.session().services().registries().formatUpgrade();
        Reply<FormatUpgrade.Status> reply = request.session().onLane(Answer.to(request, ClusterApis::described));
        if (message.raise()) {
            upgrade.raise(message.level(), reply);
        } else {
            upgrade.status(reply);
        }
    }

    private static UpgradeClusterResponseData described(FormatUpgrade.Status status) {
        UpgradeClusterResponseData response =
                new UpgradeClusterResponseData().setLevel(status.level()).setRaising(status.raising());
        for (BrokerAddress broker : status.brokers()) {
            BrokerBuild build = broker.build();
            response.brokers()
                    .add(new UpgradeClusterResponseData.UpgradeBroker()
                            .setId(broker.id())
                            .setSoftwareVersion(build.software())
                            .setOldestLevel(build.levels().oldest())
                            .setNewestLevel(build.levels().newest())
                            .setOldestPeerProtocol(build.peerProtocol().oldest())
                            .setNewestPeerProtocol(build.peerProtocol().newest()));
        }
        return response;
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
