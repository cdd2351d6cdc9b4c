package io.millrace.broker.group;

import io.millrace.protocol.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** A client that is or wants to be a member, as its own protocol state has it. */
final class TestMember {
    static final int SESSION_MS = 10_000;
    static final int REBALANCE_MS = 60_000;

    private final GroupFixture fixture;
    private final String instanceId;
    private List<Protocol> protocols = new ArrayList<>();

    String id = "";
    int generation = -1;
    String kind = "consumer";
    int sessionMs = SESSION_MS;
    int rebalanceMs = REBALANCE_MS;
    boolean joinsTwice = true;
    boolean skipsAssignment = true;
    Outcome<JoinAnswer> joined;
    Outcome<SyncAnswer> synced;

    TestMember(GroupFixture fixture, String instanceId, String... protocols) {
        this.fixture = fixture;
        this.instanceId = instanceId;
        follow("t", protocols);
    }

    /** Subscribes to a topic under these protocols. */
    TestMember follow(String topic, String... names) {
        protocols = new ArrayList<>();
        for (String name : names) {
            protocols.add(new Protocol(name, subscription(topic)));
        }
        return this;
    }

    static Bytes subscription(String topic) {
        byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + name.length);
        bytes.putShort((short) 0).putInt(1).putShort((short) name.length).put(name);
        return Bytes.of(bytes.array());
    }

    static Bytes bytes(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        return Bytes.of(out.toByteArray());
    }

    Membership membership() {
        return new Membership(GroupFixture.GROUP, id, instanceId, generation);
    }

    // ---- joining

    /** Sends one JoinGroup. */
    Outcome<JoinAnswer> joinOnce() {
        joined = new Outcome<>();
        JoinSpec spec = new JoinSpec(
                new Membership(GroupFixture.GROUP, id, instanceId, -1),
                new Client("client", "/127.0.0.1"),
                new JoinSpec.Timeouts(sessionMs, rebalanceMs),
                kind,
                protocols,
                new JoinSpec.Abilities(joinsTwice, skipsAssignment));
        fixture.coordinator().onJoin(spec, joined, fixture.nowMs);
        fixture.settle();
        return joined;
    }

    /** Joins, a second time if it is given an id first. */
    Outcome<JoinAnswer> join() {
        joinOnce();
        if (joined.isDone() && joined.value().error() == ErrorCode.MEMBER_ID_REQUIRED) {
            id = joined.value().memberId();
            joinOnce();
        }
        return joined;
    }

    /** Takes the answer to its join as its own. */
    void onJoined() {
        id = joined.value().memberId();
        generation = joined.value().generation().id();
    }

    ErrorCode joinError() {
        return joined.value().error();
    }

    boolean leads() {
        return joined.value().generation().leader().equals(id);
    }

    // ---- its assignment

    /** Asks for its assignment; as the leader it gives each member its own id. */
    Outcome<SyncAnswer> sync() {
        SortedMap<String, Bytes> assignments = new TreeMap<>();
        if (leads()) {
            joined.value().members().forEach(member -> assignments.put(member.memberId(), bytes(member.memberId())));
        }
        return sync("consumer", null, assignments);
    }

    Outcome<SyncAnswer> sync(String protocolType, String protocol, SortedMap<String, Bytes> assignments) {
        synced = new Outcome<>();
        fixture.coordinator()
                .onSync(new SyncSpec(membership(), protocolType, protocol, assignments), synced, fixture.nowMs);
        fixture.settle();
        return synced;
    }

    /** Whether it was given what the leader gives it. */
    boolean isAssigned() {
        return synced.value().error() == ErrorCode.NONE
                && synced.value().assignment().equals(bytes(id));
    }

    // ---- afterwards

    ErrorCode heartbeat() {
        Outcome<Void> alive = new Outcome<>();
        fixture.coordinator().onHeartbeat(membership(), alive, fixture.nowMs);
        return alive.error();
    }

    ErrorCode leave() {
        Outcome<List<ErrorCode>> left = new Outcome<>();
        fixture.coordinator()
                .onLeave(GroupFixture.GROUP, List.of(new LeavingMember(id, instanceId)), left, fixture.nowMs);
        fixture.settle();
        return left.value().get(0);
    }

    Outcome<List<ErrorCode>> commit(long offset) {
        return fixture.commit(membership(), "t", 0, offset, "");
    }
}
