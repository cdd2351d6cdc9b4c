package io.millrace.jms.engine;

import io.millrace.protocol.SettlementKind;
import io.millrace.protocol.SubscriptionKind;
import io.millrace.protocol.message.DeliverRequestData;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A consumer's place on one partition: what it holds, what it has settled without being told that it is durable, and how
 * much it may still be sent. All of it outlives the link, which only {@link #link} names.
 *
 * <p>Invariants: an offset is held, or in a settlement that is not confirmed, or neither; the limits given to the broker
 * never go back while attached; delivered less limit is never above what the prefetch allows. Owned by the engine.
 */
public final class PartitionAttachment {
    /** Settlements sent and not confirmed beyond which no credit is given. */
    static final int MAX_UNCONFIRMED = 10_000;

    final Attachment owner;
    final Route route;
    final int consumerId;
    final OffsetRanges held = new OffsetRanges();
    AttachState state = AttachState.UNATTACHED;

    @Nullable
    Link link;

    /** The Attach that is under way; the answer of one before counts no more. */
    @Nullable
    AttachCall attaching;

    boolean isDirty;
    boolean isDrainAwaited;
    boolean wasAttached;

    /** In which epoch it was attached last, or -1: what it holds and has settled it knows of the log as it was then. */
    int leaderEpoch = -1;

    /** For a non-durable subscription: the next offset that it has not seen, or -1. */
    long nextOffset = -1;

    private final ArrayDeque<PendingSettlement> unsent = new ArrayDeque<>();
    private final ArrayDeque<PendingSettlement> unconfirmed = new ArrayDeque<>();
    private long issued;
    private long confirmed;
    private long delivered;
    private long deliveredBytes;
    private long limit;
    private long byteLimit;
    private long buffered;
    private long bufferedBytes;
    private boolean isCreditDue;
    private boolean isStopDue;
    private boolean isDrainDue;

    PartitionAttachment(Attachment owner, Route route, int consumerId) {
        this.owner = owner;
        this.route = route;
        this.consumerId = consumerId;
    }

    /** The consumer that this is a part of. */
    public Attachment owner() {
        return owner;
    }

    /** In which epoch of the leader it was attached last, or -1. */
    public int leaderEpoch() {
        return leaderEpoch;
    }

    /** The partition's number. */
    public int partition() {
        return route.index;
    }

    boolean isVolatile() {
        return owner.spec.kind() == SubscriptionKind.NON_DURABLE;
    }

    // Deliveries and credit.

    /** Deliveries may overtake the answer to Attach, which waits for settlements to be durable. */
    boolean takesDeliveries() {
        return !owner.isClosing && (state == AttachState.ATTACHED || state == AttachState.ATTACHING);
    }

    /** A message came. Returns false if it is held already. */
    boolean onDelivered(long offset, int sizeBytes) {
        delivered++;
        deliveredBytes += sizeBytes;
        if (held.contains(offset)) {
            return false;
        }
        held.add(offset);
        buffered++;
        bufferedBytes += sizeBytes;
        nextOffset = Math.max(nextOffset, offset + 1);
        return true;
    }

    void onConsumed(int messages, long bytes) {
        buffered -= messages;
        bufferedBytes -= bytes;
    }

    /** Whether enough room was made to tell the broker. */
    boolean wantsCredit() {
        if (!owner.isFlowing || unconfirmed.size() >= MAX_UNCONFIRMED) {
            return false;
        }
        long messages = nextLimit() - limit;
        long bytes = nextByteLimit() - byteLimit;
        isCreditDue |= messages * 2 >= messageShare() || bytes * 2 >= byteShare();
        return isCreditDue;
    }

    void requestCredit() {
        isCreditDue = true;
    }

    /** From now on nothing is to be delivered, not even what credit there is for. */
    void requestStop() {
        isStopDue = true;
    }

    void requestDrain() {
        isDrainAwaited = true;
        isDrainDue = true;
    }

    void takeCredit(List<DeliverRequestData.Credit> out) {
        if (isStopDue) {
            isStopDue = false;
            out.add(new DeliverRequestData.Credit().setConsumerId(consumerId).setDeliveryLimit(-1));
            return;
        }
        if (!owner.isFlowing || (!isCreditDue && !isDrainDue)) {
            return;
        }
        limit = Math.max(limit, nextLimit());
        byteLimit = Math.max(byteLimit, nextByteLimit());
        out.add(new DeliverRequestData.Credit()
                .setConsumerId(consumerId)
                .setDeliveryLimit(limit)
                .setByteLimit(byteLimit)
                .setDrain(isDrainDue));
        isCreditDue = false;
        isDrainDue = false;
    }

    /** Begins to count anew, as an Attach does. */
    void resetCredit() {
        delivered = 0;
        deliveredBytes = 0;
        limit = owner.isFlowing ? Math.max(0, nextLimit()) : 0;
        byteLimit = owner.isFlowing ? Math.max(0, nextByteLimit()) : 0;
        isCreditDue = false;
        isStopDue = false;
        isDrainDue = isDrainAwaited;
    }

    long limit() {
        return limit;
    }

    long byteLimit() {
        return byteLimit;
    }

    private long nextLimit() {
        return delivered + messageShare() - buffered;
    }

    private long nextByteLimit() {
        return deliveredBytes + byteShare() - bufferedBytes;
    }

    private long messageShare() {
        return Math.max(1, owner.spec.prefetch() / owner.partitions.size());
    }

    private long byteShare() {
        return Math.max(1, owner.spec.prefetchBytes() / owner.partitions.size());
    }

    // Settlements.

    /** Settles what is held from first to last; what is not, was lost meanwhile, and may be another message by now. */
    void settle(SettlementKind kind, long first, long last) {
        if (held.containsAll(first, last)) {
            settleHeld(kind, first, last);
            return;
        }
        for (long offset = first; offset <= last; offset++) {
            if (held.contains(offset)) {
                settleHeld(kind, offset, offset);
            }
        }
    }

    private void settleHeld(SettlementKind kind, long first, long last) {
        held.remove(first, last);
        PendingSettlement tail = unsent.peekLast();
        if (tail == null || !tail.grow(kind, first, last)) {
            unsent.add(new PendingSettlement(this, kind, first, last));
            issued++;
        }
    }

    boolean hasUnsent() {
        return !unsent.isEmpty();
    }

    boolean hasUnconfirmed() {
        return confirmed < issued;
    }

    /** How many settlements were decided so far. */
    long issued() {
        return issued;
    }

    boolean isConfirmedUpTo(long count) {
        return confirmed >= count;
    }

    void takeUnsent(List<PendingSettlement> out) {
        out.addAll(unsent);
        unconfirmed.addAll(unsent);
        unsent.clear();
    }

    /** All that goes out with an Attach: what was never confirmed, in order. */
    List<PendingSettlement> takeAll() {
        unconfirmed.addAll(unsent);
        unsent.clear();
        return new ArrayList<>(unconfirmed);
    }

    void confirmed(PendingSettlement settlement) {
        if (unconfirmed.peek() == settlement) {
            unconfirmed.remove();
            confirmed++;
            if (unconfirmed.size() == MAX_UNCONFIRMED - 1 && wantsCredit()) {
                Consumers.markDirty(this);
            }
        }
    }

    /** There is nothing to wait for any more: the broker said so, or the subscription is gone with the link. */
    void confirmAll() {
        unsent.clear();
        unconfirmed.clear();
        confirmed = issued;
    }

    /** What lies between is no longer held, nor was it settled. */
    void onLost(long first, long last) {
        held.remove(first, last);
        dropSettled(first, last);
        owner.sink.onLost(this, first, last);
    }

    /** Of what lies between nothing is to be settled any more. */
    void dropSettled(long first, long last) {
        unconfirmed.forEach(settlement -> settlement.drop(first, last));
        unsent.forEach(settlement -> settlement.drop(first, last));
    }

    /** A non-durable subscription goes on there; what it had from behind that place was lost, and other messages came instead. */
    void goOnFrom(long startOffset) {
        if (nextOffset > startOffset) {
            onLost(startOffset, nextOffset - 1);
        }
        nextOffset = startOffset;
    }

    /** Forgets what was held, all that was of a destination that is no more. */
    void startAnew() {
        confirmAll();
        held.forEach((first, last) -> owner.sink.onLost(this, first, last));
        held.clear();
        nextOffset = -1;
        leaderEpoch = -1;
        wasAttached = false;
    }

    @Override
    public String toString() {
        return "consumer " + consumerId + " of " + route;
    }
}
