package io.millrace.broker.group;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What groups have committed: taken from members, or from anybody while a group has none; given to anybody; taken away when it is deleted or
 * past its retention. Owned by the partition's lane.
 */
final class Offsets {
    private final GroupTable table;
    private final GroupStore store;
    private final GroupLog log;
    private final GroupConfig config;

    Offsets(GroupTable table, GroupStore store, GroupLog log, GroupConfig config) {
        this.table = table;
        this.store = store;
        this.log = log;
        this.config = config;
    }

    // ---- commit

    /** Commits offsets; answers what became of each when they are committed. Fails if the sender may commit none. */
    void commit(Membership who, List<OffsetCommit> commits, Reply<List<ErrorCode>> reply, long nowMs) {
        Group group = table.find(who.groupId());
        if (group == null && who.generation() >= 0) {
            fail(reply, ErrorCode.ILLEGAL_GENERATION); // of a time that this coordinator does not know
            return;
        }
        if (group == null) {
            group = table.findOrAdd(who.groupId(), nowMs);
        }
        ErrorCode error = check(group, who);
        if (error != ErrorCode.NONE) {
            fail(reply, error);
            return;
        }
        Member member = group.member(who.memberId());
        if (member != null) {
            member.onHeard(nowMs);
        }
        append(group, commits, reply, nowMs);
    }

    private static ErrorCode check(Group group, Membership who) {
        if (!who.isClaimed()) {
            return group.is(GroupState.EMPTY) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
        }
        if (who.generation() < 0 && group.is(GroupState.EMPTY)) {
            return ErrorCode.NONE; // a consumer that does not join: its member id means nothing
        }
        ErrorCode error = Members.checkGeneration(group, who);
        // While members are asked to join again, what they have processed may still be committed.
        return error == ErrorCode.NONE && group.is(GroupState.COMPLETING_REBALANCE)
                ? ErrorCode.REBALANCE_IN_PROGRESS
                : error;
    }

    private void append(Group group, List<OffsetCommit> commits, Reply<List<ErrorCode>> reply, long nowMs) {
        List<ErrorCode> results = new ArrayList<>();
        List<GroupRecord> records = new ArrayList<>();
        for (OffsetCommit commit : commits) {
            boolean fits = commit.offset().metadata().length() <= config.offsetMetadataMaxBytes();
            results.add(fits ? ErrorCode.NONE : ErrorCode.OFFSET_METADATA_TOO_LARGE);
            if (fits) {
                records.add(new GroupRecord.Offset(group.id(), commit.partition(), commit.offset()));
            }
        }
        if (records.isEmpty()) {
            reply.complete(results);
            return;
        }
        group.onCommitBegun();
        log.append(
                records,
                new GroupLog.Listener() {
                    @Override
                    public void onCommitted(long committedMs) {
                        group.onCommitEnded();
                        reply.complete(results);
                    }

                    @Override
                    public void onFailed(ErrorCode error, String message, long failedMs) {
                        group.onCommitEnded();
                        reply.fail(
                                error == ErrorCode.MESSAGE_TOO_LARGE || error == ErrorCode.RECORD_LIST_TOO_LARGE
                                        ? ErrorCode.INVALID_COMMIT_OFFSET_SIZE
                                        : error,
                                message);
                    }
                },
                nowMs);
    }

    // ---- fetch

    /** What is committed of these partitions, or of all if null; what was never committed is not in it. */
    SortedMap<TopicIndex, CommittedOffset> fetch(String groupId, @Nullable List<TopicIndex> wanted) {
        SortedMap<TopicIndex, CommittedOffset> all = store.offsets(groupId);
        if (wanted == null) {
            return new TreeMap<>(all);
        }
        SortedMap<TopicIndex, CommittedOffset> found = new TreeMap<>();
        for (TopicIndex partition : wanted) {
            CommittedOffset offset = all.get(partition);
            if (offset != null) {
                found.put(partition, offset);
            }
        }
        return found;
    }

    // ---- taking away

    /** Deletes a group without members, with its offsets. */
    void deleteGroup(String groupId, Reply<@Nullable Void> reply, long nowMs) {
        Group group = table.find(groupId);
        if (group == null) {
            fail(reply, ErrorCode.GROUP_ID_NOT_FOUND);
            return;
        }
        if (!group.is(GroupState.EMPTY)) {
            fail(reply, ErrorCode.NON_EMPTY_GROUP);
            return;
        }
        List<GroupRecord> records = tombstones(groupId, store.offsets(groupId).keySet());
        if (store.group(groupId) != null) {
            records.add(new GroupRecord.Metadata(groupId, null));
        }
        table.remove(group, nowMs);
        if (records.isEmpty()) {
            Reply.done(reply);
        } else {
            log.append(records, new Removed(groupId, reply), nowMs);
        }
    }

    /** Deletes offsets; answers what became of each when that is committed. A group is kept from losing what it subscribes to. */
    void delete(String groupId, List<TopicIndex> partitions, Reply<List<ErrorCode>> reply, long nowMs) {
        Group group = table.find(groupId);
        if (group == null) {
            fail(reply, ErrorCode.GROUP_ID_NOT_FOUND);
            return;
        }
        Set<String> subscribed = Set.of();
        if (!group.is(GroupState.EMPTY)) {
            if (!Subscriptions.PROTOCOL_TYPE.equals(group.protocolType())) {
                fail(reply, ErrorCode.NON_EMPTY_GROUP);
                return;
            }
            Set<String> known = Subscriptions.topics(group);
            if (known == null) {
                fail(reply, ErrorCode.NON_EMPTY_GROUP);
                return;
            }
            subscribed = known;
        }
        List<ErrorCode> results = new ArrayList<>();
        Set<TopicIndex> deleted = new TreeSet<>();
        for (TopicIndex partition : partitions) {
            boolean isSubscribed = subscribed.contains(partition.topic());
            results.add(isSubscribed ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE);
            if (!isSubscribed && store.offsets(groupId).containsKey(partition)) {
                deleted.add(partition);
            }
        }
        if (deleted.isEmpty()) {
            reply.complete(results);
            return;
        }
        log.append(
                tombstones(groupId, deleted),
                new GroupLog.Listener() {
                    @Override
                    public void onCommitted(long committedMs) {
                        reply.complete(results);
                    }

                    @Override
                    public void onFailed(ErrorCode error, String message, long failedMs) {
                        reply.fail(error, message);
                    }
                },
                nowMs);
    }

    /** Takes away what is past its retention, and groups of which nothing is left. */
    void expire(long nowMs) {
        for (Group group : table.all()) {
            expire(group, nowMs);
        }
    }

    private void expire(Group group, long nowMs) {
        Set<TopicIndex> expired = expired(group, nowMs);
        List<GroupRecord> records = tombstones(group.id(), expired);
        boolean isOver =
                group.isIdle() && expired.size() == store.offsets(group.id()).size();
        if (isOver) {
            if (store.group(group.id()) != null) {
                records.add(new GroupRecord.Metadata(group.id(), null));
            }
            table.remove(group, nowMs);
        }
        if (!records.isEmpty()) {
            log.append(records, new Removed(isOver ? group.id() : null, null), nowMs);
        }
    }

    /**
     * The retention of a group that had members begins when the last one has gone; that of a consumer group with members, for topics that
     * none of them subscribes to, and that of consumers without a group with each commit.
     */
    private Set<TopicIndex> expired(Group group, long nowMs) {
        boolean isSimple = group.protocolType() == null;
        boolean isLeft = !isSimple && group.is(GroupState.EMPTY);
        Set<String> subscribed = Set.of();
        if (!isSimple && !isLeft) {
            Set<String> known = group.is(GroupState.STABLE) && Subscriptions.PROTOCOL_TYPE.equals(group.protocolType())
                    ? Subscriptions.topics(group)
                    : null;
            if (known == null) {
                return Set.of();
            }
            subscribed = known;
        }
        Set<TopicIndex> expired = new TreeSet<>();
        for (Map.Entry<TopicIndex, CommittedOffset> entry :
                store.offsets(group.id()).entrySet()) {
            CommittedOffset offset = entry.getValue();
            long sinceMs = isLeft && group.stateSinceMs() >= 0
                    ? Math.max(group.stateSinceMs(), offset.commitTimestampMs())
                    : offset.commitTimestampMs();
            if (!subscribed.contains(entry.getKey().topic())
                    && offset.isExpired(sinceMs, config.offsetsRetentionMs(), nowMs)) {
                expired.add(entry.getKey());
            }
        }
        return expired;
    }

    private static List<GroupRecord> tombstones(String groupId, Set<TopicIndex> partitions) {
        List<GroupRecord> records = new ArrayList<>();
        partitions.forEach(partition -> records.add(new GroupRecord.Offset(groupId, partition, null)));
        return records;
    }

    private static void fail(Reply<?> reply, ErrorCode error) {
        reply.fail(error, error.meaning());
    }

    /**
     * A group that could not be taken away is there as before, unless somebody made it anew; and so is one to which an offset was committed
     * that was on its way to the log when the others were taken away.
     */
    private final class Removed implements GroupLog.Listener {
        private final @Nullable String groupId;
        private final @Nullable Reply<@Nullable Void> reply;

        Removed(@Nullable String groupId, @Nullable Reply<@Nullable Void> reply) {
            this.groupId = groupId;
            this.reply = reply;
        }

        @Override
        public void onCommitted(long nowMs) {
            restoreWhatIsLeft(nowMs);
            if (reply != null) {
                Reply.done(reply);
            }
        }

        @Override
        public void onFailed(ErrorCode error, String message, long nowMs) {
            restoreWhatIsLeft(nowMs);
            if (reply != null) {
                reply.fail(error, message);
            }
        }

        private void restoreWhatIsLeft(long nowMs) {
            if (groupId != null && table.isOpen() && table.find(groupId) == null && store.has(groupId)) {
                table.add(Group.restored(groupId, store.group(groupId), nowMs));
            }
        }
    }
}
