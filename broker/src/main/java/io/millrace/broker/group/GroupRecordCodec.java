package io.millrace.broker.group;

import io.millrace.protocol.message.GroupMetadataKey;
import io.millrace.protocol.message.GroupMetadataValue;
import io.millrace.protocol.message.GroupMetadataValue.MemberMetadata;
import io.millrace.protocol.message.OffsetCommitKey;
import io.millrace.protocol.message.OffsetCommitValue;
import io.millrace.protocol.wire.MalformedFrameException;
import io.millrace.protocol.wire.VersionedMessages;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * {@link GroupRecord}s as keys and values of log records, in the formats of Kafka's own {@code __consumer_offsets}: those versions are
 * written that Kafka writes, so that its tools read the topic.
 */
final class GroupRecordCodec {
    private static final short OFFSET_KEY = 1;
    private static final short OFFSET_VALUE = 3;
    private static final short OFFSET_VALUE_WITH_TOPIC_ID = 4;
    private static final short OFFSET_VALUE_WITH_EXPIRY = 1;
    private static final short GROUP_KEY = 2;
    private static final short GROUP_VALUE = 3;

    private GroupRecordCodec() {}

    static byte[] key(GroupRecord record) {
        if (record instanceof GroupRecord.Offset offset) {
            return VersionedMessages.write(
                    OFFSET_KEY,
                    new OffsetCommitKey()
                            .setGroup(offset.group())
                            .setTopic(offset.partition().topic())
                            .setPartition(offset.partition().partition()));
        }
        return VersionedMessages.write(GROUP_KEY, new GroupMetadataKey().setGroup(record.group()));
    }

    /** The value, or null where the key is to be taken away. */
    static byte @Nullable [] value(GroupRecord record) {
        if (record instanceof GroupRecord.Offset offset) {
            return offset.value() == null ? null : write(offset.value());
        }
        StoredGroup group = ((GroupRecord.Metadata) record).value();
        return group == null ? null : write(group);
    }

    /**
     * The record of a key and a value; null if the key is of a kind that this build does not know.
     *
     * @throws MalformedFrameException if the bytes are not what their versions say
     */
    static @Nullable GroupRecord read(ByteBuffer key, @Nullable ByteBuffer value) {
        short version = VersionedMessages.version(key);
        if (version == 0 || version == OFFSET_KEY) {
            OffsetCommitKey read = new OffsetCommitKey();
            VersionedMessages.read(key, read);
            return new GroupRecord.Offset(
                    read.group(),
                    new TopicIndex(read.topic(), read.partition()),
                    value == null ? null : readOffset(value));
        }
        if (version == GROUP_KEY) {
            GroupMetadataKey read = new GroupMetadataKey();
            VersionedMessages.read(key, read);
            return new GroupRecord.Metadata(read.group(), value == null ? null : readGroup(value));
        }
        return null;
    }

    private static byte[] write(CommittedOffset offset) {
        short version = OFFSET_VALUE;
        if (offset.expireTimestampMs() >= 0) {
            version = OFFSET_VALUE_WITH_EXPIRY; // the only one that has it, as in Kafka
        } else if (!offset.topicId().equals(CommittedOffset.NO_TOPIC_ID)) {
            version = OFFSET_VALUE_WITH_TOPIC_ID;
        }
        UUID id = offset.topicId();
        return VersionedMessages.write(
                version,
                new OffsetCommitValue()
                        .setOffset(offset.offset())
                        .setLeaderEpoch(offset.leaderEpoch())
                        .setMetadata(offset.metadata())
                        .setCommitTimestamp(offset.commitTimestampMs())
                        .setExpireTimestamp(offset.expireTimestampMs())
                        .setTopicId(new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits())));
    }

    private static CommittedOffset readOffset(ByteBuffer value) {
        OffsetCommitValue read = new OffsetCommitValue();
        VersionedMessages.read(value, read);
        return new CommittedOffset(
                read.offset(),
                read.leaderEpoch(),
                read.metadata(),
                read.commitTimestamp(),
                read.expireTimestamp(),
                new UUID(read.topicId().getMostSignificantBits(), read.topicId().getLeastSignificantBits()));
    }

    private static byte[] write(StoredGroup group) {
        List<MemberMetadata> members = new ArrayList<>();
        for (StoredMember member : group.members()) {
            members.add(new MemberMetadata()
                    .setMemberId(member.memberId())
                    .setGroupInstanceId(member.instanceId())
                    .setClientId(member.client().id())
                    .setClientHost(member.client().host())
                    .setRebalanceTimeout(member.rebalanceTimeoutMs())
                    .setSessionTimeout(member.sessionTimeoutMs())
                    .setSubscription(member.subscription().toArray())
                    .setAssignment(member.assignment().toArray()));
        }
        return VersionedMessages.write(
                GROUP_VALUE,
                new GroupMetadataValue()
                        .setProtocolType(group.protocolType())
                        .setGeneration(group.generation())
                        .setProtocol(group.protocol())
                        .setLeader(group.leader())
                        .setCurrentStateTimestamp(group.stateSinceMs())
                        .setMembers(members));
    }

    private static StoredGroup readGroup(ByteBuffer value) {
        GroupMetadataValue read = new GroupMetadataValue();
        VersionedMessages.read(value, read);
        List<StoredMember> members = new ArrayList<>();
        for (MemberMetadata member : read.members()) {
            int rebalanceTimeoutMs =
                    member.rebalanceTimeout() > 0 ? member.rebalanceTimeout() : member.sessionTimeout();
            members.add(new StoredMember(
                    member.memberId(),
                    member.groupInstanceId(),
                    new Client(member.clientId(), member.clientHost()),
                    rebalanceTimeoutMs,
                    member.sessionTimeout(),
                    Bytes.of(member.subscription()),
                    Bytes.of(member.assignment())));
        }
        return new StoredGroup(
                read.protocolType(),
                read.generation(),
                read.protocol(),
                read.leader(),
                read.currentStateTimestamp(),
                members);
    }
}
