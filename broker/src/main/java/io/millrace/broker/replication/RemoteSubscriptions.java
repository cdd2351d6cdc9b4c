package io.millrace.broker.replication;

import io.millrace.broker.delivery.ConnectionInfo;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.DurableSubscription;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.peer.PeerLink;
import io.millrace.broker.peer.PeerReply;
import io.millrace.broker.session.Ids;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.PartitionSubscriptionRequestData;
import io.millrace.protocol.message.PartitionSubscriptionResponseData;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/** Durable subscriptions on partitions that other brokers lead: asks those. For any thread. */
public final class RemoteSubscriptions {
    private static final short VERSION = 0;

    private final Supplier<MetadataImage> image;
    private final IntFunction<@Nullable PeerLink> links;

    /**
     * @param links the ready link to a broker, if there is one
     */
    public RemoteSubscriptions(Supplier<MetadataImage> image, IntFunction<@Nullable PeerLink> links) {
        this.image = image;
        this.links = links;
    }

    public void open(PartitionId id, DurableSubscription subscription, ConnectionInfo by, Reply<@Nullable Void> reply) {
        ask(id, request(id, subscription, by).setOpen(true), reply);
    }

    public void close(
            PartitionId id, DurableSubscription subscription, ConnectionInfo by, Reply<@Nullable Void> reply) {
        ask(id, request(id, subscription, by).setOpen(false), reply);
    }

    private static PartitionSubscriptionRequestData request(
            PartitionId id, DurableSubscription subscription, ConnectionInfo by) {
        return new PartitionSubscriptionRequestData()
                .setTopicId(Ids.of(id.topicId()))
                .setIndex(id.index())
                .setClientId(subscription.clientId())
                .setSubscriptionName(subscription.name())
                .setIncarnation(subscription.incarnation())
                .setSelector(subscription.selector())
                .setNoLocal(subscription.noLocal())
                .setConnectionId(Ids.of(by.connectionId()))
                .setUser(by.user())
                .setHost(by.host());
    }

    private void ask(PartitionId id, PartitionSubscriptionRequestData request, Reply<@Nullable Void> reply) {
        Destination topic = image.get().findByTopicId(id.topicId());
        if (topic == null) {
            reply.fail(ErrorCode.DESTINATION_DELETED, "the partition " + id + " is not there any more");
            return;
        }
        PeerLink link = links.apply(topic.partitions().get(id.index()).leaderId());
        if (link == null) {
            reply.fail(ErrorCode.NOT_LEADER_OR_FOLLOWER, "the leader of " + id + " is out of reach at the moment");
            return;
        }
        link.call(request, VERSION, PartitionSubscriptionResponseData::new, new PeerReply() {
            @Override
            public void onAnswer(ApiMessage answer, List<ByteBuf> records, long nowMs) {
                PartitionSubscriptionResponseData done = (PartitionSubscriptionResponseData) answer;
                if (done.errorCode() == ErrorCode.NONE.code()) {
                    Reply.done(reply);
                } else {
                    reply.fail(ErrorCode.of(done.errorCode()), String.valueOf(done.errorMessage()));
                }
            }

            @Override
            public void onFailed(ErrorCode error, String message, long nowMs) {
                reply.fail(error, message);
            }
        });
    }
}
