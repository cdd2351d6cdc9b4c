package io.millrace.broker.group;

import io.millrace.protocol.ErrorCode;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;

/**
 * A coordinator on a log in memory, whose records are committed when the test says so, under virtual time. A restart reads the log back through
 * its stored form.
 */
final class GroupFixture implements GroupLog {
    static final String GROUP = "g";
    static final long RETENTION_MS = 3_600_000;
    static final int MAX_SIZE = 4;
    static final int INITIAL_DELAY_MS = 3000;

    long nowMs = 1_000_000;
    /** Whether records are committed as soon as the call that appended them is over. */
    boolean commits = true;

    private record Stored(byte[] key, byte[] value) {}

    private record Pending(List<GroupRecord> records, Listener listener) {}

    private final List<Stored> log = new ArrayList<>();
    private final Deque<Pending> pending = new ArrayDeque<>();
    private final GroupConfig config =
            new GroupConfig(1000, 600_000, MAX_SIZE, INITIAL_DELAY_MS, 16, RETENTION_MS, 60_000, Long.MAX_VALUE);
    private long nextId;
    private GroupStore store = new GroupStore();
    private GroupCoordinator coordinator;

    GroupFixture() {
        coordinator = newCoordinator();
    }

    private GroupCoordinator newCoordinator() {
        return new GroupCoordinator(store, this, config, () -> new UUID(0, ++nextId), nowMs);
    }

    GroupCoordinator coordinator() {
        return coordinator;
    }

    /** The coordinator ends and another one takes over what was committed. */
    void restart() {
        coordinator.clear(nowMs);
        failPending(ErrorCode.NOT_COORDINATOR);
        store = new GroupStore();
        for (Stored stored : log) {
            store.apply(GroupRecordCodec.read(
                    ByteBuffer.wrap(stored.key()), stored.value() == null ? null : ByteBuffer.wrap(stored.value())));
        }
        coordinator = newCoordinator();
    }

    @Override
    public void append(List<GroupRecord> records, Listener listener, long appendMs) {
        pending.add(new Pending(List.copyOf(records), listener));
    }

    /** Everything that was appended is committed, and what is appended because of that. */
    void commit() {
        for (Pending next = pending.poll(); next != null; next = pending.poll()) {
            for (GroupRecord record : next.records()) {
                log.add(new Stored(GroupRecordCodec.key(record), GroupRecordCodec.value(record)));
                store.apply(record);
            }
            next.listener().onCommitted(nowMs);
        }
    }

    void failPending(ErrorCode error) {
        for (Pending next = pending.poll(); next != null; next = pending.poll()) {
            next.listener().onFailed(error, "a test wants it", nowMs);
        }
    }

    int recordCount() {
        return log.size();
    }

    /** The end of a call. */
    void settle() {
        if (commits) {
            commit();
        }
    }

    void advance(long ms) {
        long untilMs = nowMs + ms;
        while (coordinator.nextDeadlineMs() <= untilMs) {
            nowMs = Math.max(nowMs, coordinator.nextDeadlineMs());
            coordinator.onTick(nowMs);
            settle();
        }
        nowMs = untilMs;
    }

    // ---- members

    TestMember member() {
        return new TestMember(this, null, "range");
    }

    TestMember member(String... protocols) {
        return new TestMember(this, null, protocols);
    }

    TestMember staticMember(String instanceId) {
        return new TestMember(this, instanceId, "range");
    }

    /** That many members of one generation, each with its assignment; the first one leads. */
    List<TestMember> stable(int count) {
        List<TestMember> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            members.add(member());
        }
        stabilize(members);
        return members;
    }

    void stabilize(List<TestMember> members) {
        members.forEach(TestMember::join);
        while (members.stream().anyMatch(member -> !member.joined.isDone())) {
            advance(INITIAL_DELAY_MS);
        }
        members.forEach(TestMember::onJoined);
        members.forEach(TestMember::sync);
    }

    GroupDescription describe() {
        return coordinator.onDescribeGroup(GROUP);
    }

    GroupState state() {
        GroupDescription description = describe();
        return description == null ? GroupState.DEAD : description.state();
    }

    // ---- offsets

    Outcome<List<ErrorCode>> commitSimply(String topic, int partition, long offset) {
        return commit(new Membership(GROUP, "", null, -1), topic, partition, offset, "");
    }

    Outcome<List<ErrorCode>> commit(Membership who, String topic, int partition, long offset, String metadata) {
        return commit(who, topic, partition, new CommittedOffset(offset, 3, metadata, nowMs, -1, new UUID(5, 5)));
    }

    Outcome<List<ErrorCode>> commit(Membership who, String topic, int partition, CommittedOffset offset) {
        Outcome<List<ErrorCode>> outcome = new Outcome<>();
        coordinator.onCommitOffsets(
                who, List.of(new OffsetCommit(new TopicIndex(topic, partition), offset)), outcome, nowMs);
        settle();
        return outcome;
    }

    /** What is committed, or -1. */
    long committed(String topic, int partition) {
        TopicIndex wanted = new TopicIndex(topic, partition);
        CommittedOffset found =
                coordinator.onFetchOffsets(GROUP, List.of(wanted)).get(wanted);
        return found == null ? -1 : found.offset();
    }

    Outcome<Void> delete() {
        Outcome<Void> outcome = new Outcome<>();
        coordinator.onDeleteGroup(GROUP, outcome, nowMs);
        settle();
        return outcome;
    }

    Outcome<List<ErrorCode>> deleteOffset(String topic, int partition) {
        Outcome<List<ErrorCode>> outcome = new Outcome<>();
        coordinator.onDeleteOffsets(GROUP, List.of(new TopicIndex(topic, partition)), outcome, nowMs);
        settle();
        return outcome;
    }
}
