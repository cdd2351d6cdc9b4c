package io.millrace.broker.partition;

import io.millrace.broker.delivery.AttachResult;
import io.millrace.broker.delivery.AttachSpec;
import io.millrace.broker.delivery.ConnectionInfo;
import io.millrace.broker.delivery.DeliveryException;
import io.millrace.broker.delivery.DeliverySink;
import io.millrace.broker.delivery.DeliveryState;
import io.millrace.broker.delivery.Settlement;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.broker.journal.JournalListener;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.log.PartitionStorage;
import io.millrace.broker.log.StorageException;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica of a partition, as sessions see it: the message log and the delivery log under one leader, and what JMS consumers and
 * Kafka clients do with them. Every method is called on the partition's lane; {@code nowMs} is the lane's wall clock. What takes a
 * {@link Reply} answers exactly once, at once or when what it waits for is committed.
 *
 * <pre>
 *   FOLLOWING --onLeader--> LEADING --close, delete--> ENDED
 *       |    <--onFollow---    |
 *       +------ a fault -------+------> STOPPED --close, delete--> ENDED
 * </pre>
 *
 * While it leads but has not committed its epoch yet, what consumers ask is kept and done then, in order.
 *
 * <p>A partition stops when its storage or the journal fails, or when it finds its own state impossible: parked replies fail with {@code
 * KAFKA_STORAGE_ERROR}, consumers are ended, and everything that follows is refused the same way. A full disk alone does not stop it:
 * sends are refused, settlements wait for room.
 *
 * <p>Owned by the partition's lane.
 */
public final class Partition implements JournalListener {
    private static final Logger LOG = LoggerFactory.getLogger(Partition.class);

    private enum Status {
        FOLLOWING,
        LEADING,
        STOPPED,
        ENDED
    }

    private final PartitionId id;
    private final PartitionShell shell;
    private final PartitionCore core;
    private final FullDiskNotice fullDisk;
    /** What consumers asked before the leader's epoch was committed. */
    private final List<Runnable> kept = new ArrayList<>();

    private Status status = Status.FOLLOWING;
    private boolean isLeadingTold;
    private ErrorCode refusal = ErrorCode.NOT_LEADER_OR_FOLLOWER;
    private String refusalMessage = "this broker does not lead the partition";

    private Partition(
            PartitionId id,
            PartitionStorage storage,
            LaneJournal journal,
            PartitionConfig config,
            PartitionShell shell,
            long nowMs) {
        this.id = id;
        this.shell = shell;
        this.fullDisk = new FullDiskNotice(id);
        this.core = new PartitionCore(id, storage, journal, this, config, shell, nowMs);
    }

    /**
     * Opens a partition on its storage. The logs must have been recovered, and be on disk. It serves nobody before {@link #onLeader}.
     *
     * @param journal the lane's; it calls the partition back by itself
     * @throws StorageException if the logs can not be read
     */
    public static Partition open(
            PartitionId id,
            PartitionStorage storage,
            LaneJournal journal,
            PartitionConfig config,
            PartitionShell shell,
            long nowMs) {
        return new Partition(id, storage, journal, config, shell, nowMs);
    }

    public PartitionId id() {
        return id;
    }

    /** The first offset not committed. */
    public long highWatermark() {
        return core.highWatermark();
    }

    /** The fold over both logs, as far as they are committed. */
    DeliveryState state() {
        return core.state();
    }

    // ---- appends and reads

    /**
     * Validates, stamps and appends record batches. A durable append is answered when it is committed, another at once; the answers of
     * one producer come in the order of its appends. A batch that was appended before is answered when the first one is committed.
     */
    public void onAppend(Append append, Reply<AppendResult> reply, long nowMs) {
        if (isRefused(reply)) {
            append.records().release();
            return;
        }
        try {
            core.append(append, reply, nowMs);
            fullDisk.onRoom();
        } catch (StorageException e) {
            if (e.isDiskFull()) {
                fullDisk.onNoRoom(e);
                boolean isSend = append.source() == Append.Source.SEND;
                reply.fail(isSend ? ErrorCode.DISK_FULL : ErrorCode.KAFKA_STORAGE_ERROR, messageOf(e));
            } else {
                reply.fail(ErrorCode.KAFKA_STORAGE_ERROR, messageOf(e));
                stop(e);
            }
        } catch (RuntimeException e) {
            reply.fail(ErrorCode.UNKNOWN_SERVER_ERROR, "the partition stopped: " + messageOf(e));
            stop(e);
        }
    }

    /** Another is about to lead; see {@link Appends#handOver}. */
    public void onHandOver(Reply<@Nullable Void> reply) {
        serve(reply, () -> core.appends.handOver(reply));
    }

    /** Reads committed batches for a Kafka consumer, at once, whatever there is. */
    public FetchResult onFetch(FetchSpec spec, long nowMs) {
        return whileLeading(
                () -> core.reads().fetch(spec, core.leaderEpoch()), () -> new FetchResult(refusal, -1, -1, -1, null));
    }

    /**
     * Calls {@code wake} once: when at least {@code minBytes} are committed from {@code offset} on, when {@code deadlineMs} has passed,
     * or when the partition stops, closes or loses its leadership. The caller then fetches again. Never called before this returns.
     */
    public ParkedFetch park(long offset, int minBytes, long deadlineMs, Runnable wake) {
        return core.park(offset, minBytes, status == Status.LEADING ? deadlineMs : 0, wake);
    }

    /**
     * Answers ListOffsets: -1 the high watermark, -2 the first offset kept, -3 the record with the largest timestamp, -4 as -2, -5
     * none; from 0 on the first record whose timestamp is at least that.
     *
     * @param currentLeaderEpoch the epoch in which the client believes this leader to be, or -1
     */
    public OffsetResult onListOffset(long timestamp, int currentLeaderEpoch) {
        return whileLeading(
                () -> core.knowsWhatWasCommitted() // KIP-207: the end must not seem to go back
                        ? core.reads().listOffset(timestamp, currentLeaderEpoch, core.leaderEpoch())
                        : new OffsetResult(ErrorCode.LEADER_NOT_AVAILABLE, -1, -1, -1),
                () -> new OffsetResult(refusal, -1, -1, -1));
    }

    /** Answers OffsetForLeaderEpoch. */
    public EpochEndOffset onOffsetForLeaderEpoch(int currentLeaderEpoch, int leaderEpoch) {
        if (status != Status.LEADING) {
            return new EpochEndOffset(refusal, -1, -1);
        }
        return core.reads().endOfEpoch(currentLeaderEpoch, leaderEpoch, core.leaderEpoch());
    }

    /** Gives up the committed messages below an offset, but none that a stored subscription has yet to settle. */
    public void onDeleteBefore(long offset) {
        guarded(() -> core.deleteBefore(offset));
    }

    // ---- consumers

    /**
     * Attaches a consumer, or welcomes it back: held deliveries are its own again, and its unconfirmed settlements are taken. Answers
     * when the settlements are committed. Deliveries to {@code sink} come after the answer.
     */
    public void onAttach(AttachSpec spec, DeliverySink sink, Reply<AttachResult> reply, long nowMs) {
        serve(reply, () -> core.attach(spec, sink, reply, nowMs));
    }

    /**
     * Ends a consumer: takes its last settlements, releases what it still holds, and answers when that, and all that was settled before,
     * is committed. Success if there is no such consumer.
     */
    public void onDetach(
            UUID connectionId, int consumerId, List<Settlement> settlements, Reply<@Nullable Void> reply, long nowMs) {
        serve(reply, () -> core.detach(connectionId, consumerId, settlements, reply));
    }

    /**
     * Raises the credit of a consumer; a limit that is not above the present one, or an unknown consumer, is passed over.
     *
     * @param drain whether to call {@link DeliverySink#drained} once all that is committed now and is the consumer's to have, within
     *     its credit, was delivered
     */
    public void onCredit(
            UUID connectionId, int consumerId, long deliveryLimit, long byteLimit, boolean drain, long nowMs) {
        serve(null, () -> core.credit(connectionId, consumerId, deliveryLimit, byteLimit, drain));
    }

    /**
     * Takes settlements of one connection's consumers on this partition, in the order in which they were decided, and answers when they
     * are committed, and all that was settled before. Settling again, or what another consumer holds, changes nothing and does no harm.
     * For a consumer that is not attached the answer is {@code UNKNOWN_CONSUMER}, since what it held may have gone to others; the other
     * settlements are taken all the same. Confirmations come in the order of the calls.
     *
     * @param sink of the connection by which they came: one that the consumer has left for another speaks for it no more
     * @param waited whether somebody waits for the answer; otherwise it comes with the next flush, within some 10 ms
     */
    public void onSettle(
            UUID connectionId,
            DeliverySink sink,
            List<Settlement> settlements,
            boolean waited,
            Reply<@Nullable Void> reply,
            long nowMs) {
        serve(reply, () -> core.settle(connectionId, sink, settlements, waited, reply));
    }

    /** Tells that the connection takes bytes again; see {@link DeliverySink#isWritable}. */
    public void onWritable(UUID connectionId, long nowMs) {
        serve(null, () -> core.writable(connectionId));
    }

    /**
     * Tells that a connection was lost without a detach. Its sink is not called any more. What its consumers hold waits {@code
     * reattach.grace} for the client to come back with the same connection id, and is then given to others as redelivered. Consumers
     * that came back on another sink already are not touched.
     */
    public void onConnectionLost(UUID connectionId, DeliverySink sink, long nowMs) {
        serve(null, () -> core.connectionLost(connectionId, sink, nowMs));
    }

    /** Reads a page of unsettled messages of a subscription without acquiring them. */
    public void onBrowse(BrowseSpec spec, Reply<BrowseResult> reply, long nowMs) {
        serve(reply, () -> core.browse(spec, reply, nowMs));
    }

    /**
     * Opens a durable subscription at the end of the message log, and answers when that is committed. One of another incarnation is
     * closed first; {@code SUBSCRIPTION_IN_USE} if that has an active consumer.
     */
    public void onOpenSubscription(SubscriptionSpec spec, ConnectionInfo by, Reply<@Nullable Void> reply, long nowMs) {
        serve(reply, () -> core.openSubscription(spec, by, reply));
    }

    /**
     * Closes a durable subscription, and answers when that is committed. Success if there is none; {@code SUBSCRIPTION_IN_USE} while
     * it has an active consumer.
     */
    public void onCloseSubscription(SubscriptionKey key, ConnectionInfo by, Reply<@Nullable Void> reply, long nowMs) {
        serve(reply, () -> core.closeSubscription(key, by, reply));
    }

    public PartitionDescription describe() {
        return core.describe();
    }

    /** How far the replicas are; null where this one does not lead. */
    public @Nullable ReplicaStandings describeReplicas() {
        return status == Status.LEADING ? core.describeReplicas() : null;
    }

    // ---- the lane

    /**
     * Does what waited for the end of the lane's turn: dispatches to consumers, and writes the settlements of the turn as one batch.
     * See {@link PartitionShell#callAtEndOfTurn}.
     */
    public void onEndOfTurn(long nowMs) {
        guarded(() -> {
            if (core.beginServing(nowMs)) {
                List<Runnable> asked = List.copyOf(kept);
                kept.clear();
                asked.forEach(Runnable::run);
            }
            if (status == Status.LEADING) {
                core.endOfTurn(nowMs);
            }
        });
        if (status == Status.FOLLOWING) {
            attempt(() -> core.endOfTurn(nowMs));
        }
    }

    @Override
    public void onFlushed(long ticket) {
        if (status == Status.LEADING || status == Status.FOLLOWING) {
            attempt(() -> core.flushed(ticket));
        }
    }

    /** Nothing unflushed will ever be durable: the partition stops. */
    @Override
    public void onFailed(StorageException cause) {
        stop(cause);
    }

    /** Memory is short: gives back that of messages which are kept for consumers and can be read from the log again. */
    public void onMemoryShort() {
        core.forgetRead();
    }

    /** Does what is due: parked fetches, reattach grace, who is in sync, retention. See {@link PartitionShell#wakeAt}. */
    public void onTick(long nowMs) {
        if (status == Status.LEADING || status == Status.FOLLOWING) {
            attempt(() -> core.tick(nowMs));
        } else {
            core.reads().wakeAll();
        }
    }

    /** Takes new settings from now on. */
    public void onConfig(PartitionConfig config, long nowMs) {
        core.configure(config);
    }

    // ---- roles

    /** Leads alone: there is no other replica. */
    public void onLeader(int leaderEpoch, long nowMs) {
        onLeader(Leadership.alone(leaderEpoch), nowMs);
    }

    /**
     * Starts to lead: commits a record of the epoch, folds all up to it, then dispatches. Whoever leads in an earlier epoch, or follows,
     * ends that before; with other replicas it must not be following any more, and delivers a {@linkplain ReplicaLease lease} later.
     */
    public void onLeader(Leadership leadership, long nowMs) {
        if (status == Status.LEADING) {
            step(ErrorCode.NOT_LEADER_OR_FOLLOWER, "this broker leads the partition in a new epoch now");
        }
        if (status != Status.FOLLOWING) {
            return; // it has stopped, and said so
        }
        status = Status.LEADING;
        guarded(() -> core.lead(leadership, nowMs));
        if (status == Status.LEADING) {
            isLeadingTold = true;
            shell.leading();
        }
    }

    /**
     * Follows the leader of an epoch: leads no more, and brings the logs to where the leader's are.
     *
     * @param isInSync whether the metadata names this replica as in sync, be it for what it was before a restart
     */
    public void onFollow(int leaderEpoch, boolean isInSync, long nowMs) {
        if (status == Status.LEADING) {
            step(ErrorCode.NOT_LEADER_OR_FOLLOWER, "this broker leads the partition no more");
        }
        if (status == Status.FOLLOWING) {
            attempt(() -> core.follow(leaderEpoch, isInSync));
        }
    }

    /** The metadata names this replica, which follows, as in sync no more. */
    public void onLeftInSync() {
        if (status == Status.FOLLOWING) {
            attempt(core::leftInSync);
        }
    }

    /** Leads nobody and follows nobody until it is told: the broker is cut off from the metadata. */
    public void onFenced(long nowMs) {
        if (status == Status.LEADING) {
            step(ErrorCode.NOT_LEADER_OR_FOLLOWER, "this broker is cut off from the cluster's metadata");
        }
    }

    private void step(ErrorCode error, String message) {
        status = Status.FOLLOWING;
        refusal = error;
        refusalMessage = message;
        endCore();
    }

    /** The metadata says, to the leader, who is in sync. */
    public void onInSync(InSync inSync, long nowMs) {
        guarded(() -> core.inSync(inSync));
    }

    /** Does, in the lane, what follows from an answer to something that the shell was asked for. */
    public void onAnswer(Runnable task) {
        if (status == Status.LEADING || status == Status.FOLLOWING) {
            attempt(task);
        }
    }

    /** Whoever brings the cluster's word finds it impossible. */
    public void onFault(RuntimeException fault) {
        stop(fault);
    }

    // ---- replicas

    /** A follower tells the leader where it stands. False if that is not for this leader, in this epoch. */
    public boolean onReplicaPosition(
            int brokerId, ReplicaPosition position, ReplicaSink sink, ReplicaLease lease, long nowMs) {
        return whileLeading(() -> core.replicaPosition(brokerId, position, sink, lease), () -> false);
    }

    /** What there is for a follower whose sink was told so; null if there is nothing for it here. */
    public @Nullable ReplicaData readForReplica(int brokerId, ReplicaSink sink, int maxBytes) {
        Leading leading = status == Status.LEADING ? core.leading() : null;
        if (leading == null) {
            return null;
        }
        try {
            core.askEndOfTurn(); // there may be more
            return leading.read(brokerId, sink, maxBytes);
        } catch (RuntimeException e) {
            stop(e);
            return null;
        }
    }

    /** A follower's connection is lost, or it follows no more. */
    public void onReplicaLost(int brokerId, ReplicaSink sink) {
        Leading leading = status == Status.LEADING ? core.leading() : null;
        if (leading != null) {
            leading.replicas().onLost(brokerId, sink);
            core.askEndOfTurn();
        }
    }

    /** A follower takes what its leader sent. */
    public void onReplicaData(ReplicaData data, long nowMs) {
        if (status == Status.FOLLOWING) {
            attempt(() -> core.replicaData(data, nowMs));
        }
    }

    /** A follower's position, to be told to its leader; null if it follows nobody. */
    public @Nullable ReplicaPosition takeReplicaPosition() {
        Following following = status == Status.FOLLOWING ? core.following() : null;
        if (following == null) {
            return null;
        }
        try {
            return following.takePosition();
        } catch (RuntimeException e) {
            stop(e);
            return null;
        }
    }

    /** A follower's connection to its leader is lost, and with it what was under way. */
    public void onLeaderDisconnected() {
        Following following = status == Status.FOLLOWING ? core.following() : null;
        if (following != null) {
            following.onDisconnected();
        }
    }

    /** Stops without loss: fails what is parked with {@code BROKER_CLOSING}, writes a snapshot, closes the logs. */
    public void close(long nowMs) {
        if (status == Status.ENDED) {
            return;
        }
        if (status == Status.LEADING || status == Status.FOLLOWING) {
            attempt(() -> core.save(nowMs));
        }
        end(ErrorCode.BROKER_CLOSING, "the broker is shutting down");
        core.storage().close();
    }

    /** Ends with the destination: ends consumers and fails what is parked with {@code DESTINATION_DELETED}; the files go too. */
    public void delete(long nowMs) {
        delete(ErrorCode.DESTINATION_DELETED, "the destination was deleted");
    }

    /** Ends as the replica is moved to another broker: whoever asks here is to ask the leader; the files go. */
    public void leave(long nowMs) {
        delete(ErrorCode.NOT_LEADER_OR_FOLLOWER, "this broker holds the partition no more");
    }

    private void delete(ErrorCode error, String message) {
        if (status != Status.ENDED) {
            end(error, message);
            core.storage().delete();
        }
    }

    // ---- refusing

    private void end(ErrorCode error, String message) {
        status = Status.ENDED;
        refusal = error;
        refusalMessage = message;
        endCore();
    }

    private void stop(Throwable cause) {
        if (status == Status.STOPPED || status == Status.ENDED) {
            return;
        }
        status = Status.STOPPED;
        refusal = ErrorCode.KAFKA_STORAGE_ERROR;
        refusalMessage = "the partition " + id + " has stopped: " + messageOf(cause);
        LOG.atError().addKeyValue("partition", id).setCause(cause).log("a partition stops and refuses everything");
        endCore();
        shell.stopped(cause);
    }

    private void endCore() {
        core.end(refusal, refusalMessage);
        if (isLeadingTold) {
            isLeadingTold = false;
            shell.resigned();
        }
        List<Runnable> asked = List.copyOf(kept);
        kept.clear();
        asked.forEach(Runnable::run); // each finds that it is refused
    }

    private boolean isRefused(@Nullable Reply<?> reply) {
        if (status == Status.LEADING) {
            return false;
        }
        if (reply != null) {
            reply.fail(refusal, refusalMessage);
        }
        return true;
    }

    /** Does what a consumer asks, or keeps it until the leader's epoch is committed. */
    private void serve(@Nullable Reply<?> reply, Runnable task) {
        if (isRefused(reply)) {
            return;
        }
        if (!core.isServing()) {
            kept.add(() -> serve(reply, task));
            return;
        }
        try {
            task.run();
        } catch (DeliveryException e) {
            if (reply != null) {
                reply.fail(e.error(), e.answer());
            }
        } catch (RuntimeException e) {
            if (reply != null) {
                reply.fail(ErrorCode.UNKNOWN_SERVER_ERROR, "the partition stopped: " + messageOf(e));
            }
            stop(e);
        }
    }

    private <T> T whileLeading(Supplier<T> task, Supplier<T> refused) {
        if (status == Status.LEADING) {
            try {
                return task.get();
            } catch (RuntimeException e) {
                stop(e);
            }
        }
        return refused.get();
    }

    private void guarded(Runnable task) {
        if (status == Status.LEADING) {
            attempt(task);
        }
    }

    private void attempt(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            stop(e);
        }
    }

    private static String messageOf(Throwable cause) {
        return String.valueOf(cause.getMessage());
    }
}
