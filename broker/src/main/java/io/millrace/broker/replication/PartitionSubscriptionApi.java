package io.millrace.broker.replication;

import io.millrace.broker.delivery.ConnectionInfo;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.partition.SubscriptionSpec;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.ConnectionSession;
import io.millrace.broker.session.HostedPartition;
import io.millrace.broker.session.Ids;
import io.millrace.broker.session.PartitionDirectory;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.PartitionSubscriptionRequestData;
import io.millrace.protocol.message.PartitionSubscriptionResponseData;
import org.jspecify.annotations.Nullable;

/** Serves PartitionSubscription: opens and closes durable subscriptions of partitions that are led here, for other brokers. For any lane. */
public final class PartitionSubscriptionApi implements ApiHandler {
    private static final long NO_PRODUCER = -1;

    private final PartitionDirectory partitions;

    public PartitionSubscriptionApi(PartitionDirectory partitions) {
        this.partitions = partitions;
    }

    @Override
    public void onRequest(Request request, long nowMs) {
        PartitionSubscriptionRequestData message = (PartitionSubscriptionRequestData) request.message();
        ConnectionSession session = request.session();
        Reply<@Nullable Void> reply = session.onLane(new Reply<@Nullable Void>() {
            @Override
            public void complete(@Nullable Void nothing) {
                request.answer(new PartitionSubscriptionResponseData());
            }

            @Override
            public void fail(ErrorCode error, String reason) {
                request.answer(new PartitionSubscriptionResponseData()
                        .setErrorCode(error.code())
                        .setErrorMessage(reason));
            }
        });
        HostedPartition hosted = partitions.find(Ids.of(message.topicId()), message.index());
        if (hosted == null) {
            reply.fail(ErrorCode.NOT_LEADER_OR_FOLLOWER, "the partition is not on this broker");
            return;
        }
        SubscriptionKey key = SubscriptionKey.durable(message.clientId(), message.subscriptionName());
        ConnectionInfo by = new ConnectionInfo(
                Ids.of(message.connectionId()), message.clientId(), message.user(), message.host(), NO_PRODUCER);
        SubscriptionSpec spec = new SubscriptionSpec(key, message.incarnation(), message.selector(), message.noLocal());
        session.call(hosted, partition -> {
            long atMs = hosted.lane().nowMs();
            if (message.open()) {
                partition.onOpenSubscription(spec, by, reply, atMs);
            } else {
                partition.onCloseSubscription(key, by, reply, atMs);
            }
        });
    }
}
