package io.millrace.broker.session;

import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.partition.BrowseResult;
import io.millrace.broker.partition.BrowseSpec;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.BrowseRequestData;
import io.millrace.protocol.message.BrowseResponseData;
import io.millrace.protocol.message.UnsubscribeRequestData;
import io.millrace.protocol.message.UnsubscribeResponseData;
import java.util.UUID;

/** Serves what concerns a subscription without consuming from it: Browse and Unsubscribe. */
final class SubscriptionApis {
    /** About the most bytes of a browse answer, whatever the client asks for. */
    private static final int MAX_BROWSE_BYTES = 1024 * 1024;

    private SubscriptionApis() {}

    static void browse(Request request, long nowMs) {
        BrowseRequestData message = (BrowseRequestData) request.message();
        ConnectionSession session = request.session();
        UUID topicId = Ids.of(message.topicId());
        HostedPartition hosted = session.services().partitions().find(topicId, message.partition());
        Destination destination =
                session.services().registries().destinations().image().findByTopicId(topicId);
        if (hosted == null || destination == null) {
            throw SendApi.unknownPartition(session, topicId, message.partition());
        }
        if (message.startOffset() < 0 || message.maxMessages() < 1 || message.maxBytes() < 1) {
            throw new InvalidRequestException(
                    ErrorCode.INVALID_REQUEST,
                    "StartOffset " + message.startOffset() + ", MaxMessages " + message.maxMessages() + ", MaxBytes "
                            + message.maxBytes() + "; the first is at least 0, the others 1");
        }
        SubscriptionKey key = Subscriptions.key(
                message.subscriptionKind(), message.subscriptionName(), destination, session.client());
        BrowseSpec spec = new BrowseSpec(
                key,
                message.selector(),
                message.startOffset(),
                message.maxMessages(),
                Math.min(message.maxBytes(), MAX_BROWSE_BYTES));
        Reply<BrowseResult> reply = session.onLane(new Reply<BrowseResult>() {
            @Override
            public void complete(BrowseResult result) {
                try {
                    request.answer(new BrowseResponseData()
                            .setNextOffset(result.nextOffset())
                            .setEndOffset(result.endOffset())
                            .setMessages(result.messages().nioBuffer()));
                } finally {
                    result.messages().release();
                }
            }

            @Override
            public void fail(ErrorCode error, String reason) {
                PrivateErrors.answer(request, error, reason);
            }
        });
        session.call(hosted, partition -> partition.onBrowse(spec, reply, nowMs));
    }

    static void unsubscribe(Request request, long nowMs) {
        UnsubscribeRequestData message = (UnsubscribeRequestData) request.message();
        ConnectionSession session = request.session();
        Subscriptions.clientId(session.client());
        session.services()
                .registries()
                .subscriptions()
                .unsubscribe(
                        session.client().info(),
                        message.subscriptionName(),
                        Answer.to(request, done -> new UnsubscribeResponseData()));
    }
}
