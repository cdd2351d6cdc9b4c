package io.millrace.broker.session;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AlterClusterSettingsResponseData;
import io.millrace.protocol.message.AlterReplicasResponseData;
import io.millrace.protocol.message.AttachResponseData;
import io.millrace.protocol.message.BrowseResponseData;
import io.millrace.protocol.message.ClaimClientIdResponseData;
import io.millrace.protocol.message.ClusterStateResponseData;
import io.millrace.protocol.message.CreateDestinationResponseData;
import io.millrace.protocol.message.DeleteDestinationResponseData;
import io.millrace.protocol.message.DeliverResponseData;
import io.millrace.protocol.message.DescribeDestinationResponseData;
import io.millrace.protocol.message.DescribeReplicasResponseData;
import io.millrace.protocol.message.DetachResponseData;
import io.millrace.protocol.message.ElectPreferredLeadersResponseData;
import io.millrace.protocol.message.HeartbeatResponseData;
import io.millrace.protocol.message.HelloResponseData;
import io.millrace.protocol.message.ListDestinationsResponseData;
import io.millrace.protocol.message.PartitionSubscriptionResponseData;
import io.millrace.protocol.message.PeerHelloResponseData;
import io.millrace.protocol.message.ReplicaFetchResponseData;
import io.millrace.protocol.message.ResolveDestinationResponseData;
import io.millrace.protocol.message.SendResponseData;
import io.millrace.protocol.message.SettleResponseData;
import io.millrace.protocol.message.UnsubscribeResponseData;
import io.millrace.protocol.message.UpgradeClusterResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/** Answers with an error, for each private API key. */
final class PrivateErrors {
    private PrivateErrors() {}

    static void answer(Request request, ErrorCode error, String message) {
        request.answer(response(request.api().key(), error.code(), message));
    }

    private static ApiMessage response(short key, short code, String message) {
        return switch (key) {
            case ApiKeys.HELLO -> new HelloResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.CLAIM_CLIENT_ID ->
                new ClaimClientIdResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.RESOLVE_DESTINATION ->
                new ResolveDestinationResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.SEND -> new SendResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.ATTACH -> new AttachResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.DETACH -> new DetachResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.DELIVER -> new DeliverResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.SETTLE -> new SettleResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.BROWSE -> new BrowseResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.UNSUBSCRIBE ->
                new UnsubscribeResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.DESCRIBE_DESTINATION ->
                new DescribeDestinationResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.CREATE_DESTINATION ->
                new CreateDestinationResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.DELETE_DESTINATION ->
                new DeleteDestinationResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.LIST_DESTINATIONS ->
                new ListDestinationsResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.CLUSTER_STATE ->
                new ClusterStateResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.ELECT_PREFERRED_LEADERS ->
                new ElectPreferredLeadersResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.DESCRIBE_REPLICAS ->
                new DescribeReplicasResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.ALTER_REPLICAS ->
                new AlterReplicasResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.ALTER_CLUSTER_SETTINGS ->
                new AlterClusterSettingsResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.UPGRADE_CLUSTER ->
                new UpgradeClusterResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.HEARTBEAT -> new HeartbeatResponseData().setErrorCode(code);
            case ApiKeys.REPLICA_FETCH ->
                new ReplicaFetchResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.PARTITION_SUBSCRIPTION ->
                new PartitionSubscriptionResponseData().setErrorCode(code).setErrorMessage(message);
            case ApiKeys.PEER_HELLO ->
                new PeerHelloResponseData().setErrorCode(code).setErrorMessage(message);
            default -> throw new IllegalArgumentException("API key " + key + " is not a private one");
        };
    }
}
