package io.millrace.broker.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A subscription as its leader serves it: where it stands, what waits to go out again, who consumes. Leader-volatile; for a stored
 * subscription it runs ahead of the fold, which learns of its decisions when they are committed.
 *
 * <p>Every offset below the high watermark that is not settled is in exactly one place: at or above {@link #cursor()} (never delivered),
 * in {@link #ready} (may go out again), in {@link #fresh} or {@link #taking} (given back; goes out again when the delivery log says
 * both, since a crash that forgets either would give it to a second holder), in {@link #limbo} (delivered by an earlier leader, waits
 * for its holder), or held by one consumer.
 *
 * <p>Owned by the partition's lane.
 */
final class ActiveSubscription {
    /** How far the dispatch mark is reserved ahead: so many messages, at most, go out as redelivered after a crash for nothing. */
    static final int MARK_STEP = 4096;
    /** So many given back messages at least are taken at once. */
    private static final int MIN_TAKE = 128;

    private static final int MAX_TAKE = MARK_STEP;
    /** In {@link #failures}: decided to be zero, whatever the fold says until it has heard of it. */
    private static final int NEVER = -1;

    private final SubscriptionKey key;
    private final @Nullable SubscriptionState stored;
    private final List<Consumer> consumers = new ArrayList<>();
    private int turn;
    private boolean due;
    private long droppedEnd;

    private long cursor;
    private final OffsetSet ready = new OffsetSet();
    private final OffsetSet fresh = new OffsetSet();
    private final OffsetSet taking = new OffsetSet();
    private final OffsetSet limbo = new OffsetSet();
    private long limboUntilMs;
    /** Who was attached to an earlier leader, and has not come back: what is in limbo is theirs. By number. */
    private final Map<Integer, Attached> absent = new TreeMap<>();

    private boolean inOrder;
    /** Below it an earlier leader settled something that the cursor has still to pass. */
    private long settledAheadEnd;

    /** How often messages were delivered without success, where that was decided under this leader; see {@link #NEVER}. */
    private final RangeCounts failures = new RangeCounts();

    /** A gap that was passed over, and of which the delivery log does not know yet; or -1. */
    private long gapAwaited = -1;

    private long markRequested;
    /** Marks that take, written and committed so far, and the number of the one that {@link #taking} waits for. */
    private long takesWritten;

    private long takesCommitted;
    private long takeAwaited;

    private ActiveSubscription(SubscriptionKey key, @Nullable SubscriptionState stored, long cursor) {
        this.key = key;
        this.stored = stored;
        this.cursor = cursor;
    }

    /** One that nothing is stored of. */
    static ActiveSubscription ofNonDurable(SubscriptionKey key, long cursor) {
        return new ActiveSubscription(key, null, cursor);
    }

    /**
     * One that the fold tells of; what an earlier leader may have delivered waits until {@code limboUntilMs} for its holders.
     *
     * @param attached who was attached to an earlier leader
     */
    static ActiveSubscription ofStored(SubscriptionState stored, long limboUntilMs, Map<Integer, Attached> attached) {
        long cursor = Math.max(stored.floor(), stored.lastCrashMark());
        ActiveSubscription active = new ActiveSubscription(stored.key(), stored, cursor);
        if (cursor > stored.floor()) {
            stored.forEachUnsettledRun(stored.floor(), cursor - 1, active.limbo::add);
        }
        stored.givenBack().forEachRun((first, last) -> {
            active.limbo.remove(first, last);
            active.giveBackRun(first, last);
        });
        active.limboUntilMs = limboUntilMs;
        attached.forEach((holder, consumer) -> {
            if (consumer.subscriptionId() == stored.id()) {
                active.absent.put(holder, consumer);
            }
        });
        active.inOrder = active.absent.size() == 1;
        active.endLimboIfAllAreBack();
        active.settledAheadEnd = stored.settled().last() + 1;
        return active;
    }

    SubscriptionKey key() {
        return key;
    }

    @Nullable
    SubscriptionState stored() {
        return stored;
    }

    /** Its number in the delivery log, or -1 if it is not stored. */
    int id() {
        return stored == null ? -1 : stored.id();
    }

    List<Consumer> consumers() {
        return consumers;
    }

    void add(Consumer consumer) {
        consumers.add(consumer);
    }

    void remove(Consumer consumer) {
        int index = consumers.indexOf(consumer);
        if (index >= 0) {
            consumers.remove(index);
            if (turn > index) {
                turn--;
            }
        }
    }

    /** The next consumer, in turn, that takes messages now; null if none does. */
    @Nullable
    Consumer nextReady() {
        for (int i = 0; i < consumers.size(); i++) {
            Consumer consumer = consumers.get((turn + i) % consumers.size());
            if (consumer.isReady()) {
                turn = (turn + i + 1) % consumers.size();
                return consumer;
            }
        }
        return null;
    }

    /** Whether somebody waits only for the delivery log to know of it. */
    boolean hasUnrecordedConsumer() {
        return consumers.stream().anyMatch(Consumer::isUnrecorded);
    }

    int readyConsumers() {
        int n = 0;
        for (Consumer consumer : consumers) {
            if (consumer.isReady()) {
                n++;
            }
        }
        return n;
    }

    /** Puts it on the list for the next round; false if it is there. */
    boolean setDue() {
        boolean isNew = !due;
        due = true;
        return isNew;
    }

    void clearDue() {
        due = false;
    }

    /** Remembers that what lies below {@code end} was settled because it is gone; false if that was known. */
    boolean setDropped(long end) {
        boolean isNew = droppedEnd < end;
        droppedEnd = Math.max(droppedEnd, end);
        return isNew;
    }

    // ---- what goes out next

    long cursor() {
        return cursor;
    }

    void moveTo(long newCursor) {
        cursor = newCursor;
    }

    OffsetSet ready() {
        return ready;
    }

    OffsetSet limbo() {
        return limbo;
    }

    long limboUntilMs() {
        return limboUntilMs;
    }

    /** Whether something given back must be taken in the delivery log before it, or anything behind it, goes out. */
    boolean isTakeDue() {
        return !fresh.isEmpty() || !taking.isEmpty();
    }

    /** Whether an earlier leader settled the message before it could be delivered. */
    boolean isSettledAhead(long offset) {
        return offset < settledAheadEnd && stored != null && stored.isSettled(offset);
    }

    /** Whether somebody is waited for whom an earlier leader served. */
    boolean isAwaiting() {
        return !absent.isEmpty();
    }

    /**
     * Whether nothing goes out until it is known what an earlier leader delivered for good: with one consumer messages come in order, with
     * several nobody can tell, and those who are back need not wait. Or until all replicas know of a gap that was passed over.
     */
    boolean holdsBack() {
        return gapAwaited >= 0 || (inOrder && !limbo.isEmpty());
    }

    /** Whether all replicas have come to know of a gap that was passed over. */
    boolean endsGap() {
        boolean isKnown = gapAwaited >= 0 && stored != null && stored.isSettled(gapAwaited);
        if (isKnown) {
            gapAwaited = -1;
        }
        return isKnown;
    }

    /** A consumer is here, for the first time or again. */
    void present(UUID connectionId, int consumerId) {
        if (absent.values().removeIf(consumer -> consumer.is(connectionId, consumerId))) {
            endLimboIfAllAreBack();
        }
    }

    private void endLimboIfAllAreBack() {
        if (absent.isEmpty()) {
            ready.addAll(limbo);
            limbo.clear();
        }
    }

    /** Nobody else will come for what an earlier leader delivered: it goes out again. */
    void endLimbo(Reason reason, TurnRecords records) {
        absent.keySet().forEach(holder -> records.add(new DeliveryRecord.Detach(holder, reason)));
        absent.clear();
        endLimboIfAllAreBack();
    }

    /** Drops the run from whatever waits to go out, because it is gone or somebody has it. */
    void withdraw(long first, long last) {
        ready.remove(first, last);
        fresh.remove(first, last);
        taking.remove(first, last);
        limbo.remove(first, last);
    }

    /** Gives a returning client what it held and nobody else was given since. */
    void claim(Consumer consumer, long first, long last, TurnRecords records) {
        List<OffsetRange> granted = new ArrayList<>();
        forEachWaitingRun(first, last, (from, to) -> granted.add(new OffsetRange(from, to)));
        for (OffsetRange range : granted) {
            if (fresh.contains(range.firstOffset()) || taking.contains(range.firstOffset())) {
                writeTake(range.lastOffset() + 1, records);
            }
            withdraw(range.firstOffset(), range.lastOffset());
            consumer.held().add(range.firstOffset(), range.lastOffset());
            consumer.resumed().add(range.firstOffset(), range.lastOffset());
        }
    }

    /** Drops everything below {@code start}, where the log now begins. */
    void dropBelow(long start) {
        if (start > 0) {
            withdraw(0, start - 1);
            failures.removeBelow(start);
        }
        cursor = Math.max(cursor, start);
    }

    /** Calls {@code each} for what waits to go out (again or after its take) between {@code first} and {@code last}. */
    void forEachWaitingRun(long first, long last, OffsetSet.RunConsumer each) {
        for (OffsetSet set : List.of(ready, fresh, taking, limbo)) {
            for (long from = set.next(first); from >= 0 && from <= last; ) {
                long end = set.nextAbsent(from);
                each.run(from, Math.min(last, end - 1));
                from = set.next(end);
            }
        }
    }

    /** Calls {@code each} for what somebody is yet to settle between {@code first} and {@code last}, of what was ever delivered. */
    void forEachOpenRun(long first, long last, OffsetSet.RunConsumer each) {
        forEachWaitingRun(first, last, each);
        for (Consumer consumer : consumers) {
            OffsetRuns held = consumer.held();
            for (int i = 0; i < held.runs(); i++) {
                long from = Math.max(first, held.firstOfRun(i));
                long to = Math.min(last, held.lastOfRun(i));
                if (from <= to) {
                    each.run(from, to);
                }
            }
        }
    }

    /** How many offsets below {@code highWatermark} wait to go out. */
    long waiting(long highWatermark) {
        return Math.max(0, highWatermark - cursor)
                + ready.cardinality()
                + fresh.cardinality()
                + taking.cardinality()
                + limbo.cardinality();
    }

    long inFlight() {
        long sum = 0;
        for (Consumer consumer : consumers) {
            sum += consumer.held().count();
        }
        return sum;
    }

    // ---- delivery counts

    int failedDeliveries(long offset) {
        int decided = failures.get(offset);
        return decided != 0 || stored == null ? Math.max(0, decided) : stored.failedDeliveries(offset);
    }

    /** Whether no message from {@code first} on has been delivered without success, as far as is known. */
    private boolean isUnfailed(long first) {
        return failures.isEmpty() && (stored == null || (stored.counts().isEmpty() && first >= stored.lastCrashMark()));
    }

    /** The number of the delivery that {@code consumer} holds. */
    private int deliveries(Consumer consumer, long offset) {
        int failed = failedDeliveries(offset);
        return consumer.resumed().contains(offset) ? Math.max(1, failed) : failed + 1;
    }

    // ---- settlements

    /** A consumer's decision on a run that it held until now. */
    void settle(Consumer consumer, long first, long last, Outcome outcome, Reason reason, TurnRecords records) {
        switch (outcome) {
            case ACCEPT, REJECT, EXPIRE, UNMATCHED, VOID -> {
                failures.remove(first, last);
                consumer.resumed().remove(first, last);
                write(consumer.holder(), outcome, reason, 0, first, last, records);
            }
            case RELEASE ->
                forEachCountedRun(consumer, first, last, (from, to, deliveries) -> {
                    if (deliveries > 1 || consumer.resumed().contains(from)) {
                        fail(consumer, from, to, deliveries - 1, reason, records);
                    } else {
                        write(consumer.holder(), Outcome.RELEASE, reason, 0, from, to, records);
                        giveBackRun(from, to);
                    }
                });
            case FAIL ->
                forEachCountedRun(
                        consumer,
                        first,
                        last,
                        (from, to, deliveries) -> fail(consumer, from, to, deliveries, reason, records));
        }
    }

    /** Moves the cursor over a run that is not for anybody, unless that was settled before. */
    void passOver(long first, long last, Outcome outcome, TurnRecords records) {
        if (stored != null) {
            stored.forEachUnsettledRun(first, last, (from, to) -> settle(from, to, outcome, records));
        }
        cursor = last + 1;
    }

    /** Moves the cursor over a gap in the log; see {@link #settleGap}. */
    void passOverGap(long first, long last, TurnRecords records) {
        if (stored != null) {
            stored.forEachUnsettledRun(first, last, (from, to) -> settleGap(from, to, records));
        }
        cursor = last + 1;
    }

    /**
     * Another replica may have what this one has lost with the power: what lies behind the gap goes out when all know that it was passed
     * over, or a later leader delivers what was in it after that.
     */
    void settleGap(long first, long last, TurnRecords records) {
        settle(first, last, Outcome.VOID, records);
        if (stored != null) {
            gapAwaited = last;
            records.await();
        }
    }

    /** The broker's own decision on a run that nobody holds. */
    void settle(long first, long last, Outcome outcome, TurnRecords records) {
        failures.remove(first, last);
        write(0, outcome, Reason.BROKER, 0, first, last, records);
    }

    private void fail(Consumer consumer, long first, long last, int deliveries, Reason reason, TurnRecords records) {
        write(consumer.holder(), Outcome.FAIL, reason, deliveries, first, last, records);
        consumer.resumed().remove(first, last);
        failures.set(first, last, deliveries == 0 ? NEVER : deliveries);
        giveBackRun(first, last);
    }

    private void write(
            int holder, Outcome outcome, Reason reason, int deliveries, long first, long last, TurnRecords records) {
        if (stored != null) {
            records.settle(stored.id(), holder, outcome, reason, deliveries, first, last);
        }
    }

    private void giveBackRun(long first, long last) {
        (stored == null ? ready : fresh).add(first, last);
    }

    private void forEachCountedRun(Consumer consumer, long first, long last, CountedRun each) {
        if (consumer.resumed().isEmpty() && isUnfailed(first)) {
            each.run(first, last, 1);
            return;
        }
        for (long from = first; from <= last; ) {
            long to = endOfEqualCounts(from, last);
            boolean isResumed = consumer.resumed().contains(from);
            long change = isResumed
                    ? consumer.resumed().nextAbsent(from)
                    : consumer.resumed().next(from);
            if (change >= 0) {
                to = Math.min(to, change - 1);
            }
            each.run(from, to, deliveries(consumer, from));
            from = to + 1;
        }
    }

    /** The last offset, at most {@code last}, up to which {@link #failedDeliveries} may be taken as equal to that of {@code from}. */
    private long endOfEqualCounts(long from, long last) {
        long to = failures.endOfRun(from, last);
        if (stored == null) {
            return to;
        }
        to = stored.counts().endOfRun(from, to);
        for (long crashMark : stored.crashMarks()) {
            if (crashMark > from && crashMark <= to) {
                return crashMark - 1;
            }
        }
        return to;
    }

    // ---- dispatch marks

    /** Whether the delivery log allows a delivery of {@code offset}; asks it to if not. */
    boolean isAllowed(long offset, TurnRecords records) {
        if (stored == null || offset < stored.mark()) {
            return true;
        }
        if (offset >= markRequested) {
            requestMark(offset, records);
        }
        records.await();
        return false;
    }

    /** The first offset that the delivery log does not allow yet. */
    long allowedEnd() {
        return stored == null ? Long.MAX_VALUE : stored.mark();
    }

    /** Reserves the next step before the last one is used up. */
    void reserveAhead(TurnRecords records) {
        if (stored != null && !consumers.isEmpty() && markRequested - cursor < MARK_STEP / 2) {
            requestMark(cursor, records);
        }
    }

    private void requestMark(long offset, TurnRecords records) {
        markRequested = Math.max(offset + 1, cursor) + MARK_STEP;
        records.add(new DeliveryRecord.DispatchMark(id(), markRequested, 0));
    }

    /** Asks the delivery log to let what was given back go out again. */
    void take(long wanted, TurnRecords records) {
        records.await();
        if (!taking.isEmpty() || stored == null) {
            return;
        }
        long left = Math.min(MAX_TAKE, Math.max(MIN_TAKE, wanted));
        long end = 0;
        for (long first = fresh.first(); first >= 0 && left > 0; first = fresh.next(end)) {
            end = Math.min(fresh.nextAbsent(first), first + left);
            left -= end - first;
            taking.add(first, end - 1);
        }
        fresh.removeBelow(end);
        writeTake(end, records);
        takeAwaited = takesWritten;
    }

    /** A mark of this subscription was committed. */
    void onCommitted(DeliveryRecord.DispatchMark mark) {
        if (mark.takeBelow() > 0 && ++takesCommitted == takeAwaited) {
            ready.addAll(taking);
            taking.clear();
        }
    }

    private void writeTake(long end, TurnRecords records) {
        records.add(new DeliveryRecord.DispatchMark(id(), 0, end));
        takesWritten++;
    }

    /** Takes runs whose messages were delivered equally often. */
    @FunctionalInterface
    private interface CountedRun {
        void run(long first, long last, int deliveries);
    }
}
