package io.millrace.broker.delivery;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SettlementKind;
import io.millrace.protocol.SubscriptionKind;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The leader's side of delivery: consumers, what they hold, and who gets what next. Leader-volatile; what must survive it says to the
 * {@link TurnRecords}, and hears back when that is committed. What is settled for good is so at once; what was given back goes to
 * another when the delivery log says so.
 *
 * <p>Owned by the partition's lane.
 */
public final class Dispatcher {
    private final DeliveryState state;
    private final TurnRecords records;
    private final BatchReader reader;
    private final Dispatch dispatch;

    /** By number for stored subscriptions; in the order of their opening. */
    private final Map<Integer, ActiveSubscription> stored = new LinkedHashMap<>();

    private final List<ActiveSubscription> nonDurable = new ArrayList<>();
    private final Map<UUID, Map<Integer, Consumer>> consumers = new LinkedHashMap<>();
    private final List<ActiveSubscription> due = new ArrayList<>();
    /** Written and not committed yet. */
    private final Map<SubscriptionKey, DeliveryRecord.OpenSubscription> openings = new LinkedHashMap<>();

    private boolean allDue;
    private int lastOpened;
    private int lastHolder;
    private final AttendedClock clock = new AttendedClock();
    private long graceMs;
    private boolean leading;

    public Dispatcher(DeliveryState state, TurnRecords records, BatchReader reader, ByteBufAllocator allocator) {
        this.state = state;
        this.records = records;
        this.reader = reader;
        this.dispatch = new Dispatch(reader, records, allocator);
    }

    /** Sets for how long what a lost client held waits for it. */
    public void setGraceMs(long newGraceMs) {
        graceMs = newGraceMs;
    }

    /** Begins to serve: the leader's epoch is folded, and so is all before it. */
    public void start(long elapsedMs) {
        leading = true;
        long graceEndMs = clock.attendedMs(elapsedMs) + graceMs;
        for (SubscriptionState subscription : state.subscriptions()) {
            stored.put(subscription.id(), ActiveSubscription.ofStored(subscription, graceEndMs, state.attached()));
        }
        lastHolder = state.lastHolder();
        allDue = true;
    }

    /** Ends every consumer with an error, and forgets everything. */
    public void clear(ErrorCode error, String message) {
        for (Map<Integer, Consumer> ofConnection : consumers.values()) {
            // Who waits for the answer to its attach learns of the end from that, and not twice: it may be back in
            // between.
            ofConnection.values().stream()
                    .filter(Consumer::isAnswered)
                    .forEach(consumer -> consumer.ended(error, message));
        }
        consumers.clear();
        stored.clear();
        nonDurable.clear();
        openings.clear();
        due.clear();
        allDue = false;
        leading = false;
        reader.clear();
    }

    /** Whether somebody may want what is appended now as soon as it is committed. */
    public boolean hasConsumers() {
        return !consumers.isEmpty();
    }

    // ---- the fold

    /** Takes notice that a batch of the delivery log was folded. */
    public void onCommitted(DeliveryBatch batch) {
        if (!leading) {
            return;
        }
        for (DeliveryRecord deliveryRecord : batch.records()) {
            switch (deliveryRecord.kind()) {
                case OPEN_SUBSCRIPTION -> {
                    DeliveryRecord.OpenSubscription open = (DeliveryRecord.OpenSubscription) deliveryRecord;
                    openings.remove(open.key(), open);
                    SubscriptionState opened = state.subscription(open.subscriptionId());
                    if (opened != null) {
                        stored.put(opened.id(), ActiveSubscription.ofStored(opened, 0, Map.of()));
                    }
                }
                case CLOSE_SUBSCRIPTION ->
                    onClosed(((DeliveryRecord.CloseSubscription) deliveryRecord).subscriptionId());
                case DISPATCH_MARK -> {
                    DeliveryRecord.DispatchMark mark = (DeliveryRecord.DispatchMark) deliveryRecord;
                    ActiveSubscription subscription = stored.get(mark.subscriptionId());
                    if (subscription != null) {
                        subscription.onCommitted(mark);
                        setDue(subscription);
                    }
                }
                case ATTACH -> onCommitted((DeliveryRecord.Attach) deliveryRecord);
                case SETTLE -> {
                    for (ActiveSubscription subscription : stored.values()) {
                        if (subscription.endsGap()) {
                            setDue(subscription);
                        }
                    }
                }
                case EPOCH, STATE, DETACH -> {
                    // Decided here before, or nothing to dispatch by.
                }
            }
        }
    }

    private void onCommitted(DeliveryRecord.Attach attach) {
        Consumer consumer = find(attach.connectionId(), attach.consumerId());
        if (consumer != null && consumer.holder() == attach.holder()) {
            consumer.recorded();
            setDue(consumer.subscription());
        }
    }

    private void onClosed(int id) {
        ActiveSubscription closed = stored.remove(id);
        if (closed == null) {
            return;
        }
        for (Consumer consumer : List.copyOf(closed.consumers())) {
            consumer.ended(ErrorCode.UNKNOWN_SUBSCRIPTION, "the subscription was deleted");
            forget(consumer);
        }
    }

    /** Takes notice that the high watermark has moved. */
    public void onHighWatermark() {
        allDue = true;
    }

    // ---- consumers

    /**
     * Attaches a consumer, for the first time or again. It gets nothing before {@link #answered}.
     *
     * @param knownEnd where the log ends that the client speaks of; a non-durable subscription that is new begins there
     * @throws DeliveryException if the request can not be met
     */
    public AttachResult attach(AttachSpec spec, DeliverySink sink, int leaderEpoch, long knownEnd, long nowMs) {
        Consumer consumer = find(spec.connection().connectionId(), spec.consumerId());
        if (consumer != null && !consumer.subscription().key().equals(spec.subscription())) {
            throw new DeliveryException(
                    ErrorCode.INVALID_REQUEST, consumer + " is attached to another subscription; detach it first");
        }
        if (consumer != null && consumer.isOnLaterThan(sink)) {
            // What it says to hold was so before it came back: what it got since would go to others.
            throw new DeliveryException(
                    ErrorCode.NETWORK_EXCEPTION, consumer + " is attached by a connection that was made later");
        }
        Attachments.check(spec, state);
        if (consumer != null && !spec.reattach()) {
            end(consumer, Outcome.FAIL, Reason.CONNECTION_LOST);
            consumer = null;
        }
        boolean isNew = consumer == null;
        if (consumer == null) {
            consumer = add(spec, knownEnd);
        }
        consumer.present(sink, spec);
        if (spec.reattach()) {
            Attachments.resume(consumer, spec, isNew, knownEnd, records);
        }
        consumer.subscription().present(spec.connection().connectionId(), spec.consumerId());
        for (Settlement settlement : spec.settlements()) {
            if (settlement.firstOffset() < knownEnd) {
                settle(consumer, settlement.upTo(knownEnd - 1));
            }
        }
        return new AttachResult(
                consumer.subscription().cursor(), leaderEpoch, knownEnd, Attachments.lost(consumer, spec, knownEnd));
    }

    /** Takes notice that an attach was answered: now the consumer may get messages. */
    public void answered(UUID connectionId, int consumerId, DeliverySink sink) {
        Consumer consumer = find(connectionId, consumerId);
        if (consumer != null && consumer.isOn(sink)) {
            consumer.answered();
            setDue(consumer.subscription());
        }
    }

    private Consumer add(AttachSpec spec, long knownEnd) {
        ActiveSubscription subscription = subscriptionFor(spec, knownEnd);
        if (subscription.key().kind() == SubscriptionKind.DURABLE) {
            takeOver(subscription, spec);
        }
        Consumer consumer = new Consumer(spec.connection(), spec.consumerId(), subscription, ++lastHolder);
        subscription.add(consumer);
        consumers
                .computeIfAbsent(spec.connection().connectionId(), id -> new LinkedHashMap<>())
                .put(spec.consumerId(), consumer);
        if (subscription.stored() != null) {
            records.add(new DeliveryRecord.Attach(
                    consumer.holder(),
                    subscription.id(),
                    spec.connection().connectionId(),
                    spec.consumerId(),
                    spec.connection().clientId(),
                    spec.connection().user(),
                    spec.connection().host()));
        }
        return consumer;
    }

    private ActiveSubscription subscriptionFor(AttachSpec spec, long knownEnd) {
        SubscriptionState known = state.find(spec.subscription());
        ActiveSubscription active = known == null ? null : stored.get(known.id());
        if (active != null) {
            return active;
        }
        long cursor = spec.startOffset() < 0 ? knownEnd : Math.min(spec.startOffset(), knownEnd);
        ActiveSubscription made = ActiveSubscription.ofNonDurable(spec.subscription(), cursor);
        nonDurable.add(made);
        return made;
    }

    /** One consumer at most: a new one takes the place of one whose connection is lost. */
    private void takeOver(ActiveSubscription subscription, AttachSpec spec) {
        for (Consumer other : List.copyOf(subscription.consumers())) {
            if (!other.isLost()) {
                throw new DeliveryException(
                        ErrorCode.SUBSCRIPTION_IN_USE,
                        "the durable subscription " + spec.subscription().name() + " has an active consumer");
            }
            end(other, Outcome.FAIL, Reason.TAKEN_OVER);
        }
        if (!spec.reattach()) {
            subscription.endLimbo(Reason.TAKEN_OVER, records);
        }
    }

    /** Ends a consumer that closes itself; what it holds after {@code settlements} is released. */
    public void detach(UUID connectionId, int consumerId, List<Settlement> settlements) {
        Consumer consumer = find(connectionId, consumerId);
        if (consumer != null) {
            settle(consumer, settlements);
            end(consumer, Outcome.RELEASE, Reason.DETACHED);
        }
    }

    /** Gives credit; an unknown consumer is passed over. */
    public void credit(UUID connectionId, int consumerId, long deliveryLimit, long byteLimit, boolean drain) {
        Consumer consumer = find(connectionId, consumerId);
        if (consumer != null && !consumer.isLost()) {
            consumer.raise(deliveryLimit, byteLimit, drain);
            setDue(consumer.subscription());
        }
    }

    /**
     * Takes settlements in their order. What the named consumer does not hold is passed over: it was settled before, or belongs to
     * another now.
     *
     * @param sink by which they came: a consumer that is back on another has said anew what it settled
     * @return the number of a consumer that is not attached, or -1: what it held may have gone to others
     */
    public int settle(UUID connectionId, DeliverySink sink, List<Settlement> settlements) {
        int unknown = -1;
        for (Settlement settlement : settlements) {
            Consumer consumer = find(connectionId, settlement.consumerId());
            if (consumer == null || !consumer.isOn(sink)) {
                unknown = settlement.consumerId();
            } else {
                settle(consumer, settlement);
            }
        }
        return unknown;
    }

    private void settle(Consumer consumer, List<Settlement> settlements) {
        for (Settlement settlement : settlements) {
            settle(consumer, settlement);
        }
    }

    private void settle(Consumer consumer, Settlement settlement) {
        ActiveSubscription subscription = consumer.subscription();
        Outcome outcome = Outcome.of(settlement.kind());
        consumer.held()
                .remove(
                        settlement.firstOffset(),
                        settlement.lastOffset(),
                        (first, last) -> subscription.settle(consumer, first, last, outcome, Reason.CLIENT, records));
        if (settlement.kind() != SettlementKind.ACCEPT) {
            setDue(subscription);
        }
    }

    /** The connection takes bytes again. */
    public void writable(UUID connectionId) {
        Map<Integer, Consumer> ofConnection = consumers.get(connectionId);
        if (ofConnection != null) {
            ofConnection.values().forEach(consumer -> setDue(consumer.subscription()));
        }
    }

    /** A connection was lost: its consumers on {@code sink} keep what they hold until they come back or the grace is over. */
    public void connectionLost(UUID connectionId, DeliverySink sink, long elapsedMs) {
        Map<Integer, Consumer> ofConnection = consumers.get(connectionId);
        if (ofConnection == null) {
            return;
        }
        long graceEndMs = clock.attendedMs(elapsedMs) + graceMs;
        for (Consumer consumer : List.copyOf(ofConnection.values())) {
            if (consumer.isOn(sink)) {
                consumer.lost(graceEndMs);
                if (consumer.subscription().stored() != null && consumer.held().isEmpty()) {
                    end(consumer, Outcome.FAIL, Reason.CONNECTION_LOST);
                }
            }
        }
    }

    /** What a consumer holds goes back, and the consumer goes. */
    private void end(Consumer consumer, Outcome outcome, Reason reason) {
        ActiveSubscription subscription = consumer.subscription();
        consumer.held()
                .remove(
                        0,
                        Long.MAX_VALUE,
                        (first, last) -> subscription.settle(consumer, first, last, outcome, reason, records));
        if (subscription.stored() != null) {
            records.add(new DeliveryRecord.Detach(consumer.holder(), reason));
        }
        forget(consumer);
        setDue(subscription);
    }

    private void forget(Consumer consumer) {
        ActiveSubscription subscription = consumer.subscription();
        subscription.remove(consumer);
        UUID connectionId = consumer.connection().connectionId();
        Map<Integer, Consumer> ofConnection = consumers.get(connectionId);
        if (ofConnection != null) {
            ofConnection.remove(consumer.id());
            if (ofConnection.isEmpty()) {
                consumers.remove(connectionId);
            }
        }
        if (subscription.stored() == null) {
            nonDurable.remove(subscription);
        }
    }

    private @Nullable Consumer find(UUID connectionId, int consumerId) {
        Map<Integer, Consumer> ofConnection = consumers.get(connectionId);
        return ofConnection == null ? null : ofConnection.get(consumerId);
    }

    // ---- durable subscriptions

    /**
     * Opens a durable subscription; one of another incarnation is closed first. Does nothing if it is open.
     *
     * @throws DeliveryException if it can not be opened
     */
    public void open(
            SubscriptionKey key, long incarnation, @Nullable String selector, boolean noLocal, ConnectionInfo by) {
        Attachments.checkOpen(key, selector, state);
        DeliveryRecord.OpenSubscription opening = openings.get(key);
        SubscriptionState known = state.find(key);
        if (opening != null ? opening.incarnation() == incarnation : isOpen(known, incarnation, selector, noLocal)) {
            return;
        }
        close(key, by);
        int id = Math.max(state.nextSubscriptionId(), lastOpened + 1);
        lastOpened = id;
        DeliveryRecord.OpenSubscription made = new DeliveryRecord.OpenSubscription(
                id, key, incarnation, selector, noLocal, by.user() + "@" + by.host());
        openings.put(key, made);
        records.add(made);
    }

    private static boolean isOpen(
            @Nullable SubscriptionState known, long incarnation, @Nullable String selector, boolean noLocal) {
        if (known == null || known.incarnation() != incarnation) {
            return false;
        }
        if (known.noLocal() != noLocal || !Objects.equals(known.selector(), selector)) {
            throw new DeliveryException(
                    ErrorCode.SUBSCRIPTION_MISMATCH,
                    "incarnation " + incarnation + " of the subscription "
                            + known.key().name() + " was opened with another selector or noLocal");
        }
        return true;
    }

    /**
     * Closes a durable subscription; does nothing if there is none.
     *
     * @throws DeliveryException while it has an active consumer
     */
    public void close(SubscriptionKey key, ConnectionInfo by) {
        SubscriptionState known = state.find(key);
        if (known != null) {
            ActiveSubscription active = stored.get(known.id());
            if (active != null && active.consumers().stream().anyMatch(consumer -> !consumer.isLost())) {
                throw new DeliveryException(
                        ErrorCode.SUBSCRIPTION_IN_USE,
                        "the durable subscription " + key.name() + " has an active consumer");
            }
            records.add(new DeliveryRecord.CloseSubscription(known.id(), by.user() + "@" + by.host()));
        }
        DeliveryRecord.OpenSubscription opening = openings.remove(key);
        if (opening != null) {
            records.add(new DeliveryRecord.CloseSubscription(opening.subscriptionId(), by.user() + "@" + by.host()));
        }
    }

    // ---- time

    /** Ends what waited long enough for a lost client, while it could be heard. */
    public void tick(long elapsedMs) {
        long nowMs = clock.attendedMs(elapsedMs);
        for (ActiveSubscription subscription : stored.values()) {
            if (subscription.isAwaiting() && subscription.limboUntilMs() <= nowMs) {
                subscription.endLimbo(Reason.CONNECTION_LOST, records);
                setDue(subscription);
            }
        }
        List<Consumer> over =
                lost().filter(consumer -> consumer.lostUntilMs() <= nowMs).toList();
        over.forEach(consumer -> end(consumer, Outcome.FAIL, Reason.CONNECTION_LOST));
    }

    private Stream<Consumer> lost() {
        return consumers.values().stream()
                .flatMap(ofConnection -> ofConnection.values().stream())
                .filter(Consumer::isLost);
    }

    /** Gives back the memory of what was read for consumers who take nothing now. */
    public void forgetIdle() {
        if (!isDue()) {
            reader.clear();
        }
    }

    /** When {@link #tick} is to be called next, by the elapsed time; {@link Long#MAX_VALUE} for no need. */
    public long nextTickMs() {
        long next = lost().mapToLong(Consumer::lostUntilMs).min().orElse(Long.MAX_VALUE);
        for (ActiveSubscription subscription : stored.values()) {
            if (subscription.isAwaiting()) {
                next = Math.min(next, subscription.limboUntilMs());
            }
        }
        return next == Long.MAX_VALUE ? next : clock.nextLookMs(next);
    }

    // ---- dispatch

    /** Whether {@link #dispatch} has something to look at. */
    public boolean isDue() {
        return leading && (allDue || !due.isEmpty());
    }

    /**
     * Delivers what is committed to whoever has credit.
     *
     * @param validUntilMs see {@link DeliverySink#deliver}; at {@link Long#MIN_VALUE} nothing is delivered
     * @return whether there is more to do, in another turn
     */
    public boolean dispatch(
            long highWatermark, long logStartOffset, int maxAnswerBytes, long validUntilMs, long nowMs) {
        if (!isDue() || validUntilMs == Long.MIN_VALUE) {
            return false;
        }
        List<ActiveSubscription> round = takeDue();
        List<ActiveSubscription> served = new ArrayList<>();
        dispatch.begin(highWatermark, maxAnswerBytes, validUntilMs, nowMs);
        for (ActiveSubscription subscription : round) {
            if (subscription.consumers().isEmpty()) {
                continue;
            }
            if (!dispatch.hasBudget()) {
                setDue(subscription);
                continue;
            }
            dropBelow(subscription, logStartOffset);
            dispatch.run(subscription);
            if (dispatch.hasBudget()) {
                drain(subscription);
            } else {
                served.add(subscription);
            }
        }
        // Behind those that had no turn: nobody starves.
        served.forEach(this::setDue);
        reader.forgetBelow(leastCursor());
        reader.forgetLarge();
        return isDue();
    }

    /** Whether the last {@link #dispatch} ended for want of memory: it is to be called again in a moment, not at once. */
    public boolean lacksRoom() {
        return dispatch.lacksRoom();
    }

    private List<ActiveSubscription> takeDue() {
        List<ActiveSubscription> round = new ArrayList<>(due);
        if (allDue) {
            addOthers(round, stored.values());
            addOthers(round, nonDurable);
        }
        round.forEach(ActiveSubscription::clearDue);
        due.clear();
        allDue = false;
        return round;
    }

    private static void addOthers(List<ActiveSubscription> round, Collection<ActiveSubscription> subscriptions) {
        for (ActiveSubscription subscription : subscriptions) {
            if (subscription.setDue()) {
                round.add(subscription);
            }
        }
    }

    private void setDue(ActiveSubscription subscription) {
        if (subscription.setDue()) {
            due.add(subscription);
        }
    }

    private void drain(ActiveSubscription subscription) {
        boolean hasWork = dispatch.hasWork(subscription);
        for (Consumer consumer : subscription.consumers()) {
            if (consumer.isDraining() && !(hasWork && consumer.hasCredit())) {
                consumer.drained();
            }
        }
    }

    private void dropBelow(ActiveSubscription subscription, long logStartOffset) {
        SubscriptionState known = subscription.stored();
        if (known != null && known.floor() < logStartOffset && subscription.setDropped(logStartOffset)) {
            subscription.settle(known.floor(), logStartOffset - 1, Outcome.VOID, records);
        }
        subscription.dropBelow(logStartOffset);
    }

    private long leastCursor() {
        long least = Long.MAX_VALUE;
        for (ActiveSubscription subscription : stored.values()) {
            if (!subscription.consumers().isEmpty()) {
                least = Math.min(least, subscription.cursor());
            }
        }
        for (ActiveSubscription subscription : nonDurable) {
            least = Math.min(least, subscription.cursor());
        }
        return least;
    }

    // ---- looking

    /** The active side of a subscription, or null if there is none of that key. */
    @Nullable
    ActiveSubscription active(SubscriptionKey key) {
        SubscriptionState known = state.find(key);
        return known == null ? null : stored.get(known.id());
    }

    Collection<ActiveSubscription> storedSubscriptions() {
        return stored.values();
    }

    List<ActiveSubscription> nonDurableSubscriptions() {
        return nonDurable;
    }
}
