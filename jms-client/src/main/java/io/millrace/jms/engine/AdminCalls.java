package io.millrace.jms.engine;

import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AlterClusterSettingsRequestData;
import io.millrace.protocol.message.AlterClusterSettingsResponseData;
import io.millrace.protocol.message.AlterReplicasRequestData;
import io.millrace.protocol.message.AlterReplicasResponseData;
import io.millrace.protocol.message.ClaimClientIdRequestData;
import io.millrace.protocol.message.ClaimClientIdResponseData;
import io.millrace.protocol.message.ClusterStateRequestData;
import io.millrace.protocol.message.ClusterStateResponseData;
import io.millrace.protocol.message.CreateDestinationRequestData;
import io.millrace.protocol.message.CreateDestinationResponseData;
import io.millrace.protocol.message.DeleteDestinationRequestData;
import io.millrace.protocol.message.DeleteDestinationResponseData;
import io.millrace.protocol.message.DescribeDestinationRequestData;
import io.millrace.protocol.message.DescribeDestinationResponseData;
import io.millrace.protocol.message.DescribeReplicasRequestData;
import io.millrace.protocol.message.DescribeReplicasResponseData;
import io.millrace.protocol.message.ElectPreferredLeadersRequestData;
import io.millrace.protocol.message.ElectPreferredLeadersResponseData;
import io.millrace.protocol.message.ListDestinationsRequestData;
import io.millrace.protocol.message.ListDestinationsResponseData;
import io.millrace.protocol.message.UnsubscribeRequestData;
import io.millrace.protocol.message.UnsubscribeResponseData;
import io.millrace.protocol.message.UpgradeClusterRequestData;
import io.millrace.protocol.message.UpgradeClusterResponseData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The requests that any broker answers, and how their errors are read. */
final class AdminCalls {
    private static final byte ANY_KIND = -1;

    private AdminCalls() {}

    static AnyCall.Request<ClaimClientIdResponseData> claimClientId(String clientId) {
        return new AnyCall.Request<>(
                new ClaimClientIdRequestData().setClientId(clientId),
                new ClaimClientIdResponseData(),
                r -> new AnyCall.Outcome(r.errorCode(), r.errorMessage()),
                ErrorCode.NONE);
    }

    static AnyCall.Request<UnsubscribeResponseData> unsubscribe(String name) {
        return new AnyCall.Request<>(
                new UnsubscribeRequestData().setSubscriptionName(name),
                new UnsubscribeResponseData(),
                r -> new AnyCall.Outcome(r.errorCode(), r.errorMessage()),
                ErrorCode.UNKNOWN_SUBSCRIPTION);
    }

    static AnyCall.Request<CreateDestinationResponseData> create(
            DestinationName name,
            @Nullable Integer partitions,
            @Nullable Integer replicas,
            Map<String, String> configs) {
        List<CreateDestinationRequestData.CreateDestinationConfig> settings = new ArrayList<>();
        configs.forEach((key, value) -> settings.add(new CreateDestinationRequestData.CreateDestinationConfig()
                .setName(key)
                .setValue(value)));
        CreateDestinationRequestData request = new CreateDestinationRequestData()
                .setKind(name.kind().code())
                .setName(name.name())
                .setConfigs(settings);
        if (partitions != null) {
            request.setPartitions(partitions);
        }
        if (replicas != null) {
            request.setReplicationFactor(replicas.shortValue());
        }
        return new AnyCall.Request<>(
                request,
                new CreateDestinationResponseData(),
                r -> new AnyCall.Outcome(r.errorCode(), r.errorMessage()),
                ErrorCode.DESTINATION_EXISTS);
    }

    static AnyCall.Request<DeleteDestinationResponseData> delete(DestinationName name) {
        return new AnyCall.Request<>(
                new DeleteDestinationRequestData().setKind(name.kind().code()).setName(name.name()),
                new DeleteDestinationResponseData(),
                r -> new AnyCall.Outcome(r.errorCode(), r.errorMessage()),
                ErrorCode.INVALID_DESTINATION);
    }

    static AnyCall.Request<ListDestinationsResponseData> list(@Nullable DestinationKind kind) {
        return new AnyCall.Request<>(
                new ListDestinationsRequestData().setKind(kind == null ? ANY_KIND : kind.code()),
                new ListDestinationsResponseData(),
                r -> new AnyCall.Outcome(r.errorCode(), r.errorMessage()),
                ErrorCode.NONE);
    }

    static AnyCall.Request<ClusterStateResponseData> clusterState() {
        return new AnyCall.Request<>(
                new ClusterStateRequestData(),
                new ClusterStateResponseData(),
                r -> new AnyCall.Outcome(r.errorCode(), r.errorMessage()),
                ErrorCode.NONE);
    }

    static AnyCall.Request<ElectPreferredLeadersResponseData> electPreferredLeaders() {
        return new AnyCall.Request<>(
                new ElectPreferredLeadersRequestData(),
                new ElectPreferredLeadersResponseData(),
                r -> new AnyCall.Outcome(r.errorCode(), r.errorMessage()),
                ErrorCode.NONE);
    }

    static AnyCall.Request<DescribeReplicasResponseData> describeReplicas() {
        return new AnyCall.Request<>(
                new DescribeReplicasRequestData(),
                new DescribeReplicasResponseData(),
                r -> new AnyCall.Outcome(r.errorCode(), r.errorMessage()),
                ErrorCode.NONE);
    }

    static AnyCall.Request<AlterReplicasResponseData> alterReplicas(AlterReplicasRequestData request) {
        return new AnyCall.Request<>(
                request,
                new AlterReplicasResponseData(),
                r -> new AnyCall.Outcome(r.errorCode(), r.errorMessage()),
                ErrorCode.NONE);
    }

    static AnyCall.Request<AlterClusterSettingsResponseData> alterClusterSettings(
            AlterClusterSettingsRequestData request) {
        return new AnyCall.Request<>(
                request,
                new AlterClusterSettingsResponseData(),
                r -> new AnyCall.Outcome(r.errorCode(), r.errorMessage()),
                ErrorCode.NONE);
    }

    /** @param level null only asks; 0 for the newest that all brokers support */
    static AnyCall.Request<UpgradeClusterResponseData> upgradeCluster(@Nullable Integer level) {
        return new AnyCall.Request<>(
                new UpgradeClusterRequestData().setRaise(level != null).setLevel(level == null ? 0 : level),
                new UpgradeClusterResponseData(),
                r -> new AnyCall.Outcome(r.errorCode(), r.errorMessage()),
                ErrorCode.NONE);
    }

    static AnyCall.Request<DescribeDestinationResponseData> describe(DestinationName name) {
        return new AnyCall.Request<>(
                new DescribeDestinationRequestData().setKind(name.kind().code()).setName(name.name()),
                new DescribeDestinationResponseData(),
                r -> new AnyCall.Outcome(r.errorCode(), r.errorMessage()),
                ErrorCode.NONE);
    }
}
