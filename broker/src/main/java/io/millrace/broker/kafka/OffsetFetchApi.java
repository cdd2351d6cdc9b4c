package io.millrace.broker.kafka;

import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Request;
import java.util.List;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartition;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopic;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;

/**
 * Serves OffsetFetch: no group has committed an offset, since commits are not served. A consumer with assign() asks before its first fetch,
 * and then begins where auto.offset.reset says.
 */
final class OffsetFetchApi implements ApiHandler {
    private static final int MANY_GROUPS_SINCE = 8;
    private static final long NONE = -1;

    @Override
    public void onRequest(Request request, long nowMs) {
        OffsetFetchRequestData message = (OffsetFetchRequestData) request.message();
        OffsetFetchResponseData response = new OffsetFetchResponseData();
        if (request.version() >= MANY_GROUPS_SINCE) {
            message.groups().forEach(group -> response.groups().add(group(group)));
        } else if (message.topics() != null) {
            message.topics().forEach(topic -> response.topics().add(topic(topic)));
        }
        request.answer(response);
    }

    private static OffsetFetchResponseGroup group(OffsetFetchRequestGroup asked) {
        OffsetFetchResponseGroup group = new OffsetFetchResponseGroup().setGroupId(asked.groupId());
        if (asked.topics() != null) {
            asked.topics().forEach(topic -> group.topics().add(topics(topic)));
        }
        return group;
    }

    private static OffsetFetchResponseTopics topics(OffsetFetchRequestTopics asked) {
        List<OffsetFetchResponsePartitions> partitions = asked.partitionIndexes().stream()
                .map(index -> new OffsetFetchResponsePartitions()
                        .setPartitionIndex(index)
                        .setCommittedOffset(NONE)
                        .setMetadata(""))
                .toList();
        return new OffsetFetchResponseTopics()
                .setName(asked.name())
                .setTopicId(asked.topicId())
                .setPartitions(partitions);
    }

    private static OffsetFetchResponseTopic topic(OffsetFetchRequestTopic asked) {
        List<OffsetFetchResponsePartition> partitions = asked.partitionIndexes().stream()
                .map(index -> new OffsetFetchResponsePartition()
                        .setPartitionIndex(index)
                        .setCommittedOffset(NONE)
                        .setMetadata(""))
                .toList();
        return new OffsetFetchResponseTopic().setName(asked.name()).setPartitions(partitions);
    }
}
