package io.millrace.broker.kafka;

import io.millrace.broker.metadata.Destination;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;

/**
 * Serves Fetch, without fetch sessions: whoever asks for one is told session 0, which by Kafka's protocol means that each request names
 * all its partitions.
 */
final class FetchApi implements ApiHandler {
    private static final int NO_SESSION = 0;

    @Override
    public void onRequest(Request request, long nowMs) {
        FetchRequestData message = (FetchRequestData) request.message();
        FetchResponseData response = new FetchResponseData();
        if (message.sessionId() != NO_SESSION) {
            request.answer(response.setErrorCode(ErrorCode.FETCH_SESSION_ID_NOT_FOUND.code()));
            return;
        }
        Topics topics = new Topics(request);
        List<FetchedPartition> partitions = new ArrayList<>();
        for (FetchTopic topic : message.topics()) {
            FetchableTopicResponse topicResponse =
                    new FetchableTopicResponse().setTopic(topic.topic()).setTopicId(topic.topicId());
            response.responses().add(topicResponse);
            Destination destination = topics.find(topic.topic(), topic.topicId());
            for (FetchPartition asked : topic.partitions()) {
                FetchedPartition fetched = new FetchedPartition(
                        asked,
                        topics.partition(destination, asked.partition()),
                        Topics.absence(destination, topic.topicId(), asked.partition()));
                topicResponse.partitions().add(fetched.response());
                partitions.add(fetched);
            }
        }
        new FetchOperation(request, message, response, partitions, nowMs).begin();
    }
}
