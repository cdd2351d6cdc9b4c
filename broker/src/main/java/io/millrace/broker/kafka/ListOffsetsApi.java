package io.millrace.broker.kafka;

import io.millrace.broker.metadata.Destination;
import io.millrace.broker.partition.OffsetResult;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.HostedPartition;
import io.millrace.broker.session.Join;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;

/** Serves ListOffsets. */
final class ListOffsetsApi implements ApiHandler {
    private static final short FIRST_WITH_EPOCH = 4;
    private static final long LATEST_TIERED = -5;
    private static final long EARLIEST_PENDING_UPLOAD = -6;
    private static final long LOWEST_SPECIAL = EARLIEST_PENDING_UPLOAD;

    @Override
    public void onRequest(Request request, long nowMs) {
        ListOffsetsRequestData message = (ListOffsetsRequestData) request.message();
        ListOffsetsResponseData response = new ListOffsetsResponseData();
        Join join = new Join(() -> request.answer(response));
        Topics topics = new Topics(request);
        for (ListOffsetsTopic topic : message.topics()) {
            ListOffsetsTopicResponse topicResponse = new ListOffsetsTopicResponse().setName(topic.name());
            response.topics().add(topicResponse);
            Destination destination = topics.find(topic.name(), Uuid.ZERO_UUID);
            for (ListOffsetsPartition partition : topic.partitions()) {
                ListOffsetsPartitionResponse out =
                        new ListOffsetsPartitionResponse().setPartitionIndex(partition.partitionIndex());
                topicResponse.partitions().add(out);
                list(request, topics, destination, partition, out, join);
            }
        }
        join.allBegun();
    }

    private static void list(
            Request request,
            Topics topics,
            @org.jspecify.annotations.Nullable Destination destination,
            ListOffsetsPartition asked,
            ListOffsetsPartitionResponse out,
            Join join) {
        HostedPartition hosted = topics.partition(destination, asked.partitionIndex());
        if (hosted == null) {
            out.setErrorCode(Topics.absence(destination, Uuid.ZERO_UUID, asked.partitionIndex())
                    .code());
            return;
        }
        if (asked.timestamp() < LOWEST_SPECIAL) {
            out.setErrorCode(ErrorCode.INVALID_REQUEST.code());
            return;
        }
        long timestamp = asked.timestamp() == EARLIEST_PENDING_UPLOAD ? LATEST_TIERED : asked.timestamp();
        join.begin();
        request.session().call(hosted, partition -> {
            OffsetResult result = partition.onListOffset(timestamp, asked.currentLeaderEpoch());
            request.session().onLane(() -> {
                fill(request, result, out);
                join.end();
            });
        });
    }

    private static void fill(Request request, OffsetResult result, ListOffsetsPartitionResponse out) {
        out.setErrorCode(KafkaErrors.code(result.error()))
                .setOffset(result.offset())
                .setTimestamp(result.timestampMs());
        if (request.version() >= FIRST_WITH_EPOCH) {
            out.setLeaderEpoch(result.leaderEpoch());
        }
    }
}
