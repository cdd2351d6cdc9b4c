package io.millrace.broker.kafka;

import io.millrace.broker.group.CommittedOffset;
import io.millrace.broker.group.TopicIndex;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.Ids;
import io.millrace.broker.session.Join;
import io.millrace.broker.session.Request;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartition;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopic;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.jspecify.annotations.Nullable;

/**
 * Serves OffsetFetch: what one group has committed, from version 8 on of several. Topics go by name, from version 10 on by id. What was
 * committed for a topic that was deleted since does not count for a new one of its name.
 */
final class OffsetFetchApi implements ApiHandler {
    private static final int MANY_GROUPS_SINCE = 8;
    private static final int TOPIC_IDS_SINCE = 10;
    private static final int GROUP_ERROR_SINCE = 2;
    private static final CommittedOffset NOTHING = new CommittedOffset(-1, -1, "", -1, -1, CommittedOffset.NO_TOPIC_ID);

    private final Groups groups;

    OffsetFetchApi(Groups groups) {
        this.groups = groups;
    }

    @Override
    public void onRequest(Request request, long nowMs) {
        OffsetFetchRequestData message = (OffsetFetchRequestData) request.message();
        List<OffsetFetchRequestGroup> asked =
                request.version() >= MANY_GROUPS_SINCE ? message.groups() : List.of(only(message));
        List<OffsetFetchResponseGroup> answers = new ArrayList<>();
        Join join = new Join(() -> request.answer(response(request, answers)));
        for (OffsetFetchRequestGroup group : asked) {
            OffsetFetchResponseGroup answer = new OffsetFetchResponseGroup().setGroupId(group.groupId());
            answers.add(answer);
            join.begin();
            fetch(request, group, answer, join);
        }
        join.allBegun();
    }

    /** The group of an older request, in the form of a newer one. */
    private static OffsetFetchRequestGroup only(OffsetFetchRequestData message) {
        OffsetFetchRequestGroup group = new OffsetFetchRequestGroup().setGroupId(message.groupId());
        return group.setTopics(
                message.topics() == null
                        ? null
                        : message.topics().stream()
                                .map(topic -> new OffsetFetchRequestTopics()
                                        .setName(topic.name())
                                        .setPartitionIndexes(topic.partitionIndexes()))
                                .toList());
    }

    private void fetch(Request request, OffsetFetchRequestGroup asked, OffsetFetchResponseGroup answer, Join join) {
        Wanted wanted = asked.topics() == null ? null : new Wanted(new Topics(request), asked.topics());
        groups.call(
                request,
                asked.groupId(),
                new Reply<SortedMap<TopicIndex, CommittedOffset>>() {
                    @Override
                    public void complete(SortedMap<TopicIndex, CommittedOffset> found) {
                        Topics topics = new Topics(request);
                        answer.setTopics(wanted == null ? all(topics, found) : wanted.answer(topics, found));
                        join.end();
                    }

                    @Override
                    public void fail(ErrorCode error, String reason) {
                        answer.setErrorCode(KafkaErrors.code(error));
                        if (wanted != null && request.version() < GROUP_ERROR_SINCE) {
                            answer.setTopics(wanted.failed(error));
                        }
                        join.end();
                    }
                },
                (coordinator, reply, callMs) -> reply.complete(
                        coordinator.onFetchOffsets(asked.groupId(), wanted == null ? null : wanted.partitions())));
    }

    /** All that a group has committed, of topics that are still there. */
    private static List<OffsetFetchResponseTopics> all(Topics topics, SortedMap<TopicIndex, CommittedOffset> found) {
        Map<String, OffsetFetchResponseTopics> byTopic = new TreeMap<>();
        found.forEach((partition, offset) -> {
            Destination topic = topics.find(partition.topic(), Uuid.ZERO_UUID);
            if (topic != null && isOf(topic, offset)) {
                byTopic.computeIfAbsent(partition.topic(), name -> new OffsetFetchResponseTopics()
                                .setName(name)
                                .setTopicId(Ids.of(topic.topicId())))
                        .partitions()
                        .add(partition(partition.partition(), offset));
            }
        });
        return List.copyOf(byTopic.values());
    }

    private static boolean isOf(Destination topic, CommittedOffset offset) {
        return offset.topicId().equals(CommittedOffset.NO_TOPIC_ID)
                || offset.topicId().equals(topic.topicId());
    }

    private static OffsetFetchResponsePartitions partition(int index, CommittedOffset offset) {
        return new OffsetFetchResponsePartitions()
                .setPartitionIndex(index)
                .setCommittedOffset(offset.offset())
                .setCommittedLeaderEpoch(offset.leaderEpoch())
                .setMetadata(offset.metadata());
    }

    /** The topics that a request names, under the names that they had when it came. Immutable. */
    private static final class Wanted {
        private final List<OffsetFetchRequestTopics> asked;
        private final List<@Nullable String> names = new ArrayList<>();

        Wanted(Topics topics, List<OffsetFetchRequestTopics> asked) {
            this.asked = asked;
            for (OffsetFetchRequestTopics topic : asked) {
                names.add(name(topics, topic));
            }
        }

        private static @Nullable String name(Topics topics, OffsetFetchRequestTopics topic) {
            if (topic.topicId().equals(Uuid.ZERO_UUID)) {
                return topic.name();
            }
            Destination found = topics.find(null, topic.topicId());
            return found == null ? null : found.topicName();
        }

        List<TopicIndex> partitions() {
            List<TopicIndex> partitions = new ArrayList<>();
            for (int i = 0; i < asked.size(); i++) {
                String name = names.get(i);
                if (name != null) {
                    asked.get(i).partitionIndexes().forEach(index -> partitions.add(new TopicIndex(name, index)));
                }
            }
            return partitions;
        }

        List<OffsetFetchResponseTopics> answer(Topics topics, SortedMap<TopicIndex, CommittedOffset> found) {
            List<OffsetFetchResponseTopics> answers = new ArrayList<>();
            for (int i = 0; i < asked.size(); i++) {
                String name = names.get(i);
                Destination topic = name == null ? null : topics.find(name, Uuid.ZERO_UUID);
                OffsetFetchResponseTopics answer = empty(asked.get(i));
                answers.add(answer);
                for (int index : asked.get(i).partitionIndexes()) {
                    CommittedOffset offset = name == null ? null : found.get(new TopicIndex(name, index));
                    if (offset == null || (topic != null && !isOf(topic, offset))) {
                        offset = NOTHING;
                    }
                    answer.partitions().add(OffsetFetchApi.partition(index, offset));
                }
                if (name == null) {
                    answer.partitions().forEach(partition -> partition.setErrorCode(ErrorCode.UNKNOWN_TOPIC_ID.code()));
                }
            }
            return answers;
        }

        List<OffsetFetchResponseTopics> failed(ErrorCode error) {
            List<OffsetFetchResponseTopics> answers = new ArrayList<>();
            for (OffsetFetchRequestTopics topic : asked) {
                OffsetFetchResponseTopics answer = empty(topic);
                answers.add(answer);
                for (int index : topic.partitionIndexes()) {
                    answer.partitions()
                            .add(OffsetFetchApi.partition(index, NOTHING).setErrorCode(KafkaErrors.code(error)));
                }
            }
            return answers;
        }

        private static OffsetFetchResponseTopics empty(OffsetFetchRequestTopics topic) {
            return new OffsetFetchResponseTopics().setName(topic.name()).setTopicId(topic.topicId());
        }
    }

    // ---- the answer in the form of the request's version

    private static OffsetFetchResponseData response(Request request, List<OffsetFetchResponseGroup> answers) {
        OffsetFetchResponseData response = new OffsetFetchResponseData();
        if (request.version() >= MANY_GROUPS_SINCE) {
            if (request.version() < TOPIC_IDS_SINCE) {
                answers.forEach(group -> group.topics().forEach(topic -> topic.setTopicId(Uuid.ZERO_UUID)));
            }
            return response.setGroups(answers);
        }
        OffsetFetchResponseGroup only = answers.get(0);
        if (request.version() >= GROUP_ERROR_SINCE) {
            response.setErrorCode(only.errorCode());
        }
        for (OffsetFetchResponseTopics topic : only.topics()) {
            OffsetFetchResponseTopic older = new OffsetFetchResponseTopic().setName(topic.name());
            response.topics().add(older);
            for (OffsetFetchResponsePartitions partition : topic.partitions()) {
                older.partitions()
                        .add(new OffsetFetchResponsePartition()
                                .setPartitionIndex(partition.partitionIndex())
                                .setCommittedOffset(partition.committedOffset())
                                .setCommittedLeaderEpoch(partition.committedLeaderEpoch())
                                .setMetadata(partition.metadata())
                                .setErrorCode(partition.errorCode()));
            }
        }
        return response;
    }
}
