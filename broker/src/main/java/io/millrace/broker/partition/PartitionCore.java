package io.millrace.broker.partition;

import io.millrace.broker.config.Durability;
import io.millrace.broker.delivery.AttachResult;
import io.millrace.broker.delivery.AttachSpec;
import io.millrace.broker.delivery.BatchReader;
import io.millrace.broker.delivery.Browser;
import io.millrace.broker.delivery.ConnectionInfo;
import io.millrace.broker.delivery.DeliveryBatch;
import io.millrace.broker.delivery.DeliveryException;
import io.millrace.broker.delivery.DeliveryFormatException;
import io.millrace.broker.delivery.DeliveryRecord;
import io.millrace.broker.delivery.DeliverySink;
import io.millrace.broker.delivery.DeliveryState;
import io.millrace.broker.delivery.Dispatcher;
import io.millrace.broker.delivery.Settlement;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.broker.journal.JournalListener;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.PartitionStorage;
import io.millrace.broker.log.StorageException;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a partition does, for {@link Partition}, which sees to it that it is called only while it may be: joins the message log, the
 * delivery log, the fold and the dispatcher.
 *
 * <p>Owned by the partition's lane.
 */
final class PartitionCore implements Leading.Owner {
    /** After what time a full disk is asked again. */
    private static final long RETRY_MS = 1000;

    /** After what time dispatch that found no memory is tried again. */
    private static final long NO_ROOM_MS = 20;

    /** For what is woken by bytes, not by time. */
    private static final long NO_TIME = Long.MIN_VALUE;

    private static final Logger LOG = LoggerFactory.getLogger(PartitionCore.class);

    private final PartitionId id;
    private final PartitionStorage storage;
    private final Log messages;
    private final PartitionShell shell;
    private final StateKeeper keeper;
    private final DeliveryState state;
    private final BatchReader reader;
    final Appends appends;
    private final Reads reads;
    private final DeliveryLog deliveries;
    private final Dispatcher dispatcher;
    private final Browser browser;
    private final Upkeep upkeep;

    private final LaneJournal journal;
    private final JournalListener listener;

    private PartitionConfig config;
    private @Nullable Leading leading;
    private @Nullable Following following;
    private boolean tailLoaded;
    private boolean needsEpoch;
    private int leaderEpoch = -1;
    /** The last epoch in which this replica led, and from when on it might deliver in that. */
    private int ledEpoch = -1;

    private long ledDeliverFromMs;
    private boolean serving;
    private boolean endOfTurnAsked;
    private long scheduledMs = Long.MAX_VALUE;
    private boolean diskFull;

    PartitionCore(
            PartitionId id,
            PartitionStorage storage,
            LaneJournal journal,
            JournalListener listener,
            PartitionConfig config,
            PartitionShell shell,
            long nowMs) {
        this.id = id;
        this.storage = storage;
        this.messages = storage.messages();
        this.config = config;
        this.shell = shell;
        this.keeper = new StateKeeper(storage, config.formats());
        this.state = keeper.restore(config.queue(), nowMs);
        this.journal = journal;
        this.listener = listener;
        this.reader = new BatchReader(new MessageSource(messages, shell));
        this.appends =
                new Appends(messages, journal, listener, reader, () -> leading == null || leading.isEpochCommitted());
        this.reads = new Reads(messages, appends.highWatermark());
        this.deliveries = new DeliveryLog(storage.deliveries(), messages, journal, listener, config.formats());
        this.dispatcher = new Dispatcher(state, deliveries.turn(), reader, shell.allocator());
        this.browser = new Browser(dispatcher, state, reader, shell.allocator());
        this.upkeep = new Upkeep(state, messages, appends.highWatermark(), deliveries, keeper, nowMs);
        dispatcher.setGraceMs(config.reattachGraceMs());
        wakeAt(upkeep.nextMs());
    }

    /** Whether consumers are served: the leader's epoch is folded. */
    boolean isServing() {
        return serving;
    }

    int leaderEpoch() {
        return leaderEpoch;
    }

    long highWatermark() {
        return appends.highWatermark().offset();
    }

    DeliveryState state() {
        return state;
    }

    // ---- leading and following

    void lead(Leadership leadership, long nowMs) {
        int epoch = leadership.leaderEpoch();
        if (epoch < leaderEpoch || epoch < messages.leaderEpochs().latestEpoch()) {
            throw new IllegalStateException("leading in epoch " + epoch + " after epoch "
                    + Math.max(leaderEpoch, messages.leaderEpochs().latestEpoch()));
        }
        if (keeper.lacksState(state)) {
            throw new DeliveryFormatException("the delivery log of " + id + " begins at "
                    + deliveries.log().logStartOffset() + " and holds no whole state record");
        }
        leaderEpoch = epoch;
        following = null;
        appends.onLeading();
        deliveries.setReplicated(leadership.isReplicated());
        if (leadership.isReplicated()) {
            loadTail();
            // Between two epochs of its own, one after the other, nobody else has led.
            boolean isSuccessor = ledEpoch >= 0 && epoch == ledEpoch + 1;
            ledDeliverFromMs = isSuccessor ? ledDeliverFromMs : InSyncReplicas.endOfLeases(shell.elapsedMs());
            Leading led = new Leading(leadership, id, shell, appends, deliveries, this, ledDeliverFromMs);
            leading = led;
            led.begin(state, journal, config, nowMs);
        } else {
            ledDeliverFromMs = shell.elapsedMs();
            leadAlone();
        }
        ledEpoch = epoch;
        // A subscription may be among what is not folded.
        needsEpoch = state.subscriptionCount() > 0 || !deliveries.isLevel();
        if (needsEpoch) {
            deliveries.turn().add(new DeliveryRecord.Epoch(epoch));
            deliveries.turn().await();
        }
        beginServing(nowMs);
        askEndOfTurn();
    }

    /** All that is in the logs is committed, but for what an earlier epoch of this life has not flushed yet. */
    private void leadAlone() {
        if (!tailLoaded) {
            tailLoaded = true;
            keeper.foldAll(state);
        }
        HighWatermark ofMessages = appends.highWatermark();
        HighWatermark ofDeliveries = deliveries.highWatermark();
        ofMessages.lead(ofMessages.offset(), messages.logEndOffset(), HighWatermark.ALONE);
        ofDeliveries.lead(ofDeliveries.offset(), deliveries.log().logEndOffset(), HighWatermark.ALONE);
        onMessagesCommitted();
        onDeliveriesCommitted();
    }

    private void loadTail() {
        if (!tailLoaded) {
            tailLoaded = true;
            keeper.forEachUnfolded(state, deliveries::addUncommitted);
        }
    }

    /** Follows a leader from now on; what consumers and producers wait for has failed before. */
    void follow(int epoch, boolean isInSync) {
        loadTail();
        leaderEpoch = -1;
        Following before = following;
        following = new Following(epoch, journal, listener, state, appends, deliveries, keeper);
        following.follows(before);
        shell.replicaMoved();
        if (!isInSync) {
            leftInSync();
        }
    }

    void leftInSync() {
        Following now = following;
        if (now != null) {
            now.onLeftInSync();
        }
    }

    /** The replica's side of following; null while it leads, or does neither. */
    @Nullable
    Following following() {
        return following;
    }

    void replicaData(ReplicaData data, long nowMs) {
        Following now = following;
        if (now == null) {
            return;
        }
        try {
            if (now.onData(data, config.durability() == Durability.DISK, nowMs)) {
                shell.replicaMoved();
            }
        } catch (BadDataException e) {
            now.onRefused(e);
            wakeAt(nowMs + RETRY_MS);
        } catch (StorageException e) {
            if (!e.isDiskFull()) {
                throw e;
            }
            now.onRefused(e);
            wakeAt(nowMs + RETRY_MS);
        }
        askEndOfTurn();
    }

    /** What the leader does with other replicas; null if there are none, or while it does not lead. */
    @Nullable
    Leading leading() {
        return leading;
    }

    void inSync(InSync inSync) {
        Leading led = leading;
        if (led != null) {
            led.onInSync(inSync, config);
        }
    }

    boolean knowsWhatWasCommitted() {
        Leading led = leading;
        return led == null || led.replicas().knowsWhatWasCommitted();
    }

    /** How many replicas are in sync, this one included. */
    private int inSyncCount() {
        Leading led = leading;
        return led == null ? 1 : led.replicas().count();
    }

    boolean replicaPosition(int brokerId, ReplicaPosition position, ReplicaSink sink, ReplicaLease lease) {
        Leading led = leading;
        return led != null
                && position.leaderEpoch() == leaderEpoch
                && led.onPosition(brokerId, position, sink, lease, config);
    }

    /** Delivers, as long as no other replica can have begun to; whether there is more to do. */
    private boolean deliver(long nowMs) {
        Leading led = leading;
        long endMs = led == null ? Long.MAX_VALUE : led.replicas().deliverableUntilMs(shell.elapsedMs());
        return dispatcher.dispatch(highWatermark(), messages.logStartOffset(), config.deliverMaxBytes(), endMs, nowMs);
    }

    /** Begins to serve consumers if the leader's epoch is folded; whether that was now. */
    boolean beginServing(long nowMs) {
        if (serving || leaderEpoch < 0 || (needsEpoch && state.leaderEpoch() != leaderEpoch)) {
            return false;
        }
        serving = true;
        dispatcher.start(shell.elapsedMs());
        wakeAt(graceEndMs(nowMs));
        return true;
    }

    // ---- appends and reads

    void append(Append append, Reply<AppendResult> reply, long nowMs) {
        if (append.durable() && inSyncCount() < config.minInSync()) {
            append.records().release();
            reply.fail(ErrorCode.NOT_ENOUGH_REPLICAS, fewInSync());
            return;
        }
        Reply<AppendResult> checked = leading == null || !append.durable()
                ? reply
                : new CheckedReply(reply, () -> inSyncCount() >= config.minInSync(), this::fewInSync);
        appends.append(append, config, leaderEpoch, dispatcher.hasConsumers(), checked, nowMs);
        onMessagesCommitted();
        if (leading != null) {
            askEndOfTurn();
        }
    }

    private String fewInSync() {
        return "of " + id + " " + inSyncCount() + " replicas are in sync, and min.insync.replicas is "
                + config.minInSync();
    }

    Reads reads() {
        return reads;
    }

    ParkedFetch park(long offset, int minBytes, long deadlineMs, Runnable wake) {
        wakeAt(deadlineMs);
        return reads.park(offset, minBytes, deadlineMs, wake);
    }

    // ---- consumers

    void attach(AttachSpec spec, DeliverySink sink, Reply<AttachResult> reply, long nowMs) {
        AttachResult result = dispatcher.attach(spec, sink, leaderEpoch, reads.knownEnd(spec, leaderEpoch), nowMs);
        Runnable answer = () -> {
            reply.complete(result);
            dispatcher.answered(spec.connection().connectionId(), spec.consumerId(), sink);
            askEndOfTurn();
        };
        if (spec.reattach()) {
            deliveries.answerWhenCommitted(true, reply, answer);
        } else {
            answer.run();
        }
        askEndOfTurn();
    }

    void detach(UUID connectionId, int consumerId, List<Settlement> settlements, Reply<@Nullable Void> reply) {
        dispatcher.detach(connectionId, consumerId, settlements);
        deliveries.answerWhenCommitted(true, reply, () -> Reply.done(reply));
        askEndOfTurn();
    }

    void credit(UUID connectionId, int consumerId, long deliveryLimit, long byteLimit, boolean drain) {
        dispatcher.credit(connectionId, consumerId, deliveryLimit, byteLimit, drain);
        askEndOfTurn();
    }

    void settle(
            UUID connectionId,
            DeliverySink sink,
            List<Settlement> settlements,
            boolean awaited,
            Reply<@Nullable Void> reply) {
        int unknown = dispatcher.settle(connectionId, sink, settlements);
        askEndOfTurn();
        if (unknown >= 0) {
            reply.fail(
                    ErrorCode.UNKNOWN_CONSUMER,
                    "consumer " + unknown + " is not attached; what it held may have gone to others");
        } else {
            deliveries.answerWhenCommitted(awaited, reply, () -> Reply.done(reply));
        }
    }

    void writable(UUID connectionId) {
        dispatcher.writable(connectionId);
        askEndOfTurn();
    }

    void connectionLost(UUID connectionId, DeliverySink sink, long nowMs) {
        dispatcher.connectionLost(connectionId, sink, shell.elapsedMs());
        wakeAt(graceEndMs(nowMs));
        askEndOfTurn();
    }

    void browse(BrowseSpec spec, Reply<BrowseResult> reply, long nowMs) {
        String selector = spec.selector();
        if (selector != null && !selector.isBlank()) {
            throw new DeliveryException(ErrorCode.UNSUPPORTED_FEATURE, "message selectors are not supported yet");
        }
        Browser.Page page = browser.browse(
                spec.subscription(), spec.startOffset(), spec.maxMessages(), spec.maxBytes(), highWatermark(), nowMs);
        reply.complete(new BrowseResult(page.nextOffset(), highWatermark(), page.messages()));
    }

    void openSubscription(SubscriptionSpec spec, ConnectionInfo by, Reply<@Nullable Void> reply) {
        dispatcher.open(spec.key(), spec.incarnation(), spec.selector(), spec.noLocal(), by);
        deliveries.answerWhenCommitted(true, reply, () -> Reply.done(reply));
        askEndOfTurn();
    }

    void closeSubscription(SubscriptionKey key, ConnectionInfo by, Reply<@Nullable Void> reply) {
        dispatcher.close(key, by);
        deliveries.answerWhenCommitted(true, reply, () -> Reply.done(reply));
        askEndOfTurn();
    }

    PartitionDescription describe() {
        return PartitionDescription.of(
                leaderEpoch, messages, highWatermark(), deliveries.log(), browser.standings(highWatermark()));
    }

    ReplicaStandings describeReplicas() {
        Leading led = leading;
        return new ReplicaStandings(
                messages.logEndOffset(),
                led == null ? List.of() : led.replicas().standings());
    }

    // ---- the turn

    @Override
    public void askEndOfTurn() {
        if (!endOfTurnAsked) {
            endOfTurnAsked = true;
            shell.callAtEndOfTurn();
        }
    }

    void endOfTurn(long nowMs) {
        endOfTurnAsked = false;
        if (leaderEpoch >= 0) {
            endLeadersTurn(nowMs);
        }
        upkeep.onEndOfTurn(config, nowMs);
        wakeAt(upkeep.nextMs());
    }

    private void endLeadersTurn(long nowMs) {
        Leading led = leading;
        if (deliver(nowMs)) {
            wakeAt(dispatcher.lacksRoom() ? nowMs + NO_ROOM_MS : nowMs);
        }
        writeTurn(nowMs);
        if (led != null) {
            led.signal(nowMs);
            wakeAt(led.nextTickMs(config, nowMs));
        }
    }

    private void writeTurn(long nowMs) {
        try {
            deliveries.write(config.durability(), leaderEpoch, nowMs);
            diskFull = false;
        } catch (StorageException e) {
            if (!e.isDiskFull()) {
                throw e;
            }
            if (!diskFull) {
                LOG.atWarn()
                        .addKeyValue("partition", id)
                        .setCause(e)
                        .log("the disk is full: settlements wait for room");
            }
            diskFull = true; // what the turn had to say stays to be said
            wakeAt(nowMs + RETRY_MS);
            return;
        }
        if (config.durability() != Durability.DISK) {
            onDeliveriesCommitted();
        }
    }

    /** All tickets up to this one are on disk. What needs the time waits for the end of the turn. */
    void flushed(long ticket) {
        if (leaderEpoch < 0) {
            if (following != null && following.onFlushed(ticket)) {
                shell.replicaMoved();
            }
            boolean more = appends.highWatermark().onFlushed(ticket);
            if (deliveries.highWatermark().onFlushed(ticket) || more) {
                shell.replicaMoved();
            }
            return;
        }
        if (appends.highWatermark().onFlushed(ticket)) {
            onMessagesCommitted();
        }
        if (deliveries.highWatermark().onFlushed(ticket)) {
            onDeliveriesCommitted();
        }
    }

    @Override
    public void onMessagesCommitted() {
        long committed = highWatermark();
        boolean isNews = committed != state.messageEnd();
        state.applyMessages(committed);
        appends.replies().answer(committed);
        if (!isNews) {
            return;
        }
        reads.wake(NO_TIME);
        dispatcher.onHighWatermark();
        askEndOfTurn();
    }

    @Override
    public void onDeliveriesCommitted() {
        boolean folded = false;
        for (DeliveryBatch batch = deliveries.nextCommitted(); batch != null; batch = deliveries.nextCommitted()) {
            state.apply(batch);
            keeper.onFolded(batch);
            dispatcher.onCommitted(batch);
            folded = true;
        }
        deliveries.replies().answer(deliveries.highWatermark().offset());
        if (folded) { // this may be the end of a turn: asking for another always would never end
            askEndOfTurn();
        }
    }

    /** Gives back the memory of what can be read again. */
    void forgetRead() {
        reader.clear();
    }

    // ---- time

    @Override
    public void wakeAt(long atMs) {
        if (atMs < scheduledMs) {
            scheduledMs = atMs;
            shell.wakeAt(atMs);
        }
    }

    /** When the next grace ends, by the wall clock: it is measured by the other one, which nobody sets. */
    private long graceEndMs(long nowMs) {
        long endMs = dispatcher.nextTickMs();
        return endMs == Long.MAX_VALUE ? endMs : nowMs + endMs - shell.elapsedMs();
    }

    void tick(long nowMs) {
        if (scheduledMs <= nowMs) {
            scheduledMs = Long.MAX_VALUE;
        }
        reads.wake(nowMs);
        if (serving) {
            dispatcher.tick(shell.elapsedMs());
        }
        Leading led = leading;
        if (led != null) {
            led.keepInSync(config, nowMs);
        }
        if (following != null && following.isToBeginAnew()) {
            shell.replicaMoved();
        }
        if (upkeep.nextMs() <= nowMs) {
            dispatcher.forgetIdle();
            upkeep.maintain(config, leaderEpoch >= 0, nowMs);
        }
        askEndOfTurn();
        wakeAt(Math.min(upkeep.nextMs(), Math.min(reads.nextDeadlineMs(), graceEndMs(nowMs))));
    }

    void deleteBefore(long offset) {
        upkeep.deleteBefore(offset);
        askEndOfTurn();
    }

    void configure(PartitionConfig newConfig) {
        config = newConfig;
        dispatcher.setGraceMs(newConfig.reattachGraceMs());
        upkeep.onConfig();
        askEndOfTurn();
    }

    // ---- the end

    private void endLeading() {
        if (leading != null) {
            leading.end();
        }
        leading = null;
    }

    /** Fails everything that waits, and ends all consumers. */
    void end(ErrorCode error, String message) {
        serving = false;
        leaderEpoch = -1;
        endLeading();
        following = null;
        appends.replies().fail(error, message);
        deliveries.fail(error, message);
        dispatcher.clear(error, message);
        reads.wakeAll();
    }

    /** Writes what the last turn had to say, and a snapshot of what is committed. */
    void save(long nowMs) {
        if (leaderEpoch >= 0) {
            writeTurn(nowMs);
        }
        if (state.subscriptionCount() > 0) {
            keeper.writeSnapshot(state, nowMs);
        }
    }

    PartitionStorage storage() {
        return storage;
    }
}
