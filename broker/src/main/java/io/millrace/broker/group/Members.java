package io.millrace.broker.group;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What members do between joins: SyncGroup, Heartbeat, LeaveGroup. Owned by the partition's lane. */
final class Members {
    private final GroupTable table;
    private final Rebalances rebalances;

    Members(GroupTable table, Rebalances rebalances) {
        this.table = table;
        this.rebalances = rebalances;
    }

    /** Whether the group has this member, and a static one under this id. */
    static ErrorCode check(Group group, Membership who) {
        if (who.instanceId() != null) {
            String present = group.memberIdOf(who.instanceId());
            if (present == null) {
                return ErrorCode.UNKNOWN_MEMBER_ID;
            }
            return present.equals(who.memberId()) ? ErrorCode.NONE : ErrorCode.FENCED_INSTANCE_ID;
        }
        return group.has(who.memberId()) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
    }

    /** The same, and whether it speaks of the present generation. */
    static ErrorCode checkGeneration(Group group, Membership who) {
        ErrorCode error = check(group, who);
        return error == ErrorCode.NONE && who.generation() != group.generation() ? ErrorCode.ILLEGAL_GENERATION : error;
    }

    // ---- SyncGroup

    void sync(SyncSpec spec, Reply<SyncAnswer> reply, long nowMs) {
        Group group = table.find(spec.who().groupId());
        ErrorCode error = group == null ? ErrorCode.UNKNOWN_MEMBER_ID : checkSync(group, spec);
        Member member = group == null ? null : group.member(spec.who().memberId());
        if (group == null || member == null || error != ErrorCode.NONE) {
            reply.complete(SyncAnswer.failed(error));
            return;
        }
        switch (group.state()) {
            case EMPTY, DEAD -> reply.complete(SyncAnswer.failed(ErrorCode.UNKNOWN_MEMBER_ID));
            case PREPARING_REBALANCE -> reply.complete(SyncAnswer.failed(ErrorCode.REBALANCE_IN_PROGRESS));
            case COMPLETING_REBALANCE -> {
                member.parkSync(reply);
                group.onSynced(member.id());
                if (group.isLeader(member.id())) {
                    store(group, spec.assignments(), nowMs);
                }
            }
            case STABLE -> {
                group.onSynced(member.id());
                member.touch(nowMs);
                reply.complete(assigned(group, member));
            }
        }
        table.watch(group);
    }

    private static ErrorCode checkSync(Group group, SyncSpec spec) {
        ErrorCode error = checkGeneration(group, spec.who());
        if (error != ErrorCode.NONE) {
            return error;
        }
        boolean isConsistent = isConsistent(spec.protocolType(), group.protocolType())
                && isConsistent(spec.protocol(), group.protocol());
        return isConsistent ? ErrorCode.NONE : ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    }

    private static boolean isConsistent(@Nullable String believed, @Nullable String actual) {
        return believed == null || believed.equals(actual);
    }

    private void store(Group group, Map<String, Bytes> given, long nowMs) {
        Map<String, Bytes> assignments = new TreeMap<>(given);
        group.members().forEach(member -> assignments.putIfAbsent(member.id(), Bytes.EMPTY));
        rebalances.store(group, assignments, new Assigned(group, group.generation(), assignments), nowMs);
    }

    /** Gives the members their assignments once they are stored, unless the group has gone on meanwhile. */
    private final class Assigned implements GroupLog.Listener {
        private final Group group;
        private final int generation;
        private final Map<String, Bytes> assignments;

        Assigned(Group group, int generation, Map<String, Bytes> assignments) {
            this.group = group;
            this.generation = generation;
            this.assignments = assignments;
        }

        @Override
        public void onCommitted(long nowMs) {
            if (!isCurrent()) {
                return;
            }
            group.become(GroupState.STABLE, nowMs);
            for (Member member : List.copyOf(group.members())) {
                member.assign(assignments.getOrDefault(member.id(), Bytes.EMPTY));
                if (member.answerSync(assigned(group, member))) {
                    member.touch(nowMs);
                }
            }
            table.watch(group);
        }

        @Override
        public void onFailed(ErrorCode error, String message, long nowMs) {
            if (isCurrent()) {
                rebalances.answerSyncs(group, error, nowMs);
                rebalances.prepare(group, "the assignment could not be stored: " + message, nowMs);
            }
        }

        private boolean isCurrent() {
            return group.is(GroupState.COMPLETING_REBALANCE) && group.generation() == generation;
        }
    }

    private static SyncAnswer assigned(Group group, Member member) {
        return new SyncAnswer(ErrorCode.NONE, group.protocolType(), group.protocol(), member.assignment());
    }

    // ---- Heartbeat

    ErrorCode heartbeat(Membership who, long nowMs) {
        Group group = table.find(who.groupId());
        if (group == null) {
            return ErrorCode.UNKNOWN_MEMBER_ID;
        }
        ErrorCode error = checkGeneration(group, who);
        Member member = group.member(who.memberId());
        if (error != ErrorCode.NONE || member == null) {
            return error;
        }
        return switch (group.state()) {
            case EMPTY, DEAD -> ErrorCode.UNKNOWN_MEMBER_ID;
            case COMPLETING_REBALANCE, STABLE -> {
                member.onHeard(nowMs);
                yield ErrorCode.NONE;
            }
            case PREPARING_REBALANCE -> {
                member.onHeard(nowMs);
                yield ErrorCode.REBALANCE_IN_PROGRESS;
            }
        };
    }

    // ---- LeaveGroup

    /** Lets members go; what becomes of each, in their order. Of an operator's request, only the instance id is known. */
    List<ErrorCode> leave(String groupId, List<LeavingMember> leaving, long nowMs) {
        Group group = table.find(groupId);
        List<ErrorCode> results = new ArrayList<>();
        for (LeavingMember member : leaving) {
            results.add(group == null ? ErrorCode.UNKNOWN_MEMBER_ID : leave(group, member, nowMs));
        }
        if (group != null) {
            table.watch(group);
        }
        return results;
    }

    private ErrorCode leave(Group group, LeavingMember leaving, long nowMs) {
        if (group.isPendingId(leaving.memberId())) {
            rebalances.removePendingId(group, leaving.memberId(), nowMs);
            return ErrorCode.NONE;
        }
        String memberId = leaving.memberId();
        if (memberId.equals(JoinSpec.NO_MEMBER_ID)) {
            String present = group.memberIdOf(leaving.instanceId());
            if (present == null) {
                return ErrorCode.UNKNOWN_MEMBER_ID;
            }
            memberId = present;
        }
        Membership who = new Membership(group.id(), memberId, leaving.instanceId(), Membership.NO_GENERATION);
        ErrorCode error = check(group, who);
        Member member = group.member(memberId);
        if (error == ErrorCode.NONE && member != null) {
            rebalances.remove(group, member, "member " + memberId + " leaves", nowMs);
        }
        return error;
    }
}
