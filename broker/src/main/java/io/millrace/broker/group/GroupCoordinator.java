package io.millrace.broker.group;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator of the groups of one partition of {@code __consumer_offsets}, while this broker leads it. Each {@code on} method takes what
 * a client asks and the time; what is to survive goes to the {@link GroupLog} first and is told to clients when it is committed.
 *
 * <p>Join and sync are answered with an error inside their answers; the others fail their reply. Owned by the partition's lane.
 */
public final class GroupCoordinator {
    private final GroupStore store;
    private final GroupTable table = new GroupTable();
    private final Rebalances rebalances;
    private final Joins joins;
    private final Members members;
    private final Offsets offsets;
    private final GroupConfig config;
    private long nextExpiryMs;

    /**
     * Takes over the groups of a store: their members have until the end of a session to be heard of.
     *
     * @param store everything committed, folded
     * @param ids draws a random id each time
     */
    GroupCoordinator(GroupStore store, GroupLog log, GroupConfig config, Supplier<UUID> ids, long nowMs) {
        this.store = store;
        this.config = config;
        this.rebalances = new Rebalances(table, log, config);
        this.joins = new Joins(table, rebalances, config, ids);
        this.members = new Members(table, rebalances);
        this.offsets = new Offsets(table, store, log, config);
        this.nextExpiryMs = nowMs + config.retentionCheckMs();
        for (String id : store.ids()) {
            table.add(Group.restored(id, store.group(id), nowMs));
        }
    }

    // ---- members

    /** A client joins a group; answers when the group's next generation is decided, or at once if nothing changes or it may not. */
    public void onJoin(JoinSpec spec, Reply<JoinAnswer> reply, long nowMs) {
        if (spec.groupId().isEmpty()) {
            reply.complete(JoinAnswer.failed(ErrorCode.INVALID_GROUP_ID, spec.memberId()));
        } else {
            joins.join(spec, reply, nowMs);
        }
    }

    /** A member asks for its assignment; answers when the leader has given it and it is committed. */
    public void onSync(SyncSpec spec, Reply<SyncAnswer> reply, long nowMs) {
        if (spec.who().groupId().isEmpty()) {
            reply.complete(SyncAnswer.failed(ErrorCode.INVALID_GROUP_ID));
        } else {
            members.sync(spec, reply, nowMs);
        }
    }

    /** A member lives; fails with what it has to do. */
    public void onHeartbeat(Membership who, Reply<@Nullable Void> reply, long nowMs) {
        ErrorCode error = who.groupId().isEmpty() ? ErrorCode.INVALID_GROUP_ID : members.heartbeat(who, nowMs);
        if (error == ErrorCode.NONE) {
            Reply.done(reply);
        } else {
            reply.fail(error, error.meaning());
        }
    }

    /** Members leave; answers what became of each. */
    public void onLeave(String groupId, List<LeavingMember> leaving, Reply<List<ErrorCode>> reply, long nowMs) {
        if (groupId.isEmpty()) {
            reply.fail(ErrorCode.INVALID_GROUP_ID, ErrorCode.INVALID_GROUP_ID.meaning());
        } else {
            reply.complete(members.leave(groupId, leaving, nowMs));
        }
    }

    // ---- offsets

    /** Offsets are to be committed; answers what became of each when they are. Fails if the sender may commit none. */
    public void onCommitOffsets(Membership who, List<OffsetCommit> commits, Reply<List<ErrorCode>> reply, long nowMs) {
        offsets.commit(who, commits, reply, nowMs);
    }

    /** What is committed of these partitions, or of all if null; what was never committed is not in it. */
    public SortedMap<TopicIndex, CommittedOffset> onFetchOffsets(
            String groupId, @Nullable List<TopicIndex> partitions) {
        return offsets.fetch(groupId, partitions);
    }

    /** Offsets are to be deleted; answers what became of each when that is committed. */
    public void onDeleteOffsets(String groupId, List<TopicIndex> partitions, Reply<List<ErrorCode>> reply, long nowMs) {
        offsets.delete(groupId, partitions, reply, nowMs);
    }

    // ---- groups

    /** All groups, by id, without their members. */
    public List<GroupDescription> onListGroups() {
        return table.all().stream().map(group -> describe(group, List.of())).toList();
    }

    /** A group with its members; null if there is none. */
    public @Nullable GroupDescription onDescribeGroup(String groupId) {
        Group group = table.find(groupId);
        if (group == null) {
            return null;
        }
        boolean isDecided = group.is(GroupState.STABLE);
        return describe(
                group,
                group.members().stream()
                        .map(member -> new GroupDescription.MemberDescription(
                                member.id(),
                                member.instanceId(),
                                member.client(),
                                isDecided ? member.metadata(group.protocol()) : Bytes.EMPTY,
                                isDecided ? member.assignment() : Bytes.EMPTY))
                        .toList());
    }

    private static GroupDescription describe(Group group, List<GroupDescription.MemberDescription> members) {
        return new GroupDescription(
                group.id(),
                group.state(),
                Objects.requireNonNullElse(group.protocolType(), ""),
                group.is(GroupState.STABLE) ? Objects.requireNonNullElse(group.protocol(), "") : "",
                members);
    }

    /** A group without members is to be deleted with its offsets; answers when that is committed. */
    public void onDeleteGroup(String groupId, Reply<@Nullable Void> reply, long nowMs) {
        offsets.deleteGroup(groupId, reply, nowMs);
    }

    // ---- time

    /** Does what is due: rebalances that waited long enough, silent members, offsets past their retention. */
    void onTick(long nowMs) {
        for (Group due = table.timers().due(nowMs);
                due != null;
                due = table.timers().due(nowMs)) {
            rebalances.onDeadline(due, nowMs);
        }
        if (nextExpiryMs <= nowMs) {
            nextExpiryMs = nowMs + config.retentionCheckMs();
            offsets.expire(nowMs);
        }
    }

    /** When {@link #onTick} is to be called next. */
    long nextDeadlineMs() {
        return Math.min(nextExpiryMs, table.timers().nextMs());
    }

    /** This broker is not the coordinator any more: whoever waits is told, and all is forgotten. */
    void clear(long nowMs) {
        for (Group group : table.all()) {
            for (Member member : List.copyOf(group.members())) {
                member.answerJoin(JoinAnswer.failed(ErrorCode.NOT_COORDINATOR, member.id()));
                member.answerSync(SyncAnswer.failed(ErrorCode.NOT_COORDINATOR));
            }
            group.become(GroupState.DEAD, nowMs);
        }
        table.clear();
    }

    /** Folds a committed record. */
    void apply(GroupRecord record) {
        store.apply(record);
    }
}
