package io.millrace.broker.replication;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.partition.ReplicaData;
import io.millrace.broker.partition.ReplicaPosition;
import io.millrace.broker.peer.Peer;
import io.millrace.broker.peer.PeerEnd;
import io.millrace.broker.peer.PeerLink;
import io.millrace.broker.peer.PeerLinkListener;
import io.millrace.broker.peer.Peers;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ReplicaFetchRequestData;
import io.millrace.protocol.message.ReplicaFetchResponseData;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The follower's end of the way from one leading broker: one connection for all partitions that it leads and this broker follows. It is there
 * before the first of them, so that a new leader is followed at once. What replicas say goes out once a turn; each answer's stamp goes back
 * with it, so the leader knows that it is still followed.
 *
 * <p>{@link #follow}, {@link #forget}, {@link #onPosition} and {@link #onPeer} are for any thread and keep the order of one caller; the rest is
 * owned by the fetcher's lane.
 */
public final class ReplicaFetcher implements PeerLinkListener {
    /** After what time a lost connection is made again, and a leader that does not lead yet is asked again the first time. */
    private static final long RETRY_MS = 50;
    /** The pauses before a leader is asked again double up to this; and the pause before a connection is made again that nobody needs yet. */
    private static final long MAX_RETRY_MS = 2000;
    /** How long an answer with records waits to be echoed with the position to which it leads: for a flush, most often. */
    private static final long ECHO_MS = 5;

    private final Lane lane;
    private final Peers peers;
    private final Map<ReplicaKey, Follower> followers = new LinkedHashMap<>();
    private final Map<ReplicaKey, ReplicaPosition> positions = new LinkedHashMap<>();
    private final Set<ReplicaKey> forgotten = new LinkedHashSet<>();
    private final Map<ReplicaKey, Refused> refused = new HashMap<>();

    private @Nullable Peer peer;
    private @Nullable PeerLink link;
    private boolean isReady;
    private boolean sendAsked;
    private boolean echoDue;
    private boolean echoAsked;
    private boolean closed;
    private long stamp = -1;

    /** A replica to which the leader said that it does not lead it. */
    private static final class Refused {
        private long pauseMs = RETRY_MS;
        private boolean isWaiting;
    }

    /** A fetcher that knows no address yet. */
    public ReplicaFetcher(Lane lane, Peers peers) {
        this.lane = lane;
        this.peers = peers;
    }

    /** The broker lives, and is there; or lives no more. */
    public void onPeer(@Nullable Peer living) {
        lane.execute(() -> {
            if (living == null ? peer != null : !living.equals(peer)) {
                peer = living;
                disconnect();
                connect();
            }
        });
    }

    /** This broker has another epoch now, which the leader is to hear. */
    void reconnect() {
        lane.execute(() -> {
            disconnect();
            connect();
        });
    }

    /** A replica follows that broker from now on. */
    public void follow(ReplicaKey key, Follower follower) {
        lane.execute(() -> {
            followers.put(key, follower);
            forgotten.remove(key);
            refused.remove(key);
            connect();
            if (isReady) {
                beginAnew(follower);
            }
        });
    }

    /**
     * A replica follows that broker no more.
     *
     * @param then run, on the fetcher's lane, when no later answer of the leader will be answered for that replica
     */
    public void forget(ReplicaKey key, Runnable then) {
        lane.execute(() -> {
            if (followers.remove(key) != null) {
                positions.remove(key);
                refused.remove(key);
                forgotten.add(key);
                askSend();
            }
            then.run();
        });
    }

    /** A replica stands elsewhere. */
    public void onPosition(ReplicaKey key, ReplicaPosition position) {
        if (lane.inLane()) {
            note(key, position);
        } else {
            lane.execute(() -> note(key, position));
        }
    }

    private void note(ReplicaKey key, ReplicaPosition position) {
        if (!followers.containsKey(key)) {
            return;
        }
        if (!isReady) {
            return; // it begins anew when there is a connection
        }
        ReplicaPosition unsent = positions.get(key);
        boolean anew =
                position.anew() || (unsent != null && unsent.anew() && unsent.leaderEpoch() == position.leaderEpoch());
        positions.put(
                key,
                anew == position.anew()
                        ? position
                        : new ReplicaPosition(
                                position.leaderEpoch(), true, position.messages(), position.deliveries()));
        askSend();
    }

    /** Ends the connection for good. */
    public void close() {
        lane.execute(() -> {
            closed = true;
            disconnect();
        });
    }

    // ---- the connection

    private void connect() {
        Peer to = peer;
        if (link == null && to != null && !closed) {
            link = peers.open(to, lane, this);
        }
    }

    private void disconnect() {
        PeerLink last = link;
        link = null;
        isReady = false;
        loseTrack();
        if (last != null) {
            last.close();
        }
    }

    @Override
    public void onReady(PeerLink opened, long nowMs) {
        if (opened != link) {
            return;
        }
        isReady = true;
        stamp = -1;
        loseTrack();
        List.copyOf(followers.values()).forEach(ReplicaFetcher::beginAnew);
        askSend();
    }

    private static void beginAnew(Follower follower) {
        if (follower.lane().inLane()) {
            follower.beginAnew();
        } else {
            follower.lane().execute(follower::beginAnew);
        }
    }

    @Override
    public void onClosed(PeerLink opened, PeerEnd end, long nowMs) {
        if (opened != link) {
            return;
        }
        link = null;
        isReady = false;
        loseTrack();
        lane.schedule(nowMs + (followers.isEmpty() ? MAX_RETRY_MS : RETRY_MS), this::connect);
    }

    /** Forgets what was to be told on a connection, and what was heard on it. */
    private void loseTrack() {
        positions.clear();
        forgotten.clear();
        refused.clear();
    }

    @Override
    public void onWritable(PeerLink opened, long nowMs) {
        askSend();
    }

    // ---- requests and answers

    private void askSend() {
        if (!sendAsked) {
            sendAsked = true;
            lane.afterTurn(this::send);
        }
    }

    private void send() {
        sendAsked = false;
        PeerLink to = link;
        boolean hasHeard = stamp >= 0 || followers.isEmpty();
        if (to == null || !isReady || (positions.isEmpty() && forgotten.isEmpty() && !echoDue && hasHeard)) {
            return;
        }
        short version = to.protocolVersion();
        ReplicaFetchRequestData request =
                new ReplicaFetchRequestData().setStamp(stamp).setProtocol(version);
        positions.forEach((key, position) -> request.partitions().add(ReplicaCodec.encode(key, position)));
        for (ReplicaKey key : forgotten) {
            request.forgotten()
                    .add(new ReplicaFetchRequestData.ForgottenReplica()
                            .setTopicId(ReplicaCodec.topicId(key))
                            .setIndex(key.index()));
        }
        positions.clear();
        forgotten.clear();
        echoDue = false;
        to.stand(
                request,
                version,
                ReplicaFetchResponseData::new,
                (answer, records, nowMs) -> onAnswer(to, (ReplicaFetchResponseData) answer, nowMs));
    }

    private void onAnswer(PeerLink from, ReplicaFetchResponseData answer, long nowMs) {
        if (from != link) {
            return;
        }
        if (answer.errorCode() != ErrorCode.NONE.code() || answer.protocol() != from.protocolVersion()) {
            from.close();
            return;
        }
        stamp = answer.stamp();
        echoDue = true;
        boolean leadsOn = false;
        for (ReplicaFetchResponseData.Replica replica : answer.partitions()) {
            ReplicaKey key = ReplicaCodec.key(replica.topicId(), replica.index());
            Follower follower = followers.get(key);
            if (follower == null) {
                continue;
            }
            if (replica.errorCode() != ErrorCode.NONE.code()) {
                askAgain(key, follower, nowMs);
            } else {
                onTaken(key);
                leadsOn |= replica.messages().batches() != null
                        || replica.deliveries().batches() != null;
                give(follower, ReplicaCodec.decode(replica));
            }
        }
        if (!leadsOn) {
            askSend();
        } else if (!echoAsked) {
            echoAsked = true;
            lane.schedule(nowMs + ECHO_MS, this::echo);
        }
    }

    /** Echoes a stamp that no position took along; the timer may be one of an answer before. */
    private void echo() {
        echoAsked = false;
        if (echoDue) {
            askSend();
        }
    }

    /** Asks again after a pause, once, however often it is refused until then. */
    private void askAgain(ReplicaKey key, Follower follower, long nowMs) {
        Refused one = refused.computeIfAbsent(key, unknown -> new Refused());
        if (one.isWaiting) {
            return;
        }
        one.isWaiting = true;
        lane.schedule(nowMs + one.pauseMs, () -> {
            one.isWaiting = false;
            if (isReady && refused.get(key) == one) {
                beginAnew(follower);
            }
        });
        one.pauseMs = Math.min(2 * one.pauseMs, MAX_RETRY_MS);
    }

    /** The leader leads it: what it refuses later is asked for soon again. A pause goes on: this may be older than the refusal. */
    private void onTaken(ReplicaKey key) {
        Refused one = refused.get(key);
        if (one != null && !one.isWaiting) {
            refused.remove(key);
        }
    }

    private static void give(Follower follower, ReplicaData data) {
        if (follower.lane().inLane()) {
            follower.onData(data);
        } else {
            follower.lane().execute(() -> follower.onData(data));
        }
    }
}
