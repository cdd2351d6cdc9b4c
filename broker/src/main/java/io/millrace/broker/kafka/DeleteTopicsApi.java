package io.millrace.broker.kafka;

import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.Destinations;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Ids;
import io.millrace.broker.session.Join;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.jspecify.annotations.Nullable;

/** Serves DeleteTopics: by name, and from version 6 on by name or id. */
final class DeleteTopicsApi implements ApiHandler {
    private static final short FIRST_WITH_IDS = 6;

    @Override
    public void onRequest(Request request, long nowMs) {
        DeleteTopicsRequestData message = (DeleteTopicsRequestData) request.message();
        DeleteTopicsResponseData response = new DeleteTopicsResponseData();
        Join join = new Join(() -> request.answer(response));
        if (request.version() >= FIRST_WITH_IDS) {
            for (DeleteTopicState topic : message.topics()) {
                delete(request, topic.name(), topic.topicId(), response, join);
            }
        } else {
            for (String name : message.topicNames()) {
                delete(request, name, Uuid.ZERO_UUID, response, join);
            }
        }
        join.allBegun();
    }

    private static void delete(
            Request request, @Nullable String name, Uuid id, DeleteTopicsResponseData response, Join join) {
        DeletableTopicResult out = new DeletableTopicResult().setName(name).setTopicId(id);
        response.responses().mustAdd(out);
        if (name != null && !id.equals(Uuid.ZERO_UUID)) {
            out.setErrorCode(ErrorCode.INVALID_REQUEST.code())
                    .setErrorMessage("a topic is named or given by id, not both");
            return;
        }
        Destination found = new Topics(request).find(name, id);
        if (found == null) {
            ErrorCode error = name == null ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
            out.setErrorCode(error.code()).setErrorMessage(error.meaning());
            return;
        }
        if (request.version() >= FIRST_WITH_IDS) {
            out.setName(found.topicName()).setTopicId(Ids.of(found.topicId()));
        }
        join.begin();
        Reply<@Nullable Void> deleted = request.session().onLane(new Reply<@Nullable Void>() {
            @Override
            public void complete(@Nullable Void done) {
                join.end();
            }

            @Override
            public void fail(ErrorCode error, String reason) {
                out.setErrorCode(KafkaErrors.code(error)).setErrorMessage(reason);
                join.end();
            }
        });
        Destinations destinations = request.session().services().registries().destinations();
        if (name == null) {
            destinations.delete(found.name(), found.topicId(), deleted);
        } else {
            destinations.delete(found.name(), deleted);
        }
    }
}
