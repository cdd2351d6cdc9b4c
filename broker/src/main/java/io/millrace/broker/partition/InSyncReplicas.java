package io.millrace.broker.partition;

import io.millrace.broker.log.LeaderEpochs;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogSlice;
import io.millrace.broker.log.StorageException;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other replicas, as the leader knows them: how far each has come, who is in sync, and what is to be sent. Leader-volatile: made when
 * leading begins, dropped whole when it ends.
 *
 * <p>Whoever may be a member of the in-sync set, because a change of it is under way or its outcome unknown, is waited for like a member (Kafka's
 * maximal in-sync set): who may be elected has all that is committed. A refusal settles one such change, a later version of the set all.
 *
 * <p>Owned by the partition's lane.
 */
final class InSyncReplicas {
    private static final Logger LOG = LoggerFactory.getLogger(InSyncReplicas.class);

    /** Clocks are read in whole ms, and bytes take a moment to leave: a new leader waits so much longer than the lease before may last. */
    private static final long LEASE_MARGIN_MS = 100;
    /** After what time a change that was refused, or whose outcome is unknown, is asked for again. */
    private static final long RETRY_MS = 500;
    /** And after what time when it was refused: the candidate is about to leave, or is another by now. */
    private static final long REFUSED_MS = 2000;
    /** How long a follower may be ignorant of a new high watermark when nothing else is to be sent. */
    private static final long TELL_MS = 50;
    /** How long a settlement that nobody waits for may stay unsent: most often a message comes before, and takes it along. */
    private static final long LINGER_MS = 10;
    /** The pause of a leader whose followers have everything and say so: it is told when one falls silent or is lost. */
    static final long AT_REST = Long.MAX_VALUE;

    private final Leadership leadership;
    private final Log messages;
    private final HighWatermark messageMark;
    private final Log deliveries;
    private final HighWatermark deliveryMark;
    private final SortedMap<Integer, Replica> others = new TreeMap<>();

    private final long deliverFromMs;
    private InSync inSync;
    /** Changes that were asked for since the present version, and may have been made, by their numbers. */
    private final SortedMap<Integer, List<Integer>> proposed = new TreeMap<>();

    private int lastProposal;
    private boolean isProposing;
    private long retryMs = Long.MIN_VALUE;
    /** Where the logs ended when this began to lead: what is below was committed before, maybe, and this replica does not know it yet. */
    private long ledMessageEnd;

    private long ledDeliveryEnd;
    /** Where the logs ended when it was looked at who has everything: in the last turn in which they grew, and before they did. */
    private long notedMessageEnd = Long.MAX_VALUE;

    private long notedDeliveryEnd = Long.MAX_VALUE;

    /** One other replica. */
    private static final class Replica {
        private @Nullable ReplicaSink sink;
        private @Nullable ReplicaLease lease;
        private boolean signalled;
        /** Whether the throttle has it wait for what there is. */
        private boolean isHeldBack;

        private LogData.@Nullable Divergence messagesLeave;
        private LogData.@Nullable Divergence deliveriesLeave;
        private final ReplicaCursor messages = new ReplicaCursor();
        private final ReplicaCursor deliveries = new ReplicaCursor();
        /** Whether the last that was sent was all there was: then what comes may linger, else it is far behind. */
        private boolean hadAllDeliveries;
        /** When it had everything last. */
        private long caughtUpMs;
        /** Where the logs ended when it was heard of last, and when that was. */
        private long lastMessageEnd = Long.MAX_VALUE;

        private long lastDeliveryEnd = Long.MAX_VALUE;
        private long lastHeardMs;

        boolean isCaughtUp(long messageEnd, long deliveryEnd) {
            return messages.isOnDiskTo(messageEnd) && deliveries.isOnDiskTo(deliveryEnd);
        }

        boolean diverges() {
            return messagesLeave != null || deliveriesLeave != null;
        }
    }

    InSyncReplicas(
            Leadership leadership,
            Log messages,
            HighWatermark messageMark,
            Log deliveries,
            HighWatermark deliveryMark,
            long elapsedMs,
            long deliverFromMs) {
        this.leadership = leadership;
        this.messages = messages;
        this.messageMark = messageMark;
        this.deliveries = deliveries;
        this.deliveryMark = deliveryMark;
        this.inSync = leadership.inSync();
        this.deliverFromMs = deliverFromMs;
        for (int id : leadership.replicas()) {
            if (id != leadership.self()) {
                Replica replica = new Replica();
                replica.caughtUpMs = elapsedMs;
                others.put(id, replica);
            }
        }
    }

    /** From when on a leader that begins now may deliver: the lease of a leader before may last until then. */
    static long endOfLeases(long elapsedMs) {
        return elapsedMs + ReplicaLease.DURATION_MS + LEASE_MARGIN_MS;
    }

    /** When every lease of a leader before has ended. */
    long deliverFromMs() {
        return deliverFromMs;
    }

    InSync inSync() {
        return inSync;
    }

    int count() {
        return inSync.members().size();
    }

    /** Takes note of where the logs end as leading begins. */
    void onLed() {
        ledMessageEnd = messages.logEndOffset();
        ledDeliveryEnd = deliveries.logEndOffset();
    }

    /** Whether everything is committed that may have been under a leader before. */
    boolean knowsWhatWasCommitted() {
        return messageMark.offset() >= ledMessageEnd;
    }

    /**
     * Up to where all who may be in sync have the message log.
     *
     * @param onDisk whether on their disks, or in their logs
     */
    long replicatedMessages(boolean onDisk) {
        long least = HighWatermark.ALONE;
        for (var other : others.entrySet()) {
            if (counts(other.getKey())) {
                ReplicaCursor cursor = other.getValue().messages;
                least = Math.min(least, cursor.reached(onDisk));
            }
        }
        return least;
    }

    /** The same of the delivery log. */
    long replicatedDeliveries(boolean onDisk) {
        long least = HighWatermark.ALONE;
        for (var other : others.entrySet()) {
            if (counts(other.getKey())) {
                ReplicaCursor cursor = other.getValue().deliveries;
                least = Math.min(least, cursor.reached(onDisk));
            }
        }
        return least;
    }

    private boolean counts(int id) {
        if (inSync.members().contains(id)) {
            return true;
        }
        for (List<Integer> members : proposed.values()) {
            if (members.contains(id)) {
                return true;
            }
        }
        return false;
    }

    /** Whether every other member has answered so recently that no other can have begun to deliver. */
    boolean mayDeliver(long elapsedMs) {
        if (elapsedMs < deliverFromMs) {
            return false; // the lease of a leader before may last
        }
        for (var other : others.entrySet()) {
            ReplicaLease lease = other.getValue().lease;
            if (counts(other.getKey()) && (lease == null || !lease.isValid(elapsedMs))) {
                return false;
            }
        }
        return true;
    }

    /** Until when what is delivered now may leave the broker; {@link Long#MIN_VALUE} if nothing may be delivered. */
    long deliverableUntilMs(long elapsedMs) {
        if (!mayDeliver(elapsedMs)) {
            return Long.MIN_VALUE;
        }
        long untilMs = Long.MAX_VALUE;
        for (var other : others.entrySet()) {
            ReplicaLease lease = other.getValue().lease;
            if (lease != null && counts(other.getKey())) {
                untilMs = Math.min(untilMs, lease.validUntilMs());
            }
        }
        return untilMs;
    }

    // ---- followers

    /** A follower says where it stands. Returns false if it is none of this partition's. */
    boolean onPosition(int id, ReplicaPosition position, ReplicaSink sink, ReplicaLease lease, long elapsedMs) {
        Replica replica = others.get(id);
        if (replica == null) {
            return false;
        }
        if (position.anew()) {
            noteCaughtUp(replica);
            ReplicaSink before = replica.sink;
            if (before != null && before != sink) {
                before.replaced();
            }
            replica.sink = sink;
            replica.lease = lease;
            replica.signalled = false;
            replica.messagesLeave = divergence(messages, position.messages());
            replica.deliveriesLeave = divergence(deliveries, position.deliveries());
        } else if (replica.sink != sink) {
            return true; // of a connection that was replaced
        }
        if (replica.diverges()) {
            replica.messages.diverges();
            replica.deliveries.diverges();
            return true;
        }
        replica.messages.onPosition(position.messages(), position.anew());
        replica.deliveries.onPosition(position.deliveries(), position.anew());
        if (replica.isCaughtUp(replica.lastMessageEnd, replica.lastDeliveryEnd)) {
            replica.caughtUpMs = Math.max(replica.caughtUpMs, replica.lastHeardMs);
        }
        replica.lastMessageEnd = messages.logEndOffset();
        replica.lastDeliveryEnd = deliveries.logEndOffset();
        replica.lastHeardMs = elapsedMs;
        return true;
    }

    /** A follower's connection was lost, or it follows no more. */
    void onLost(int id, ReplicaSink sink) {
        Replica replica = others.get(id);
        if (replica != null && replica.sink == sink) {
            noteCaughtUp(replica);
            replica.sink = null;
            replica.lease = null;
        }
    }

    /** Where the log of a follower leaves this one; null if it is a beginning of it, or ends before it begins. */
    private static LogData.@Nullable Divergence divergence(Log log, LogPosition position) {
        if (position.endOffset() <= log.logStartOffset()) {
            return null;
        }
        if (position.lastEpoch() < 0) {
            return new LogData.Divergence(-1, log.logStartOffset()); // it is empty, and begins too late
        }
        LeaderEpochs epochs = log.leaderEpochs();
        LeaderEpochs.EpochEnd end = epochs.endOf(position.lastEpoch(), log.logEndOffset());
        if (end.epoch() < 0) {
            int latest = epochs.latestEpoch();
            return new LogData.Divergence(latest, latest < 0 ? log.logStartOffset() : log.logEndOffset());
        }
        return end.epoch() != position.lastEpoch() || end.endOffset() < position.endOffset()
                ? new LogData.Divergence(end.epoch(), end.endOffset())
                : null;
    }

    /** How far the others are. */
    List<ReplicaStanding> standings() {
        List<ReplicaStanding> standings = new ArrayList<>();
        for (var other : others.entrySet()) {
            Replica replica = other.getValue();
            long disk = replica.messages.disk();
            standings.add(new ReplicaStanding(
                    other.getKey(),
                    inSync.members().contains(other.getKey()),
                    disk < 0 ? -1 : Math.max(0, messages.logEndOffset() - disk),
                    bytesBehind(messages, disk) + bytesBehind(deliveries, replica.deliveries.disk())));
        }
        return standings;
    }

    private static long bytesBehind(Log log, long offset) {
        long all = log.logEndOffset() - log.logStartOffset();
        long lacking = log.logEndOffset() - Math.max(offset, log.logStartOffset());
        return all <= 0 || lacking <= 0 ? 0 : (long) ((double) log.sizeBytes() * lacking / all);
    }

    // ---- sending

    /**
     * Tells each follower's connection that there is something for it, unless the throttle holds it back.
     *
     * @param awaitedEnd up to where somebody waits for the delivery log
     * @return after what time the throttle may be asked again; 0 if it holds nobody back
     */
    long signal(long awaitedEnd, CatchUpThrottle throttle, long elapsedMs) {
        long waitMs = 0;
        for (var other : others.entrySet()) {
            Replica replica = other.getValue();
            if (replica.isHeldBack) {
                long leftMs = counts(other.getKey()) ? 0 : throttle.waitMs(elapsedMs);
                waitMs = Math.max(waitMs, leftMs);
                if (leftMs > 0) {
                    continue;
                }
                replica.isHeldBack = false;
            }
            boolean lacksMessages = replica.messages.sent() < messages.logEndOffset() && replica.messages.hasWindow();
            boolean lacksDeliveries = replica.deliveries.sent() < deliveries.logEndOffset()
                    && (!replica.hadAllDeliveries || replica.deliveries.sent() < awaitedEnd)
                    && replica.deliveries.hasWindow();
            if (replica.diverges() || lacksMessages || lacksDeliveries || replica.messages.isNew()) {
                signal(replica);
            }
        }
        return waitMs;
    }

    private static void signal(Replica replica) {
        if (replica.sink != null && !replica.signalled) {
            replica.signalled = true;
            replica.sink.ready();
        }
    }

    /** What there is for a follower now, about {@code maxBytes} of it at most; null if it is not connected by that sink. */
    @Nullable
    ReplicaData read(int id, ReplicaSink sink, int maxBytes, CatchUpThrottle throttle, long elapsedMs) {
        Replica replica = others.get(id);
        if (replica == null || replica.sink != sink) {
            return null;
        }
        replica.signalled = false;
        if (replica.diverges()) {
            ReplicaData data = new ReplicaData(
                    leadership.leaderEpoch(),
                    diverging(messages, messageMark, replica.messagesLeave),
                    diverging(deliveries, deliveryMark, replica.deliveriesLeave));
            replica.sink = null; // until it has cut its log and begins anew
            return data;
        }
        boolean isThrottled = !counts(id);
        replica.isHeldBack = isThrottled && throttle.waitMs(elapsedMs) > 0;
        int bytes = replica.isHeldBack ? 0 : maxBytes;
        LogData ofDeliveries = next(deliveries, deliveryMark, replica.deliveries, bytes);
        replica.hadAllDeliveries = replica.deliveries.sent() >= deliveries.logEndOffset();
        LogData ofMessages = next(messages, messageMark, replica.messages, bytes);
        ReplicaData data = new ReplicaData(leadership.leaderEpoch(), ofMessages, ofDeliveries);
        if (isThrottled) {
            throttle.charge(data.sizeBytes(), elapsedMs);
        }
        return data;
    }

    private static LogData diverging(Log log, HighWatermark mark, LogData.@Nullable Divergence divergence) {
        return new LogData(log.logStartOffset(), mark.offset(), log.logEndOffset(), null, divergence);
    }

    private static LogData next(Log log, HighWatermark mark, ReplicaCursor cursor, int maxBytes) {
        long from = Math.max(cursor.sent(), log.logStartOffset());
        boolean mayRead = maxBytes > 0 && from < log.logEndOffset() && cursor.hasWindow();
        LogSlice slice = mayRead ? log.read(from, maxBytes, log.logEndOffset()) : null;
        ByteBuffer batches = null;
        cursor.goesOnAt(from);
        if (slice != null) {
            try {
                batches = slice.copy();
                checkIntact(log, batches);
                cursor.onSent(slice.nextOffset(), batches.remaining());
            } finally {
                slice.release();
            }
        }
        cursor.told(mark, log);
        return new LogData(log.logStartOffset(), mark.offset(), from, batches, null);
    }

    /** What this disk has changed is given to nobody. */
    private static void checkIntact(Log log, ByteBuffer batches) {
        for (int position = 0; RecordBatch.isComplete(batches, position, batches.limit()); ) {
            RecordBatch batch = new RecordBatch(batches, position);
            if (!batch.isIntact()) {
                throw StorageException.corrupt("the batch at offset " + batch.baseOffset() + " of " + log.key()
                        + " is not as it was written: its CRC does not match");
            }
            position = batch.end();
        }
    }

    // ---- membership

    /** The metadata says who is in sync. */
    void onInSync(InSync changed) {
        if (changed.version() > inSync.version()) {
            inSync = changed;
            proposed.clear();
            isProposing = false;
        }
    }

    void logChange(PartitionId id, InSyncProposal wanted) {
        LOG.atInfo()
                .addKeyValue("partition", id)
                .addKeyValue("from", inSync.members())
                .addKeyValue("to", wanted.members())
                .log("the in-sync replicas are to change");
    }

    /**
     * A change was not made, or nobody knows.
     *
     * @param number the change, as {@link #lastProposal} gave it
     */
    void onProposalFailed(int number, ErrorCode error, long elapsedMs) {
        boolean isSettled =
                switch (error) {
                    case INELIGIBLE_REPLICA,
                            INVALID_UPDATE_VERSION,
                            FENCED_LEADER_EPOCH,
                            UNKNOWN_TOPIC_OR_PARTITION,
                            UNKNOWN_TOPIC_ID,
                            DESTINATION_DELETED -> true;
                    default -> false;
                };
        if (isSettled) {
            proposed.remove(number);
        }
        if (number == lastProposal && isProposing) {
            isProposing = false;
            retryMs = elapsedMs + (isSettled ? REFUSED_MS : RETRY_MS);
        }
    }

    /** The number of the last change that was asked for. */
    int lastProposal() {
        return lastProposal;
    }

    /**
     * Who should be in sync now, if that is not who is: without those who fall behind, with one who has caught up. Null if nothing is to be
     * changed, or a change is under way.
     */
    @Nullable
    InSyncProposal propose(long maxLagMs, long elapsedMs) {
        noteCaughtUp();
        if (isProposing || elapsedMs < retryMs) {
            return null;
        }
        List<Integer> wanted = new ArrayList<>();
        for (int id : leadership.replicas()) {
            if (id == leadership.self() || belongs(id, maxLagMs, elapsedMs)) {
                wanted.add(id);
            }
        }
        boolean isAsItIs =
                wanted.size() == inSync.members().size() && inSync.members().containsAll(wanted);
        if (isAsItIs && proposed.isEmpty()) {
            return null;
        }
        // Where a change may have been made, asking for what is wanted settles it: one of the two comes first.
        isProposing = true;
        proposed.put(++lastProposal, List.copyOf(wanted));
        return new InSyncProposal(wanted, wanted.stream().map(this::brokerEpoch).toList());
    }

    private long brokerEpoch(int id) {
        Replica replica = others.get(id);
        ReplicaSink sink = replica == null ? null : replica.sink;
        return sink == null ? InSyncProposal.UNSEEN : sink.brokerEpoch();
    }

    private boolean belongs(int id, long maxLagMs, long elapsedMs) {
        Replica replica = others.get(id);
        if (replica == null) {
            return false;
        }
        if (inSync.members().contains(id)) {
            // One that comes back without what is committed has lost its disk.
            boolean lostData = replica.sink != null
                    && !replica.diverges()
                    && (replica.messages.end() < messageMark.offset()
                            || replica.deliveries.end() < deliveryMark.offset());
            return !lostData && elapsedMs - replica.caughtUpMs <= maxLagMs;
        }
        return replica.sink != null
                && replica.isCaughtUp(
                        Math.max(messageMark.offset(), ledMessageEnd), Math.max(deliveryMark.offset(), ledDeliveryEnd))
                && replica.lease != null
                && replica.lease.isValid(elapsedMs);
    }

    /**
     * Who has all that there was before this turn was caught up when it was heard of last. Looked at in each turn in which the logs grow, as nobody
     * may have looked for hours.
     */
    private void noteCaughtUp() {
        others.values().forEach(this::noteCaughtUp);
        notedMessageEnd = messages.logEndOffset();
        notedDeliveryEnd = deliveries.logEndOffset();
    }

    private void noteCaughtUp(Replica replica) {
        ReplicaLease lease = replica.lease;
        if (lease != null && replica.isCaughtUp(notedMessageEnd, notedDeliveryEnd)) {
            replica.caughtUpMs = Math.max(replica.caughtUpMs, lease.heardOfBrokerMs());
        }
    }

    /** After what time something is to be told or asked, though nothing happens until then; or {@link #AT_REST}. */
    long pauseMs(long maxLagMs, long elapsedMs) {
        noteCaughtUp();
        boolean isWhole =
                !isProposing && inSync.members().size() == leadership.replicas().size();
        long pauseMs = Math.min(isWhole ? maxLagMs / 2 : RETRY_MS, maxLagMs);
        boolean isAtRest = isWhole && proposed.isEmpty();
        for (Replica replica : others.values()) {
            isAtRest = isAtRest && isAtRest(replica, elapsedMs);
            if (replica.sink != null && isIgnorant(replica)) {
                pauseMs = Math.min(pauseMs, TELL_MS);
            }
            if (lingers(replica)) {
                pauseMs = Math.min(pauseMs, LINGER_MS);
            }
        }
        return isAtRest ? AT_REST : pauseMs;
    }

    /** Whether it has everything, and knows it, and whoever carries its answers will say so when they stop. */
    private boolean isAtRest(Replica replica, long elapsedMs) {
        return replica.sink != null
                && replica.lease != null
                && replica.lease.isValid(elapsedMs)
                && replica.isCaughtUp(messages.logEndOffset(), deliveries.logEndOffset())
                && !isIgnorant(replica)
                && !lingers(replica);
    }

    /** Lets followers know of a high watermark, or a log's start, that moved since they were told, and of what lingers. */
    void tellWhatMoved() {
        for (Replica replica : others.values()) {
            if (isIgnorant(replica) || lingers(replica)) {
                signal(replica);
            }
        }
    }

    /** Whether there are deliveries to be sent that were not asked for yet. */
    private boolean lingers(Replica replica) {
        return replica.sink != null
                && !replica.signalled
                && !replica.isHeldBack
                && replica.deliveries.sent() < deliveries.logEndOffset()
                && replica.deliveries.hasWindow();
    }

    private boolean isIgnorant(Replica replica) {
        return replica.messages.isIgnorant(messageMark, messages)
                || replica.deliveries.isIgnorant(deliveryMark, deliveries);
    }
}
