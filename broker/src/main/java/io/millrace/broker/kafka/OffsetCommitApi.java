package io.millrace.broker.kafka;

import io.millrace.broker.group.CommittedOffset;
import io.millrace.broker.group.Membership;
import io.millrace.broker.group.OffsetCommit;
import io.millrace.broker.group.TopicIndex;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;

/** Serves OffsetCommit: answers when the offsets are on disk. Topics go by name, from version 10 on by id. */
final class OffsetCommitApi implements ApiHandler {
    private static final long BROKERS_RETENTION = -1;

    private final Groups groups;

    OffsetCommitApi(Groups groups) {
        this.groups = groups;
    }

    @Override
    public void onRequest(Request request, long nowMs) {
        OffsetCommitRequestData message = (OffsetCommitRequestData) request.message();
        OffsetCommitResponseData response = new OffsetCommitResponseData();
        List<OffsetCommit> commits = new ArrayList<>();
        List<OffsetCommitResponsePartition> pending = new ArrayList<>();
        Topics topics = new Topics(request);
        for (OffsetCommitRequestTopic topic : message.topics()) {
            OffsetCommitResponseTopic out =
                    new OffsetCommitResponseTopic().setName(topic.name()).setTopicId(topic.topicId());
            response.topics().add(out);
            Destination destination = topics.find(topic.name(), topic.topicId());
            for (OffsetCommitRequestPartition partition : topic.partitions()) {
                OffsetCommitResponsePartition result =
                        new OffsetCommitResponsePartition().setPartitionIndex(partition.partitionIndex());
                out.partitions().add(result);
                int index = partition.partitionIndex();
                if (destination == null
                        || index < 0
                        || index >= destination.partitions().size()) {
                    result.setErrorCode(
                            Topics.absence(destination, topic.topicId(), index).code());
                } else {
                    commits.add(new OffsetCommit(
                            new TopicIndex(destination.topicName(), index),
                            offset(partition, destination, message.retentionTimeMs(), nowMs)));
                    pending.add(result);
                }
            }
        }
        commit(request, message, response, commits, pending);
    }

    private static CommittedOffset offset(
            OffsetCommitRequestPartition partition, Destination destination, long retentionMs, long nowMs) {
        return new CommittedOffset(
                partition.committedOffset(),
                partition.committedLeaderEpoch(),
                Objects.requireNonNullElse(partition.committedMetadata(), ""),
                nowMs,
                retentionMs == BROKERS_RETENTION ? -1 : nowMs + retentionMs,
                destination.topicId());
    }

    /** @param pending where the results of the commits go, in their order */
    private void commit(
            Request request,
            OffsetCommitRequestData message,
            OffsetCommitResponseData response,
            List<OffsetCommit> commits,
            List<OffsetCommitResponsePartition> pending) {
        Membership who = new Membership(
                message.groupId(), message.memberId(), message.groupInstanceId(), message.generationIdOrMemberEpoch());
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
                        pending.forEach(result -> result.setErrorCode(KafkaErrors.code(error)));
                        request.answer(response);
                    }
                },
                (coordinator, reply, callMs) -> coordinator.onCommitOffsets(who, commits, reply, callMs));
    }
}
