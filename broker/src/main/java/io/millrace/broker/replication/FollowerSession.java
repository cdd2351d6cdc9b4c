package io.millrace.broker.replication;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.ReplicaData;
import io.millrace.broker.partition.ReplicaLease;
import io.millrace.broker.partition.ReplicaPosition;
import io.millrace.broker.partition.ReplicaSink;
import io.millrace.broker.session.HostedPartition;
import io.millrace.broker.session.PartitionDirectory;
import io.millrace.broker.session.PeerConnection;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ReplicaFetchRequestData;
import io.millrace.protocol.message.ReplicaFetchResponseData;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The leader's end of one follower's connection: takes its positions to the partitions, and what those have for it into one answer after the
 * other, each with a stamp. A few answers may be under way; the follower's echo of a stamp makes room, and renews the lease.
 *
 * <p>Owned by the connection's lane; partitions are called on their own.
 */
final class FollowerSession implements PeerConnection.Events {
    /** Answers that the follower has not answered yet: enough to hide a round trip and a flush. */
    private static final int MAX_UNDER_WAY = 8;
    /** The most bytes of an answer, but for one with a single part. */
    private static final int MAX_ANSWER_BYTES = 1024 * 1024;
    /** About the most bytes of one log of a partition in one answer. */
    private static final int MAX_PART_BYTES = 256 * 1024;
    /** What a partition is asked for at first, and when it had little the last time: many of those fit into one answer. */
    private static final int MIN_PART_BYTES = 16 * 1024;
    /** What surrounds the bytes of a part, about. */
    private static final int PART_OVERHEAD_BYTES = 128;
    /** An answer goes at least so often, so that a lease of a second outlives one that is late. */
    private static final long HEARTBEAT_MS = 200;

    private final int brokerId;
    private final Lane lane;
    private final PeerConnection connection;
    private final PartitionDirectory partitions;
    private final LongSupplier elapsedNs;
    /** What the clock showed at first: stamps are counted from there, since the clock may be below zero. */
    private final long originNs;
    /** When what was answered last had been sent, in elapsed ms. */
    private final AtomicLong answeredStampMs;

    private final Map<ReplicaKey, Tracked> tracked = new HashMap<>();
    private final Set<Tracked> ready = new LinkedHashSet<>();
    private final ArrayDeque<Long> underWay = new ArrayDeque<>();
    private final List<ReplicaFetchResponseData.Replica> answer = new ArrayList<>();

    private PeerConnection.@Nullable Standing standing;
    private long answerBytes;
    /** What partitions on other lanes were asked for and have not answered yet. */
    private long askedBytes;

    private long lastStamp;
    private long lastSentNs;
    private boolean pumpAsked;
    private boolean sendAsked;
    private boolean heartbeats;
    /** Whether partitions were told that the follower does not answer, or do not count on it yet. */
    private boolean isSilent = true;

    private boolean closed;

    /** One replica of the follower's, as its partition sees it. */
    private final class Tracked implements ReplicaSink {
        private final ReplicaKey key;
        private final HostedPartition hosted;
        private final ReplicaLease lease = new ReplicaLease(answeredStampMs::get);
        /** What it is asked for next. */
        private int partBytes = MIN_PART_BYTES;

        Tracked(ReplicaKey key, HostedPartition hosted) {
            this.key = key;
            this.hosted = hosted;
        }

        @Override
        public void ready() {
            onConnectionLane(() -> {
                if (tracked.get(key) == this) {
                    ready.add(this);
                    askPump();
                }
            });
        }

        @Override
        public void replaced() {
            onConnectionLane(() -> {
                if (!closed && tracked.get(key) == this) {
                    refuse(key); // it begins anew, if it is still there
                }
            });
        }

        @Override
        public long brokerEpoch() {
            return connection.brokerEpoch();
        }

        /** Calls the partition on its lane: now, if that is this one. */
        void call(Consumer<Partition> task) {
            if (hosted.lane().inLane()) {
                task.accept(hosted.partition());
            } else {
                hosted.lane().execute(() -> task.accept(hosted.partition()));
            }
        }
    }

    /**
     * @param lane the connection's
     * @param elapsedNs a clock that only goes forward
     */
    FollowerSession(PeerConnection connection, Lane lane, PartitionDirectory partitions, LongSupplier elapsedNs) {
        this.brokerId = connection.brokerId();
        this.lane = lane;
        this.connection = connection;
        this.partitions = partitions;
        this.elapsedNs = elapsedNs;
        this.originNs = elapsedNs.getAsLong();
        this.lastSentNs = originNs;
        this.answeredStampMs = new AtomicLong(TimeUnit.NANOSECONDS.toMillis(originNs) - ReplicaLease.DURATION_MS);
        connection.listen(this);
    }

    void onRequest(ReplicaFetchRequestData request, PeerConnection.Standing newStanding) {
        standing = newStanding;
        for (ReplicaFetchRequestData.ForgottenReplica forgotten : request.forgotten()) {
            Tracked one = tracked.remove(ReplicaCodec.key(forgotten.topicId(), forgotten.index()));
            if (one != null) {
                forget(one);
            }
        }
        // Behind the forgetting: the follower still follows in all that is left.
        onEcho(request.stamp());
        for (ReplicaFetchRequestData.Replica replica : request.partitions()) {
            onPosition(ReplicaCodec.key(replica.topicId(), replica.index()), ReplicaCodec.decode(replica));
        }
        if (!heartbeats) {
            heartbeats = true;
            heartbeat();
        }
        askPump();
    }

    private void forget(Tracked one) {
        one.lease.end();
        ready.remove(one);
        one.call(partition -> partition.onReplicaLost(brokerId, one));
    }

    private void onEcho(long stamp) {
        while (!underWay.isEmpty() && underWay.peek() <= stamp) {
            underWay.poll();
        }
        if (stamp >= 0 && stamp <= lastStamp) {
            answeredStampMs.accumulateAndGet(TimeUnit.NANOSECONDS.toMillis(originNs + stamp), Math::max);
            isSilent = false;
        }
    }

    private void onPosition(ReplicaKey key, ReplicaPosition position) {
        HostedPartition hosted = partitions.find(key.topicId(), key.index());
        if (hosted == null) {
            refuse(key);
            return;
        }
        Tracked known = tracked.get(key);
        if (known == null || known.hosted.partition() != hosted.partition()) {
            if (known != null) {
                forget(known);
            }
            known = new Tracked(key, hosted);
            tracked.put(key, known);
        }
        Tracked one = known;
        one.call(partition -> {
            if (!partition.onReplicaPosition(
                    brokerId, position, one, one.lease, one.hosted.lane().nowMs())) {
                onConnectionLane(() -> refuse(key));
            }
        });
    }

    private void refuse(ReplicaKey key) {
        answer.add(ReplicaCodec.refusal(key, ErrorCode.NOT_LEADER_OR_FOLLOWER));
        askSend();
    }

    private void onConnectionLane(Runnable task) {
        if (lane.inLane()) {
            task.run();
        } else {
            lane.execute(task);
        }
    }

    // ---- answers

    private void askPump() {
        if (!pumpAsked && !closed) {
            pumpAsked = true;
            lane.endOfTurn(this::pump);
        }
    }

    /** Asks partitions for what they have, as long as there is room in the answer and on the way. */
    private void pump() {
        pumpAsked = false;
        while (!closed
                && !ready.isEmpty()
                && underWay.size() < MAX_UNDER_WAY
                && answerBytes + askedBytes < MAX_ANSWER_BYTES
                && connection.isWritable()) {
            Tracked next = ready.iterator().next();
            ready.remove(next);
            int partBytes = next.partBytes;
            askedBytes += partBytes;
            next.call(partition -> {
                ReplicaData data = partition.readForReplica(brokerId, next, partBytes);
                onConnectionLane(() -> onRead(next, partBytes, data));
            });
        }
    }

    private void onRead(Tracked from, int partBytes, @Nullable ReplicaData data) {
        askedBytes -= partBytes;
        if (data != null && !closed && tracked.get(from.key) == from) {
            boolean isMuch = data.sizeBytes() >= partBytes / 2;
            from.partBytes = isMuch ? Math.min(2 * partBytes, MAX_PART_BYTES) : MIN_PART_BYTES;
            add(from.key, data);
        }
        if (!ready.isEmpty()) {
            askPump();
        }
    }

    private void add(ReplicaKey key, ReplicaData data) {
        long bytes = (long) data.sizeBytes() + PART_OVERHEAD_BYTES;
        if (!answer.isEmpty() && answerBytes + bytes > MAX_ANSWER_BYTES) {
            send(); // a part may be as large as a frame can be
        }
        answer.add(ReplicaCodec.encode(key, data));
        answerBytes += bytes;
        askSend();
    }

    private void askSend() {
        if (!sendAsked && !closed) {
            sendAsked = true;
            lane.afterTurn(this::send);
        }
    }

    private void send() {
        sendAsked = false;
        PeerConnection.Standing stands = standing;
        if (closed || stands == null) {
            return;
        }
        lastSentNs = elapsedNs.getAsLong();
        lastStamp = Math.max(lastStamp + 1, lastSentNs - originNs);
        underWay.add(lastStamp);
        stands.answer(new ReplicaFetchResponseData()
                .setStamp(lastStamp)
                .setProtocol(stands.version())
                .setPartitions(List.copyOf(answer)));
        answer.clear();
        answerBytes = 0;
        if (!ready.isEmpty()) {
            lane.execute(this::askPump);
        }
    }

    /** Sends something, if nothing was sent for a while. */
    private void heartbeat() {
        if (closed) {
            return;
        }
        long idleMs = TimeUnit.NANOSECONDS.toMillis(elapsedNs.getAsLong() - lastSentNs);
        if (idleMs >= HEARTBEAT_MS) {
            askSend();
            idleMs = 0;
        }
        tellIfSilent();
        lane.schedule(lane.nowMs() + HEARTBEAT_MS - idleMs, this::heartbeat);
    }

    /** Partitions at rest look for laggards only when they are told that somebody answers no more. */
    private void tellIfSilent() {
        long nowMs = TimeUnit.NANOSECONDS.toMillis(elapsedNs.getAsLong());
        if (!isSilent && nowMs - answeredStampMs.get() >= ReplicaLease.DURATION_MS) {
            isSilent = true;
            for (Tracked one : List.copyOf(tracked.values())) {
                one.call(partition -> partition.onTick(one.hosted.lane().nowMs()));
            }
        }
    }

    @Override
    public void onWritable(long nowMs) {
        askPump();
    }

    @Override
    public void onClosed(long nowMs) {
        closed = true;
        List.copyOf(tracked.values()).forEach(this::forget);
        tracked.clear();
        ready.clear();
        answer.clear();
    }
}
