package io.millrace.broker.kafka;

import io.millrace.broker.group.GroupPartitions;
import io.millrace.broker.metadata.BrokerAddress;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.jspecify.annotations.Nullable;

/**
 * Serves FindCoordinator. A group's is the leader of the group's partition of {@code __consumer_offsets}, which is made when it is needed for
 * the first time. For a transaction there is none, and the answer says so for good.
 */
final class FindCoordinatorApi implements ApiHandler {
    private static final int TYPES_SINCE = 1;
    private static final int MANY_KEYS_SINCE = 4;
    private static final byte GROUP = 0;
    private static final String NO_TRANSACTIONS = "this broker coordinates no transactions";
    private static final int NOBODY = -1;

    @Override
    public void onRequest(Request request, long nowMs) {
        FindCoordinatorRequestData message = (FindCoordinatorRequestData) request.message();
        if (CutOff.sendsElsewhere(request)) {
            return;
        }
        List<String> keys = request.version() >= MANY_KEYS_SINCE ? message.coordinatorKeys() : List.of(message.key());
        if (request.version() >= TYPES_SINCE && message.keyType() != GROUP) {
            // An error that no client takes as a reason to try again.
            answer(
                    request,
                    keys.stream()
                            .map(key -> failed(key, ErrorCode.UNSUPPORTED_VERSION, NO_TRANSACTIONS))
                            .toList());
            return;
        }
        request.session()
                .services()
                .registries()
                .destinations()
                .resolveConsumerOffsets(request.session().onLane(new Reply<Destination>() {
                    @Override
                    public void complete(Destination offsets) {
                        answer(
                                request,
                                keys.stream()
                                        .map(key -> coordinator(request, offsets, key))
                                        .toList());
                    }

                    @Override
                    public void fail(ErrorCode error, String reason) {
                        answer(
                                request,
                                keys.stream()
                                        .map(key -> failed(key, ErrorCode.COORDINATOR_NOT_AVAILABLE, reason))
                                        .toList());
                    }
                }));
    }

    private static Coordinator coordinator(Request request, Destination offsets, String groupId) {
        MetadataImage image =
                request.session().services().registries().destinations().image();
        int index = GroupPartitions.indexOf(groupId, offsets.partitions().size());
        Destination now = image.findByTopicId(offsets.topicId());
        int leader = (now == null ? offsets : now).partitions().get(index).leaderId();
        @Nullable BrokerAddress address = image.brokers().get(leader);
        return address == null
                ? failed(groupId, ErrorCode.COORDINATOR_NOT_AVAILABLE, "nobody leads the group's partition")
                : new Coordinator()
                        .setKey(groupId)
                        .setNodeId(address.id())
                        .setHost(address.host())
                        .setPort(address.port());
    }

    private static Coordinator failed(String key, ErrorCode error, String reason) {
        return new Coordinator()
                .setKey(key)
                .setErrorCode(error.code())
                .setErrorMessage(reason)
                .setNodeId(NOBODY);
    }

    private static void answer(Request request, List<Coordinator> coordinators) {
        FindCoordinatorResponseData response = new FindCoordinatorResponseData();
        if (request.version() >= MANY_KEYS_SINCE) {
            response.setCoordinators(coordinators);
        } else {
            Coordinator only = coordinators.get(0);
            response.setErrorCode(only.errorCode())
                    .setErrorMessage(only.errorMessage())
                    .setNodeId(only.nodeId())
                    .setHost(only.host())
                    .setPort(only.port());
        }
        request.answer(response);
    }
}
