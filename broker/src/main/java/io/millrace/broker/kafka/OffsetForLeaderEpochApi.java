package io.millrace.broker.kafka;

import io.millrace.broker.metadata.Destination;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.HostedPartition;
import io.millrace.broker.session.Join;
import io.millrace.broker.session.Request;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;

/** Serves OffsetForLeaderEpoch: where a leader's epoch ended, by which a consumer finds out that the log was cut. */
final class OffsetForLeaderEpochApi implements ApiHandler {
    @Override
    public void onRequest(Request request, long nowMs) {
        OffsetForLeaderEpochRequestData message = (OffsetForLeaderEpochRequestData) request.message();
        OffsetForLeaderEpochResponseData response = new OffsetForLeaderEpochResponseData();
        Join join = new Join(() -> request.answer(response));
        Topics topics = new Topics(request);
        for (OffsetForLeaderTopic topic : message.topics()) {
            OffsetForLeaderTopicResult topicResult = new OffsetForLeaderTopicResult().setTopic(topic.topic());
            if (!response.topics().add(topicResult)) {
                continue; // named twice
            }
            Destination destination = topics.find(topic.topic(), Uuid.ZERO_UUID);
            for (OffsetForLeaderPartition asked : topic.partitions()) {
                EpochEndOffset out = new EpochEndOffset().setPartition(asked.partition());
                topicResult.partitions().add(out);
                HostedPartition hosted = topics.partition(destination, asked.partition());
                if (hosted == null) {
                    out.setErrorCode(Topics.absence(destination, Uuid.ZERO_UUID, asked.partition())
                            .code());
                } else {
                    ask(request, hosted, asked, out, join);
                }
            }
        }
        join.allBegun();
    }

    private static void ask(
            Request request, HostedPartition hosted, OffsetForLeaderPartition asked, EpochEndOffset out, Join join) {
        join.begin();
        request.session().call(hosted, partition -> {
            var end = partition.onOffsetForLeaderEpoch(asked.currentLeaderEpoch(), asked.leaderEpoch());
            request.session().onLane(() -> {
                out.setErrorCode(KafkaErrors.code(end.error()))
                        .setLeaderEpoch(end.leaderEpoch())
                        .setEndOffset(end.endOffset());
                join.end();
            });
        });
    }
}
