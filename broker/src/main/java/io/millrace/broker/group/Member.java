package io.millrace.broker.group;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A member of a group: what it can follow, what it was given, and what it waits for. Leader-volatile. Owned by the partition's lane. */
final class Member {
    /** How long a member may wait for its first generation: nothing is heard of it meanwhile. Kafka's. */
    static final long NEW_MEMBER_TIMEOUT_MS = 5 * 60 * 1000;

    private String id;
    private final @Nullable String instanceId;
    private final Client client;
    private JoinSpec.Timeouts timeouts;
    private List<Protocol> protocols;
    private Bytes assignment = Bytes.EMPTY;

    private @Nullable Reply<JoinAnswer> join;
    private @Nullable Reply<SyncAnswer> sync;
    private boolean isNew;
    private long deadlineMs;

    Member(
            String id,
            @Nullable String instanceId,
            Client client,
            JoinSpec.Timeouts timeouts,
            List<Protocol> protocols) {
        this.id = id;
        this.instanceId = instanceId;
        this.client = client;
        this.timeouts = timeouts;
        this.protocols = protocols;
    }

    String id() {
        return id;
    }

    /** A static member that came back goes on under another id. */
    void setId(String newId) {
        id = newId;
    }

    @Nullable
    String instanceId() {
        return instanceId;
    }

    Client client() {
        return client;
    }

    JoinSpec.Timeouts timeouts() {
        return timeouts;
    }

    List<Protocol> protocols() {
        return protocols;
    }

    /** Takes what the member says of itself now. {@link Group} counts protocols, so it is the one to call this. */
    void update(JoinSpec.Timeouts newTimeouts, List<Protocol> newProtocols) {
        timeouts = newTimeouts;
        protocols = newProtocols;
    }

    boolean follows(String protocol) {
        return protocols.stream().anyMatch(p -> p.name().equals(protocol));
    }

    /** What it says under a protocol. */
    Bytes metadata(@Nullable String protocol) {
        return protocols.stream()
                .filter(p -> p.name().equals(protocol))
                .map(Protocol::metadata)
                .findFirst()
                .orElse(Bytes.EMPTY);
    }

    Bytes assignment() {
        return assignment;
    }

    void assign(Bytes newAssignment) {
        assignment = newAssignment;
    }

    // ---- what it waits for

    boolean isJoining() {
        return join != null;
    }

    boolean isSyncing() {
        return sync != null;
    }

    /** Parks its join. One that waits already is on a connection that the member has left. */
    void parkJoin(Reply<JoinAnswer> reply) {
        answerJoin(JoinAnswer.failed(ErrorCode.REBALANCE_IN_PROGRESS, id));
        join = reply;
    }

    void parkSync(Reply<SyncAnswer> reply) {
        answerSync(SyncAnswer.failed(ErrorCode.REBALANCE_IN_PROGRESS));
        sync = reply;
    }

    /** Answers the join that waits; false if there is none. */
    boolean answerJoin(JoinAnswer answer) {
        Reply<JoinAnswer> waiting = join;
        join = null;
        if (waiting != null) {
            waiting.complete(answer);
        }
        return waiting != null;
    }

    boolean answerSync(SyncAnswer answer) {
        Reply<SyncAnswer> waiting = sync;
        sync = null;
        if (waiting != null) {
            waiting.complete(answer);
        }
        return waiting != null;
    }

    // ---- whether it lives

    /** It waits for its first generation, and can not send heartbeats before. */
    void expectFirstGeneration(long nowMs) {
        isNew = true;
        deadlineMs = nowMs + NEW_MEMBER_TIMEOUT_MS;
    }

    /** It was heard of, or has its answer now: its session begins anew. */
    void touch(long nowMs) {
        isNew = false;
        deadlineMs = nowMs + timeouts.sessionMs();
    }

    /** It was heard of, but has no generation yet. */
    void onHeard(long nowMs) {
        if (!isNew) {
            touch(nowMs);
        }
    }

    /** When it is taken for dead; {@link Long#MAX_VALUE} while it waits for an answer, as then it is the broker that is silent. */
    long deadlineMs() {
        return !isNew && (join != null || sync != null) ? Long.MAX_VALUE : deadlineMs;
    }
}
