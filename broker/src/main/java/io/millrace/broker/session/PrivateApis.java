package io.millrace.broker.session;

import io.millrace.broker.session.ServedApi.Access;
import io.millrace.protocol.message.HeartbeatResponseData;
import java.util.List;

/** The private API keys and who serves them. */
final class PrivateApis {
    private PrivateApis() {}

    static List<ServedApi> served() {
        return List.of(
                api(ApiKeys.HELLO, Access.ANYBODY, new HelloApi()),
                api(ApiKeys.CLAIM_CLIENT_ID, Access.AFTER_HELLO, new RegisteredOnly(new ClaimClientIdApi())),
                api(ApiKeys.RESOLVE_DESTINATION, Access.AFTER_HELLO, DestinationApis::resolve),
                api(ApiKeys.SEND, Access.AFTER_HELLO, new SendApi()),
                api(ApiKeys.ATTACH, Access.AFTER_HELLO, new AttachApi()),
                api(ApiKeys.DETACH, Access.AFTER_HELLO, SettlementApis::detach),
                api(ApiKeys.DELIVER, Access.AFTER_HELLO, SettlementApis::deliver),
                api(ApiKeys.SETTLE, Access.AFTER_HELLO, SettlementApis::settle),
                api(ApiKeys.BROWSE, Access.AFTER_HELLO, SubscriptionApis::browse),
                api(ApiKeys.UNSUBSCRIBE, Access.AFTER_HELLO, new RegisteredOnly(SubscriptionApis::unsubscribe)),
                api(ApiKeys.DESCRIBE_DESTINATION, Access.AFTER_HELLO, new DescribeDestinationApi()),
                api(ApiKeys.CREATE_DESTINATION, Access.AFTER_HELLO, new RegisteredOnly(DestinationApis::create)),
                api(ApiKeys.DELETE_DESTINATION, Access.AFTER_HELLO, new RegisteredOnly(DestinationApis::delete)),
                api(ApiKeys.LIST_DESTINATIONS, Access.AFTER_HELLO, DestinationApis::list),
                api(ApiKeys.CLUSTER_STATE, Access.AFTER_HELLO, ClusterApis::state),
                api(
                        ApiKeys.ELECT_PREFERRED_LEADERS,
                        Access.AFTER_HELLO,
                        new RegisteredOnly(ClusterApis::electPreferredLeaders)),
                api(ApiKeys.DESCRIBE_REPLICAS, Access.AFTER_HELLO, new DescribeReplicasApi()),
                api(ApiKeys.ALTER_REPLICAS, Access.AFTER_HELLO, new RegisteredOnly(ReplicaApis::alter)),
                api(ApiKeys.ALTER_CLUSTER_SETTINGS, Access.AFTER_HELLO, new RegisteredOnly(ReplicaApis::alterSettings)),
                api(ApiKeys.UPGRADE_CLUSTER, Access.AFTER_HELLO, new RegisteredOnly(ClusterApis::upgrade)),
                api(ApiKeys.HEARTBEAT, Access.AFTER_ANY_HELLO, PrivateApis::heartbeat),
                api(ApiKeys.PEER_HELLO, Access.ANYBODY, new PeerHelloApi()));
    }

    private static ServedApi api(short key, Access access, ApiHandler handler) {
        return new ServedApi(key, (short) 0, (short) 0, access, handler);
    }

    private static void heartbeat(Request request, long nowMs) {
        request.message();
        request.answer(new HeartbeatResponseData());
    }
}
