package io.millrace.broker.kafka;

import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.InternalTopics;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Ids;
import io.millrace.broker.session.Request;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.jspecify.annotations.Nullable;

/** Serves DescribeTopicPartitions: topics by name in the order of their names, page by page. No topics asked for means all. */
final class DescribeTopicPartitionsApi implements ApiHandler {
    private static final int MAX_PARTITIONS = 2000;

    @Override
    public void onRequest(Request request, long nowMs) {
        DescribeTopicPartitionsRequestData message = (DescribeTopicPartitionsRequestData) request.message();
        Topics topics = new Topics(request);
        SortedSet<String> names = new TreeSet<>();
        message.topics().forEach(topic -> names.add(topic.name()));
        boolean all = names.isEmpty();
        if (all) {
            topics.image().destinations().forEach(topic -> names.add(topic.topicName()));
        }
        DescribeTopicPartitionsRequestData.@Nullable Cursor cursor = message.cursor();
        int first = cursor == null ? 0 : Math.max(0, cursor.partitionIndex());
        SortedSet<String> rest = cursor == null ? names : names.tailSet(cursor.topicName());
        Page page = new Page(Math.max(1, Math.min(message.responsePartitionLimit(), MAX_PARTITIONS)));
        for (String name : rest) {
            boolean resumed = cursor != null && name.equals(cursor.topicName());
            if (!page.add(name, topics.find(name, Uuid.ZERO_UUID), resumed ? first : 0)) {
                break;
            }
        }
        request.answer(page.response);
    }

    /** One answer being filled. */
    private static final class Page {
        private final DescribeTopicPartitionsResponseData response = new DescribeTopicPartitionsResponseData();
        private int room;

        Page(int room) {
            this.room = room;
        }

        /** Adds a topic from a partition on; false if the page is full, which it then says where to go on. */
        boolean add(String name, @Nullable Destination topic, int firstPartition) {
            if (topic == null) {
                ErrorCode error = DestinationName.isLegalTopicName(name)
                        ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                        : ErrorCode.INVALID_TOPIC_EXCEPTION;
                response.topics()
                        .add(new DescribeTopicPartitionsResponseTopic()
                                .setName(name)
                                .setErrorCode(error.code()));
                return true;
            }
            if (room == 0) {
                return full(name, firstPartition);
            }
            DescribeTopicPartitionsResponseTopic out = new DescribeTopicPartitionsResponseTopic()
                    .setName(name)
                    .setTopicId(Ids.of(topic.topicId()))
                    .setIsInternal(InternalTopics.isInternal(topic.topicName()))
                    .setTopicAuthorizedOperations(AuthorizedOperations.TOPIC);
            response.topics().add(out);
            for (PartitionState partition : topic.partitions()) {
                if (partition.index() >= firstPartition) {
                    if (room == 0) {
                        return full(name, partition.index());
                    }
                    room--;
                    out.partitions().add(described(partition));
                }
            }
            return true;
        }

        private boolean full(String name, int partition) {
            response.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(partition));
            return false;
        }

        private static DescribeTopicPartitionsResponsePartition described(PartitionState partition) {
            boolean led = partition.leaderId() != PartitionState.NO_LEADER;
            return new DescribeTopicPartitionsResponsePartition()
                    .setErrorCode((led ? ErrorCode.NONE : ErrorCode.LEADER_NOT_AVAILABLE).code())
                    .setPartitionIndex(partition.index())
                    .setLeaderId(partition.leaderId())
                    .setLeaderEpoch(partition.leaderEpoch())
                    .setReplicaNodes(partition.replicas())
                    .setIsrNodes(partition.isr())
                    .setEligibleLeaderReplicas(List.of()) // clients of Kafka fall over null
                    .setLastKnownElr(List.of());
        }
    }
}
