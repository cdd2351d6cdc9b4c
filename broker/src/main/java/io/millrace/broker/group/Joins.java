package io.millrace.broker.group;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * JoinGroup: a new member gets an id, a static member that comes back takes the place it had, a present member says what it follows now. Owned
 * by the partition's lane.
 */
final class Joins {
    private final GroupTable table;
    private final Rebalances rebalances;
    private final GroupConfig config;
    private final Supplier<UUID> ids;

    Joins(GroupTable table, Rebalances rebalances, GroupConfig config, Supplier<UUID> ids) {
        this.table = table;
        this.rebalances = rebalances;
        this.config = config;
        this.ids = ids;
    }

    void join(JoinSpec spec, Reply<JoinAnswer> reply, long nowMs) {
        int sessionMs = spec.timeouts().sessionMs();
        if (sessionMs < config.minSessionTimeoutMs() || sessionMs > config.maxSessionTimeoutMs()) {
            refuse(reply, ErrorCode.INVALID_SESSION_TIMEOUT, spec.memberId());
            return;
        }
        Group group = spec.isNew() ? table.findOrAdd(spec.groupId(), nowMs) : table.find(spec.groupId());
        if (group == null) {
            refuse(reply, ErrorCode.UNKNOWN_MEMBER_ID, spec.memberId());
        } else if (!hasRoomFor(group, spec.memberId())) {
            group.remove(spec.memberId());
            refuse(reply, ErrorCode.GROUP_MAX_SIZE_REACHED, JoinSpec.NO_MEMBER_ID);
        } else if (!group.takes(spec.protocolType(), spec.protocols())) {
            refuse(reply, ErrorCode.INCONSISTENT_GROUP_PROTOCOL, spec.memberId());
        } else if (spec.isNew()) {
            joinAsNew(group, spec, reply, nowMs);
        } else {
            joinAgain(group, spec, reply, nowMs);
        }
        if (group != null) {
            rebalances.tryComplete(group, nowMs);
            table.watch(group);
        }
    }

    /** While the group waits for members, those count that have joined: so the last to come are those who are turned away. */
    private boolean hasRoomFor(Group group, String memberId) {
        Member member = group.member(memberId);
        if (member == null && !group.isPendingId(memberId) && group.pendingIdCount() >= config.maxSize()) {
            return false;
        }
        return switch (group.state()) {
            case EMPTY, DEAD -> true;
            case PREPARING_REBALANCE ->
                (member != null && member.isJoining())
                        || group.size() < config.maxSize()
                        || group.joiningCount() < config.maxSize();
            case COMPLETING_REBALANCE, STABLE -> member != null || group.size() < config.maxSize();
        };
    }

    // ---- new members

    private void joinAsNew(Group group, JoinSpec spec, Reply<JoinAnswer> reply, long nowMs) {
        String instanceId = spec.instanceId();
        String memberId = (instanceId != null ? instanceId : spec.client().id()) + "-" + ids.get();
        String present = group.memberIdOf(instanceId);
        if (present != null) {
            takePlace(group, present, memberId, spec, reply, nowMs);
        } else if (instanceId == null && spec.abilities().joinsTwice()) {
            group.addPendingId(memberId, nowMs + spec.timeouts().sessionMs());
            refuse(reply, ErrorCode.MEMBER_ID_REQUIRED, memberId);
        } else {
            add(group, memberId, spec, reply, nowMs);
        }
    }

    private void add(Group group, String memberId, JoinSpec spec, Reply<JoinAnswer> reply, long nowMs) {
        Member member = new Member(memberId, spec.instanceId(), spec.client(), spec.timeouts(), spec.protocols());
        member.parkJoin(reply);
        member.expectFirstGeneration(nowMs);
        if (group.is(GroupState.PREPARING_REBALANCE)) {
            group.joinPhase().onNewMember();
        }
        group.add(member, spec.protocolType());
        rebalances.prepare(group, "member " + memberId + " comes", nowMs);
    }

    /** A static member came back under a new id. If that changes nothing for the others, they do not hear of it. */
    private void takePlace(
            Group group, String oldId, String newId, JoinSpec spec, Reply<JoinAnswer> reply, long nowMs) {
        String leaderBefore = group.leader();
        Member member = group.replaceStatic(oldId, newId);
        JoinSpec.Timeouts oldTimeouts = member.timeouts();
        List<Protocol> oldProtocols = member.protocols();
        group.update(member, spec.timeouts(), spec.protocols());
        member.touch(nowMs);
        switch (group.state()) {
            case STABLE -> {
                if (group.selectProtocol().equals(group.protocol())) {
                    member.parkJoin(reply);
                    Runnable undo = () -> {
                        group.update(member, oldTimeouts, oldProtocols);
                        group.replaceStatic(newId, oldId);
                    };
                    rebalances.store(
                            group,
                            assignments(group),
                            new Replaced(group, member, newId, spec, leaderBefore, undo),
                            nowMs);
                } else {
                    member.parkJoin(reply);
                    rebalances.prepare(group, "static member " + newId + " follows another protocol", nowMs);
                }
            }
            case COMPLETING_REBALANCE -> {
                // The old id may be on its way to the leader, who would assign to nobody.
                member.parkJoin(reply);
                rebalances.prepare(group, "static member " + newId + " came back", nowMs);
            }
            case PREPARING_REBALANCE -> member.parkJoin(reply);
            case EMPTY, DEAD ->
                throw new IllegalStateException(
                        "group " + group.id() + " is " + group.state() + " and has the member " + oldId);
        }
    }

    private static Map<String, Bytes> assignments(Group group) {
        Map<String, Bytes> assignments = new LinkedHashMap<>();
        group.members().forEach(member -> assignments.put(member.id(), member.assignment()));
        return assignments;
    }

    /** Tells a static member that came back of the generation as it was, once its new id is stored. */
    private record Replaced(
            Group group,
            Member member,
            String memberId,
            JoinSpec spec,
            @Nullable String leaderBefore,
            Runnable undo) implements GroupLog.Listener {
        @Override
        public void onCommitted(long nowMs) {
            if (!isCurrent()) {
                return; // it has joined the rebalance that began meanwhile, or another one has taken its place
            }
            if (spec.abilities().skipsAssignment()) {
                member.answerJoin(Rebalances.joined(group, member, true));
            } else {
                // Such a client would assign if it were told that it leads, and nobody would hear of what it assigned.
                member.answerJoin(new JoinAnswer(
                        ErrorCode.NONE, member.id(), Rebalances.generation(group, leaderBefore), false, List.of()));
            }
            member.touch(nowMs);
        }

        @Override
        public void onFailed(ErrorCode error, String message, long nowMs) {
            if (isCurrent()) {
                member.answerJoin(JoinAnswer.failed(error, JoinSpec.NO_MEMBER_ID));
                undo.run();
            }
        }

        private boolean isCurrent() {
            return group.is(GroupState.STABLE) && group.member(memberId) == member && member.isJoining();
        }
    }

    // ---- members that join again

    private void joinAgain(Group group, JoinSpec spec, Reply<JoinAnswer> reply, long nowMs) {
        if (group.isPendingId(spec.memberId())) {
            add(group, spec.memberId(), spec, reply, nowMs);
            return;
        }
        ErrorCode error = Members.check(group, spec.who());
        Member member = group.member(spec.memberId());
        if (error != ErrorCode.NONE || member == null) {
            refuse(reply, error, spec.memberId());
            return;
        }
        boolean isUnchanged = member.protocols().equals(spec.protocols());
        switch (group.state()) {
            case PREPARING_REBALANCE -> update(group, member, spec, reply, nowMs);
            case COMPLETING_REBALANCE -> {
                if (isUnchanged) { // its answer got lost
                    reply.complete(Rebalances.joined(group, member, false));
                } else {
                    update(group, member, spec, reply, nowMs);
                }
            }
            case STABLE -> {
                // A leader that joins again has a reason, such as new partitions.
                if (isUnchanged && !group.isLeader(member.id())) {
                    reply.complete(Rebalances.joined(group, member, false));
                } else {
                    update(group, member, spec, reply, nowMs);
                }
            }
            case EMPTY, DEAD -> refuse(reply, ErrorCode.UNKNOWN_MEMBER_ID, spec.memberId());
        }
    }

    private void update(Group group, Member member, JoinSpec spec, Reply<JoinAnswer> reply, long nowMs) {
        group.update(member, spec.timeouts(), spec.protocols());
        member.parkJoin(reply);
        rebalances.prepare(group, "member " + member.id() + " joins again", nowMs);
    }

    private static void refuse(Reply<JoinAnswer> reply, ErrorCode error, String memberId) {
        reply.complete(JoinAnswer.failed(error, memberId));
    }
}
