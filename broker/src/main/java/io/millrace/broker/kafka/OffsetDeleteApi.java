package io.millrace.broker.kafka;

import io.millrace.broker.group.TopicIndex;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;

/** Serves OffsetDelete: takes away what a group has committed for some partitions. */
final class OffsetDeleteApi implements ApiHandler {
    private final Groups groups;

    OffsetDeleteApi(Groups groups) {
        this.groups = groups;
    }

    @Override
    public void onRequest(Request request, long nowMs) {
        OffsetDeleteRequestData message = (OffsetDeleteRequestData) request.message();
        OffsetDeleteResponseData response = new OffsetDeleteResponseData();
        List<TopicIndex> deleted = new ArrayList<>();
        List<OffsetDeleteResponsePartition> pending = new ArrayList<>();
        Topics topics = new Topics(request);
        for (OffsetDeleteRequestTopic topic : message.topics()) {
            OffsetDeleteResponseTopic out = new OffsetDeleteResponseTopic().setName(topic.name());
            response.topics().add(out);
            Destination destination = topics.find(topic.name(), Uuid.ZERO_UUID);
            for (OffsetDeleteRequestPartition partition : topic.partitions()) {
                int index = partition.partitionIndex();
                OffsetDeleteResponsePartition result = new OffsetDeleteResponsePartition().setPartitionIndex(index);
                out.partitions().add(result);
                if (destination == null
                        || index < 0
                        || index >= destination.partitions().size()) {
                    result.setErrorCode(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code());
                } else {
                    deleted.add(new TopicIndex(topic.name(), index));
                    pending.add(result);
                }
            }
        }
        groups.call(
                request,
                message.groupId(),
                new Reply<List<ErrorCode>>() {
                    @Override
                    public void complete(List<ErrorCode> results) {
                        for (int i = 0; i < results.size(); i++) {
                            pending.get(i).setErrorCode(KafkaErrors.code(results.get(i)));
                        }
                        request.answer(response);
                    }

                    @Override
                    public void fail(ErrorCode error, String reason) {
                        request.answer(new OffsetDeleteResponseData().setErrorCode(KafkaErrors.code(error)));
                    }
                },
                (coordinator, reply, callMs) -> coordinator.onDeleteOffsets(message.groupId(), deleted, reply, callMs));
    }
}
