package io.millrace.broker.group;

import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A group at its coordinator: members, generation, {@link GroupState}. Leader-volatile: what survives is in {@link GroupStore}.
 *
 * <ul>
 *   <li>A group without members is empty, being rebalanced, or dead.
 *   <li>Every member follows the kind of group, and there is a protocol that all of them follow.
 *   <li>If there are members, one of them is the leader.
 * </ul>
 *
 * <p>Owned by the partition's lane.
 */
final class Group {
    private final String id;
    private final Map<String, Member> members = new LinkedHashMap<>();
    private final Map<String, String> memberIdByInstance = new HashMap<>();
    /** Ids that were given and not used to join yet, with the time until which they hold. */
    private final Map<String, Long> pendingIds = new LinkedHashMap<>();
    /** Members of the generation that have not asked for their assignment. */
    private final Set<String> unsynced = new LinkedHashSet<>();
    /** How many members follow each protocol. */
    private final Map<String, Integer> followers = new HashMap<>();

    private final JoinPhase joinPhase = new JoinPhase();
    private GroupState state = GroupState.EMPTY;
    private long stateSinceMs;
    private int generation;
    private @Nullable String protocolType;
    private @Nullable String protocol;
    private @Nullable String leader;
    private long syncDeadlineMs = Long.MAX_VALUE;
    private int commitsUnderWay;

    Group(String id, long nowMs) {
        this.id = id;
        this.stateSinceMs = nowMs;
    }

    /** The group as its last committed generation left it: its members have until the end of a session to be heard of. */
    static Group restored(String id, @Nullable StoredGroup stored, long nowMs) {
        Group group = new Group(id, nowMs);
        if (stored == null) {
            return group;
        }
        group.protocolType = stored.protocolType().isEmpty() ? null : stored.protocolType();
        group.generation = stored.generation();
        group.stateSinceMs = stored.stateSinceMs();
        for (StoredMember from : stored.members()) {
            List<Protocol> protocols =
                    List.of(new Protocol(Objects.requireNonNullElse(stored.protocol(), ""), from.subscription()));
            JoinSpec.Timeouts timeouts = new JoinSpec.Timeouts(from.sessionTimeoutMs(), from.rebalanceTimeoutMs());
            Member member = new Member(from.memberId(), from.instanceId(), from.client(), timeouts, protocols);
            member.assign(from.assignment());
            member.touch(nowMs);
            group.put(member);
        }
        if (!group.members.isEmpty()) {
            group.protocol = stored.protocol();
            group.leader = group.has(stored.leader()) ? stored.leader() : group.leader;
            group.state = GroupState.STABLE;
        }
        return group;
    }

    /** As it is to be stored, with these assignments for its members. */
    StoredGroup toStore(Map<String, Bytes> assignments, long nowMs) {
        List<StoredMember> stored = new ArrayList<>();
        for (Member member : members.values()) {
            stored.add(new StoredMember(
                    member.id(),
                    member.instanceId(),
                    member.client(),
                    member.timeouts().rebalanceMs(),
                    member.timeouts().sessionMs(),
                    member.metadata(protocol),
                    assignments.getOrDefault(member.id(), Bytes.EMPTY)));
        }
        return new StoredGroup(
                Objects.requireNonNullElse(protocolType, ""), generation, protocol, leader, nowMs, stored);
    }

    String id() {
        return id;
    }

    // ---- the state

    GroupState state() {
        return state;
    }

    boolean is(GroupState wanted) {
        return state == wanted;
    }

    long stateSinceMs() {
        return stateSinceMs;
    }

    void become(GroupState next, long nowMs) {
        state = next;
        stateSinceMs = nowMs;
    }

    int generation() {
        return generation;
    }

    @Nullable
    String protocolType() {
        return protocolType;
    }

    @Nullable
    String protocol() {
        return protocol;
    }

    @Nullable
    String leader() {
        return leader;
    }

    boolean isLeader(String memberId) {
        return memberId.equals(leader);
    }

    JoinPhase joinPhase() {
        return joinPhase;
    }

    /** Begins the next generation with those who are members now. */
    void beginGeneration(long nowMs) {
        generation++;
        protocol = members.isEmpty() ? null : selectProtocol();
        unsynced.clear();
        become(members.isEmpty() ? GroupState.EMPTY : GroupState.COMPLETING_REBALANCE, nowMs);
    }

    /** The leader, if it joins, or else the first member that does takes its place; false if none does. */
    boolean electJoinedLeader() {
        Member present = leader == null ? null : members.get(leader);
        if (present == null || !present.isJoining()) {
            Member joined = members.values().stream()
                    .filter(Member::isJoining)
                    .findFirst()
                    .orElse(null);
            if (joined == null) {
                return false;
            }
            leader = joined.id();
        }
        return true;
    }

    // ---- members

    boolean has(@Nullable String memberId) {
        return memberId != null && members.containsKey(memberId);
    }

    @Nullable
    Member member(String memberId) {
        return members.get(memberId);
    }

    /** All members, in the order in which they came. */
    Collection<Member> members() {
        return members.values();
    }

    int size() {
        return members.size();
    }

    @Nullable
    String memberIdOf(@Nullable String instanceId) {
        return instanceId == null ? null : memberIdByInstance.get(instanceId);
    }

    /** Adds a member; the first one decides what kind of group it is. */
    void add(Member member, String kind) {
        if (members.isEmpty()) {
            protocolType = kind;
        }
        pendingIds.remove(member.id());
        put(member);
    }

    private void put(Member member) {
        members.put(member.id(), member);
        if (member.instanceId() != null) {
            memberIdByInstance.put(member.instanceId(), member.id());
        }
        if (leader == null) {
            leader = member.id();
        }
        count(member, 1);
    }

    void remove(String memberId) {
        pendingIds.remove(memberId);
        Member removed = members.remove(memberId);
        if (removed == null) {
            return;
        }
        count(removed, -1);
        unsynced.remove(memberId);
        if (removed.instanceId() != null) {
            memberIdByInstance.remove(removed.instanceId(), memberId);
        }
        if (memberId.equals(leader)) {
            Iterator<String> others = members.keySet().iterator();
            leader = others.hasNext() ? others.next() : null;
        }
    }

    /** Takes what a member says of itself now. */
    void update(Member member, JoinSpec.Timeouts timeouts, List<Protocol> protocols) {
        count(member, -1);
        member.update(timeouts, protocols);
        count(member, 1);
    }

    /** Gives a static member a new id; whoever waits under the old one is fenced. */
    Member replaceStatic(String oldId, String newId) {
        Member member = members.remove(oldId);
        if (member == null || member.instanceId() == null) {
            throw new IllegalStateException("group " + id + " has no static member " + oldId);
        }
        member.answerJoin(JoinAnswer.failed(ErrorCode.FENCED_INSTANCE_ID, oldId));
        member.answerSync(SyncAnswer.failed(ErrorCode.FENCED_INSTANCE_ID));
        member.setId(newId);
        members.put(newId, member);
        memberIdByInstance.put(member.instanceId(), newId);
        if (oldId.equals(leader)) {
            leader = newId;
        }
        if (unsynced.remove(oldId)) {
            unsynced.add(newId);
        }
        return member;
    }

    private void count(Member member, int by) {
        for (Protocol followed : member.protocols()) {
            followers.merge(followed.name(), by, Integer::sum);
        }
    }

    int joiningCount() {
        return (int) members.values().stream().filter(Member::isJoining).count();
    }

    /** Whether everybody who is expected has joined again. */
    boolean haveAllJoined() {
        return pendingIds.isEmpty() && members.values().stream().allMatch(Member::isJoining);
    }

    /** The longest time that a member asks a rebalance to wait for it. */
    int rebalanceTimeoutMs() {
        return members.values().stream()
                .mapToInt(member -> member.timeouts().rebalanceMs())
                .max()
                .orElse(0);
    }

    /** Every member that the leader assigns to. */
    List<JoinAnswer.Joined> joined() {
        return members.values().stream()
                .map(member -> new JoinAnswer.Joined(member.id(), member.instanceId(), member.metadata(protocol)))
                .toList();
    }

    // ---- protocols

    /** Whether a member of that kind finds a protocol here that all others follow. */
    boolean takes(String kind, List<Protocol> protocols) {
        if (members.isEmpty()) {
            return !kind.isEmpty() && !protocols.isEmpty();
        }
        return kind.equals(protocolType) && protocols.stream().anyMatch(p -> isFollowedByAll(p.name()));
    }

    private boolean isFollowedByAll(String name) {
        return followers.getOrDefault(name, 0) == members.size();
    }

    /** The protocol that most members prefer of those that all follow; of several, the one that was named first. */
    String selectProtocol() {
        Map<String, Integer> votes = new LinkedHashMap<>();
        for (Member member : members.values()) {
            member.protocols().stream()
                    .map(Protocol::name)
                    .filter(this::isFollowedByAll)
                    .findFirst()
                    .ifPresent(favourite -> votes.merge(favourite, 1, Integer::sum));
        }
        String selected = null;
        for (Map.Entry<String, Integer> vote : votes.entrySet()) {
            if (selected == null || vote.getValue() > votes.getOrDefault(selected, 0)) {
                selected = vote.getKey();
            }
        }
        if (selected == null) {
            throw new IllegalStateException("the members of group " + id + " share no protocol");
        }
        return selected;
    }

    // ---- ids that were given and not used yet

    void addPendingId(String memberId, long untilMs) {
        pendingIds.put(memberId, untilMs);
    }

    boolean isPendingId(String memberId) {
        return pendingIds.containsKey(memberId);
    }

    int pendingIdCount() {
        return pendingIds.size();
    }

    /** Forgets ids whose time is up; whether there were any. */
    boolean removeOverdueIds(long nowMs) {
        return pendingIds.values().removeIf(untilMs -> untilMs <= nowMs);
    }

    // ---- assignments

    Set<String> unsynced() {
        return unsynced;
    }

    /** Every member is to ask for its assignment until then. */
    void expectSync(long untilMs) {
        unsynced.addAll(members.keySet());
        syncDeadlineMs = untilMs;
    }

    void onSynced(String memberId) {
        unsynced.remove(memberId);
        if (unsynced.isEmpty()) {
            syncDeadlineMs = Long.MAX_VALUE;
        }
    }

    void endSync() {
        unsynced.clear();
        syncDeadlineMs = Long.MAX_VALUE;
    }

    long syncDeadlineMs() {
        return syncDeadlineMs;
    }

    /** Takes notice that a commit of offsets is on its way to the log: the group is not given up meanwhile. */
    void onCommitBegun() {
        commitsUnderWay++;
    }

    void onCommitEnded() {
        commitsUnderWay--;
    }

    /** Whether nothing but its offsets would be missed. */
    boolean isIdle() {
        return state == GroupState.EMPTY && pendingIds.isEmpty() && commitsUnderWay == 0;
    }

    /** When something is due; {@link Long#MAX_VALUE} if nothing is. */
    long nextDeadlineMs() {
        long next = syncDeadlineMs;
        if (state == GroupState.PREPARING_REBALANCE) {
            next = Math.min(next, joinPhase.deadlineMs());
        }
        for (long untilMs : pendingIds.values()) {
            next = Math.min(next, untilMs);
        }
        for (Member member : members.values()) {
            next = Math.min(next, member.deadlineMs());
        }
        return next;
    }
}
