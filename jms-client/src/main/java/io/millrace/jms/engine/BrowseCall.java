package io.millrace.jms.engine;

import io.millrace.protocol.DeliveredMessages;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SubscriptionKind;
import io.millrace.protocol.message.BrowseRequestData;
import io.millrace.protocol.message.BrowseResponseData;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.ApiMessage;

/** A Browse of a queue under way, sent again after a lost link. Owned by the engine. */
final class BrowseCall extends Call {
    private static final int MAX_MESSAGES = 500;
    private static final int MAX_BYTES = 1024 * 1024;

    private final Route route;
    private final long startOffset;
    private final Reply<BrowsePage> reply;
    private final Consumer<BrowseCall> again;

    BrowseCall(Route route, long startOffset, Reply<BrowsePage> reply, Consumer<BrowseCall> again) {
        this.route = route;
        this.startOffset = startOffset;
        this.reply = reply;
        this.again = again;
    }

    Route route() {
        return route;
    }

    @Override
    ApiMessage request() {
        return new BrowseRequestData()
                .setTopicId(route.destination.topicId)
                .setPartition(route.index)
                .setSubscriptionKind(SubscriptionKind.QUEUE.code())
                .setSubscriptionName(null)
                .setSelector(null)
                .setStartOffset(startOffset)
                .setMaxMessages(MAX_MESSAGES)
                .setMaxBytes(MAX_BYTES);
    }

    @Override
    ApiMessage newResponse() {
        return new BrowseResponseData();
    }

    @Override
    void onResponse(ApiMessage response) {
        BrowseResponseData answer = (BrowseResponseData) response;
        ErrorCode code = ErrorCode.of(answer.errorCode());
        if (code == ErrorCode.NONE) {
            List<BrowsePage.Message> messages = new ArrayList<>();
            DeliveredMessages.read(answer.messages(), (offset, timestampMs, deliveryCount, record) -> {
                byte[] bytes = new byte[record.remaining()];
                record.get(bytes);
                messages.add(new BrowsePage.Message(offset, timestampMs, deliveryCount, ByteBuffer.wrap(bytes)));
            });
            reply.complete(new BrowsePage(messages, answer.nextOffset(), answer.endOffset()));
        } else {
            reply.fail(EngineException.answered(code, answer.errorMessage()));
        }
    }

    @Override
    void onLost() {
        again.accept(this);
    }

    @Override
    void onFailed(EngineException cause) {
        reply.fail(cause);
    }
}
