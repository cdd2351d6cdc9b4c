package io.millrace.broker.partition;

import io.millrace.broker.delivery.AttachResult;
import io.millrace.broker.delivery.AttachSpec;
import io.millrace.broker.delivery.ConnectionInfo;
import io.millrace.broker.delivery.DeliverySink;
import io.millrace.broker.delivery.Settlement;
import io.millrace.broker.delivery.SubscriptionKey;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One replica of a partition, as sessions see it: the message log and the delivery log under one leader, and what JMS consumers and
 * Kafka clients do with them. Every method is called on the partition's lane; {@code nowMs} is the lane's wall clock. What takes a
 * {@link Reply} answers exactly once, at once or when what it waits for is committed.
 *
 * <p>A partition stops when its storage fails or a journal write fails: parked replies fail with {@code KAFKA_STORAGE_ERROR}, consumers
 * are ended, and everything that follows is refused the same way.
 *
 * <p>Owned by the partition's lane.
 */
@SuppressWarnings("DoNotCallSuggester") // signatures first: the bodies follow at once and remove this
public final class Partition {
    private Partition() {}

    // ---- appends and reads

    /**
     * Validates, stamps and appends record batches. A durable append is answered when it is committed, another at once; the answers of
     * one producer come in the order of its appends. A batch that was appended before is answered when the first one is committed.
     */
    public void onAppend(Append append, Reply<AppendResult> reply, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Reads committed batches for a Kafka consumer, at once, whatever there is. */
    public FetchResult onFetch(FetchSpec spec, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /**
     * Calls {@code wake} once: when at least {@code minBytes} are committed from {@code offset} on, when {@code deadlineMs} has passed,
     * or when the partition stops, closes or loses its leadership. The caller then fetches again. Never called before this returns.
     */
    public ParkedFetch park(long offset, int minBytes, long deadlineMs, Runnable wake) {
        throw new UnsupportedOperationException();
    }

    /**
     * Answers ListOffsets: -1 the high watermark, -2 the first offset kept, -3 the record with the largest timestamp, -4 as -2, -5
     * none; from 0 on the first record whose timestamp is at least that.
     *
     * @param currentLeaderEpoch the epoch in which the client believes this leader to be, or -1
     */
    public OffsetResult onListOffset(long timestamp, int currentLeaderEpoch) {
        throw new UnsupportedOperationException();
    }

    /** Answers OffsetForLeaderEpoch. */
    public EpochEndOffset onOffsetForLeaderEpoch(int currentLeaderEpoch, int leaderEpoch) {
        throw new UnsupportedOperationException();
    }

    // ---- consumers

    /**
     * Attaches a consumer, or welcomes it back: held deliveries are its own again, and its unconfirmed settlements are taken. Answers
     * when the settlements are committed. Deliveries to {@code sink} may begin before.
     */
    public void onAttach(AttachSpec spec, DeliverySink sink, Reply<AttachResult> reply, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Ends a consumer: takes its last settlements, releases what it still holds, and answers when that is committed. */
    public void onDetach(
            UUID connectionId, int consumerId, List<Settlement> settlements, Reply<@Nullable Void> reply, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /**
     * Raises the credit of a consumer; a limit that is not above the present one, or an unknown consumer, is passed over.
     *
     * @param drain whether to call {@link DeliverySink#drained} once all that is committed now and is the consumer's to have, within
     *     its credit, was delivered
     */
    public void onCredit(
            UUID connectionId, int consumerId, long deliveryLimit, long byteLimit, boolean drain, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /**
     * Takes settlements of one connection's consumers on this partition, in the order in which they were decided, and answers when they
     * are committed. Settling again, or what another consumer holds, or what a consumer that is gone held, changes nothing and does no
     * harm. The answers of one partition come in the order of the calls, so the session confirms a settlement sequence when all
     * calls up to it are answered.
     *
     * @param waited whether somebody waits for the answer; otherwise it comes with the next flush, within some 10 ms
     */
    public void onSettle(
            UUID connectionId, List<Settlement> settlements, boolean waited, Reply<@Nullable Void> reply, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Tells that the connection takes bytes again; see {@link DeliverySink#isWritable}. */
    public void onWritable(UUID connectionId, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /**
     * Tells that a connection was lost without a detach. Its sink is not called any more. What its consumers hold waits {@code
     * reattach.grace} for the client to come back with the same connection id, and is then given to others as redelivered. Consumers
     * that came back on another sink already are not touched.
     */
    public void onConnectionLost(UUID connectionId, DeliverySink sink, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Reads a page of unsettled messages of a subscription without acquiring them. */
    public void onBrowse(BrowseSpec spec, Reply<BrowseResult> reply, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Opens a durable subscription at the end of the message log, and answers when that is committed. */
    public void onOpenSubscription(SubscriptionSpec spec, ConnectionInfo by, Reply<@Nullable Void> reply, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /**
     * Closes a durable subscription, and answers when that is committed. Success if there is none; {@code SUBSCRIPTION_IN_USE} while
     * it has an active consumer.
     */
    public void onCloseSubscription(SubscriptionKey key, ConnectionInfo by, Reply<@Nullable Void> reply, long nowMs) {
        throw new UnsupportedOperationException();
    }

    public PartitionDescription describe() {
        throw new UnsupportedOperationException();
    }

    // ---- the lane

    /**
     * Does what waited for the end of the lane's turn: dispatches to consumers, and writes the settlements of the turn as one batch.
     * See {@link PartitionShell#callAtEndOfTurn}.
     */
    public void onEndOfTurn(long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Takes notice that all journal entries of the lane up to {@code ticket} are on disk. */
    public void onFlushed(long ticket, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Takes notice that the journal failed: nothing unflushed will ever be durable. The partition stops. */
    public void onJournalFailed(Throwable cause, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Does what is due: parked fetches, reattach grace, expiry, snapshots, retention. See {@link PartitionShell#wakeAt}. */
    public void onTick(long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Takes new settings from now on. */
    public void onConfig(PartitionConfig config, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Starts to lead in {@code leaderEpoch}: commits a record of it, folds all up to it, then dispatches. */
    public void onLeader(int leaderEpoch, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Stops without loss: fails what is parked with {@code BROKER_CLOSING}, writes a snapshot, closes the logs. */
    public void close(long nowMs) {
        throw new UnsupportedOperationException();
    }

    /** Ends with the destination: ends consumers and fails what is parked with {@code DESTINATION_DELETED}; the files go too. */
    public void delete(long nowMs) {
        throw new UnsupportedOperationException();
    }
}
