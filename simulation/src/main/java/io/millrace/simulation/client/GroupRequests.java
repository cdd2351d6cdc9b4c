package io.millrace.simulation.client;

import io.millrace.simulation.check.GroupHistory.Commit;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;

/** What a member asks its coordinator, in the versions of a present client that names topics. Immutable. */
final class GroupRequests {
    static final int JOIN_VERSION = 9;
    static final int SYNC_VERSION = 5;
    static final int HEARTBEAT_VERSION = 4;
    static final int LEAVE_VERSION = 5;
    static final int COMMIT_VERSION = 9;
    static final int FETCH_OFFSETS_VERSION = 8;

    private static final String TYPE = "consumer";
    private static final String PROTOCOL = "shifted";

    private final String group;
    private final GroupMember.Manner manner;

    GroupRequests(String group, GroupMember.Manner manner) {
        this.group = group;
        this.manner = manner;
    }

    JoinGroupRequestData join(String memberId) {
        ByteBuffer subscription = ConsumerProtocol.serializeSubscription(new Subscription(List.of(manner.topic())));
        JoinGroupRequestProtocolCollection protocols = new JoinGroupRequestProtocolCollection();
        protocols.add(new JoinGroupRequestProtocol().setName(PROTOCOL).setMetadata(bytes(subscription)));
        return new JoinGroupRequestData()
                .setGroupId(group)
                .setMemberId(memberId)
                .setGroupInstanceId(manner.instanceId())
                .setSessionTimeoutMs(manner.sessionMs())
                .setRebalanceTimeoutMs(manner.rebalanceMs())
                .setProtocolType(TYPE)
                .setProtocols(protocols);
    }

    /**
     * Asks for the assignment, and gives it if there are members.
     *
     * @param shift by how many members the first partition is moved, so that partitions change hands
     */
    SyncGroupRequestData sync(
            String memberId, int generation, List<JoinGroupResponseMember> members, int partitionCount, int shift) {
        SyncGroupRequestData request = new SyncGroupRequestData()
                .setGroupId(group)
                .setMemberId(memberId)
                .setGroupInstanceId(manner.instanceId())
                .setGenerationId(generation)
                .setProtocolType(TYPE)
                .setProtocolName(PROTOCOL);
        for (int m = 0; m < members.size(); m++) {
            List<TopicPartition> owned = new ArrayList<>();
            for (int partition = 0; partition < partitionCount; partition++) {
                if ((partition + shift) % members.size() == m) {
                    owned.add(new TopicPartition(manner.topic(), partition));
                }
            }
            request.assignments()
                    .add(new SyncGroupRequestAssignment()
                            .setMemberId(members.get(m).memberId())
                            .setAssignment(bytes(ConsumerProtocol.serializeAssignment(new Assignment(owned)))));
        }
        return request;
    }

    /** The partitions of an assignment. */
    Set<Integer> assigned(byte[] assignment) {
        Set<Integer> partitions = new TreeSet<>();
        if (assignment.length > 0) {
            ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(assignment))
                    .partitions()
                    .forEach(partition -> partitions.add(partition.partition()));
        }
        return partitions;
    }

    HeartbeatRequestData heartbeat(String memberId, int generation) {
        return new HeartbeatRequestData()
                .setGroupId(group)
                .setMemberId(memberId)
                .setGroupInstanceId(manner.instanceId())
                .setGenerationId(generation);
    }

    LeaveGroupRequestData leave(String memberId) {
        return new LeaveGroupRequestData()
                .setGroupId(group)
                .setMembers(List.of(new MemberIdentity().setMemberId(memberId)));
    }

    OffsetCommitRequestData commit(String memberId, int generation, List<Commit> commits) {
        OffsetCommitRequestTopic topic = new OffsetCommitRequestTopic().setName(manner.topic());
        for (Commit commit : commits) {
            topic.partitions()
                    .add(new OffsetCommitRequestPartition()
                            .setPartitionIndex(commit.partition())
                            .setCommittedOffset(commit.offset())
                            .setCommittedMetadata(commit.metadata()));
        }
        return new OffsetCommitRequestData()
                .setGroupId(group)
                .setMemberId(memberId)
                .setGroupInstanceId(manner.instanceId())
                .setGenerationIdOrMemberEpoch(generation)
                .setTopics(List.of(topic));
    }

    OffsetFetchRequestData fetchOffsets(Set<Integer> partitions) {
        OffsetFetchRequestTopics topic =
                new OffsetFetchRequestTopics().setName(manner.topic()).setPartitionIndexes(List.copyOf(partitions));
        return new OffsetFetchRequestData()
                .setGroups(
                        List.of(new OffsetFetchRequestGroup().setGroupId(group).setTopics(List.of(topic))));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
