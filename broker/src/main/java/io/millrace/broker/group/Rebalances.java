package io.millrace.broker.group;

import io.millrace.protocol.ErrorCode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a group comes from one generation to the next: when it begins to rebalance, when it stops waiting for members, who is left behind. See
 * {@link GroupState}. Owned by the partition's lane.
 */
final class Rebalances {
    private static final Logger LOG = LoggerFactory.getLogger(Rebalances.class);

    /** How long at least a group waits for somebody who assigns. */
    private static final long MIN_WAIT_MS = 100;

    private final GroupTable table;
    private final GroupLog log;
    private final GroupConfig config;

    Rebalances(GroupTable table, GroupLog log, GroupConfig config) {
        this.table = table;
        this.log = log;
        this.config = config;
    }

    // ---- waiting for members

    /** Begins a rebalance, unless one waits for members already. */
    void prepare(Group group, String why, long nowMs) {
        switch (group.state()) {
            case EMPTY ->
                group.joinPhase().beginInitial(config.initialRebalanceDelayMs(), group.rebalanceTimeoutMs(), nowMs);
            case COMPLETING_REBALANCE, STABLE -> {
                answerSyncs(group, ErrorCode.REBALANCE_IN_PROGRESS, nowMs);
                group.endSync();
                group.joinPhase().begin(group.rebalanceTimeoutMs(), nowMs);
            }
            case PREPARING_REBALANCE -> {
                return;
            }
            case DEAD -> throw new IllegalStateException("group " + group.id() + " is dead and is to rebalance");
        }
        LOG.atDebug()
                .addKeyValue("group", group.id())
                .addKeyValue("generation", group.generation())
                .addKeyValue("why", why)
                .log("a group rebalances");
        group.become(GroupState.PREPARING_REBALANCE, nowMs);
        tryComplete(group, nowMs);
        table.watch(group);
    }

    /** Ends the wait for members if nobody is missing. */
    void tryComplete(Group group, long nowMs) {
        if (group.is(GroupState.PREPARING_REBALANCE) && !group.joinPhase().isInitial() && group.haveAllJoined()) {
            complete(group, nowMs);
        }
    }

    /** Ends the wait for members. A static member that did not join stays, as long as its session holds. */
    private void complete(Group group, long nowMs) {
        for (Member member : List.copyOf(group.members())) {
            if (!member.isJoining() && member.instanceId() == null) {
                group.remove(member.id());
            }
        }
        if (group.size() > 0 && !group.electJoinedLeader()) {
            // Nobody is there to assign. Sessions end, or somebody comes.
            group.joinPhase().begin(Math.max(MIN_WAIT_MS, group.rebalanceTimeoutMs()), nowMs);
            table.watch(group);
            return;
        }
        group.beginGeneration(nowMs);
        if (group.is(GroupState.EMPTY)) {
            store(group, Map.of(), Ignored.LISTENER, nowMs);
        } else {
            tellGeneration(group, nowMs);
        }
        table.watch(group);
    }

    private static void tellGeneration(Group group, long nowMs) {
        for (Member member : List.copyOf(group.members())) {
            member.answerJoin(joined(group, member, false));
            member.touch(nowMs);
        }
        group.expectSync(nowMs + group.rebalanceTimeoutMs());
    }

    /** The present generation as a member is told of it: with all members, if it leads and assigns. */
    static JoinAnswer joined(Group group, Member member, boolean skipAssignment) {
        boolean isLeader = group.isLeader(member.id());
        return new JoinAnswer(
                ErrorCode.NONE,
                member.id(),
                generation(group, group.leader()),
                skipAssignment && isLeader,
                isLeader ? group.joined() : List.of());
    }

    /** The present generation, with a leader of that id. */
    static JoinAnswer.Generation generation(Group group, @Nullable String leader) {
        return new JoinAnswer.Generation(
                group.generation(), group.protocolType(), group.protocol(), leader == null ? "" : leader);
    }

    /** Answers all who wait for an assignment with an error; an assignment of before is forgotten with it. */
    void answerSyncs(Group group, ErrorCode error, long nowMs) {
        for (Member member : List.copyOf(group.members())) {
            if (group.is(GroupState.COMPLETING_REBALANCE)) {
                member.assign(Bytes.EMPTY);
            }
            if (member.answerSync(SyncAnswer.failed(error))) {
                member.touch(nowMs);
            }
        }
    }

    // ---- who goes

    /** A member goes, by its own wish or because it was silent. */
    void remove(Group group, Member member, String why, long nowMs) {
        member.answerJoin(JoinAnswer.failed(ErrorCode.UNKNOWN_MEMBER_ID, JoinSpec.NO_MEMBER_ID));
        member.answerSync(SyncAnswer.failed(ErrorCode.UNKNOWN_MEMBER_ID));
        group.remove(member.id());
        switch (group.state()) {
            case STABLE, COMPLETING_REBALANCE -> prepare(group, why, nowMs);
            case PREPARING_REBALANCE -> tryComplete(group, nowMs);
            case EMPTY, DEAD -> {}
        }
    }

    /** An id that was given is not used any more. */
    void removePendingId(Group group, String memberId, long nowMs) {
        group.remove(memberId);
        tryComplete(group, nowMs);
    }

    // ---- time

    /** Does what is due for a group. */
    void onDeadline(Group group, long nowMs) {
        if (group.removeOverdueIds(nowMs)) {
            tryComplete(group, nowMs);
        }
        for (Member member : List.copyOf(group.members())) {
            if (member.deadlineMs() <= nowMs && group.has(member.id())) {
                remove(group, member, "member " + member.id() + " was silent for too long", nowMs);
            }
        }
        if (group.is(GroupState.PREPARING_REBALANCE) && group.joinPhase().deadlineMs() <= nowMs) {
            onJoinDeadline(group, nowMs);
        }
        if (group.syncDeadlineMs() <= nowMs) {
            onSyncDeadline(group, nowMs);
        }
        table.watch(group);
    }

    private void onJoinDeadline(Group group, long nowMs) {
        if (!group.joinPhase().extend(config.initialRebalanceDelayMs(), nowMs)) {
            complete(group, nowMs);
        }
    }

    /** Who has not asked for its assignment by now is left behind. */
    private void onSyncDeadline(Group group, long nowMs) {
        List<String> silent = List.copyOf(group.unsynced());
        group.endSync();
        for (String memberId : silent) {
            Member member = group.member(memberId);
            if (member != null) {
                member.answerJoin(JoinAnswer.failed(ErrorCode.UNKNOWN_MEMBER_ID, JoinSpec.NO_MEMBER_ID));
                group.remove(memberId);
            }
        }
        if (!silent.isEmpty() && (group.is(GroupState.COMPLETING_REBALANCE) || group.is(GroupState.STABLE))) {
            prepare(group, "members did not ask for their assignment: " + silent, nowMs);
        }
    }

    // ---- the log

    /** Stores the group's generation with these assignments. */
    void store(Group group, Map<String, Bytes> assignments, GroupLog.Listener listener, long nowMs) {
        log.append(List.of(new GroupRecord.Metadata(group.id(), group.toStore(assignments, nowMs))), listener, nowMs);
    }

    /** Nobody waits: a generation that is not stored is decided again after a restart. */
    private enum Ignored implements GroupLog.Listener {
        LISTENER;

        @Override
        public void onCommitted(long nowMs) {}

        @Override
        public void onFailed(ErrorCode error, String message, long nowMs) {
            LOG.atWarn().addKeyValue("error", error).log("an empty generation could not be stored: {}", message);
        }
    }
}
