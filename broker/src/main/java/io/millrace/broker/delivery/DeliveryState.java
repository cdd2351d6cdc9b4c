package io.millrace.broker.delivery;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What both logs of a partition say about delivery: its stored subscriptions. A fold over committed records that every replica makes
 * alike, from a snapshot or from the beginning.
 *
 * <p>The two logs commit independently, so a message may be folded before a delivery record that was written earlier. The fold does not
 * notice: a record speaks of what lies below the end that the message log had when it was written.
 *
 * <p>Owned by the partition's lane.
 */
public final class DeliveryState {
    static final int QUEUE_SUBSCRIPTION_ID = 0;

    private final TreeMap<Integer, SubscriptionState> subscriptions = new TreeMap<>();
    /** By their numbers, which are never given twice. */
    private final TreeMap<Integer, Attached> attached = new TreeMap<>();

    private int lastHolder;
    private int nextSubscriptionId;
    private int leaderEpoch = -1;
    private long messageEnd;
    private long deliveryEnd;

    /** The state of a partition in which nothing has happened: a queue has its own subscription from the first day. */
    public static DeliveryState empty(boolean queue) {
        DeliveryState state = new DeliveryState();
        if (queue) {
            state.add(new SubscriptionState(QUEUE_SUBSCRIPTION_ID, SubscriptionKey.QUEUE, 0, null, false, 0));
        }
        state.nextSubscriptionId = QUEUE_SUBSCRIPTION_ID + 1;
        return state;
    }

    /** Where the fold of the message log goes on. */
    public long messageEnd() {
        return messageEnd;
    }

    /** Where the fold of the delivery log goes on. */
    public long deliveryEnd() {
        return deliveryEnd;
    }

    /** The epoch of the last leader that began to lead, or -1. */
    public int leaderEpoch() {
        return leaderEpoch;
    }

    /** How many stored subscriptions there are. */
    public int subscriptionCount() {
        return subscriptions.size();
    }

    /** Below it no stored subscription needs a message any more; {@link Long#MAX_VALUE} if there is no subscription. */
    public long retentionFloor() {
        long floor = Long.MAX_VALUE;
        for (SubscriptionState subscription : subscriptions.values()) {
            floor = Math.min(floor, subscription.floor());
        }
        return floor;
    }

    /** The first message that the subscription has not settled, or -1 if there is no such subscription. */
    public long floor(SubscriptionKey key) {
        SubscriptionState subscription = find(key);
        return subscription == null ? -1 : subscription.floor();
    }

    Collection<SubscriptionState> subscriptions() {
        return Collections.unmodifiableCollection(subscriptions.values());
    }

    @Nullable
    SubscriptionState subscription(int id) {
        return subscriptions.get(id);
    }

    @Nullable
    SubscriptionState find(SubscriptionKey key) {
        for (SubscriptionState subscription : subscriptions.values()) {
            if (subscription.key().equals(key)) {
                return subscription;
            }
        }
        return null;
    }

    /** Who came and did not go, by its number; consumers of earlier epochs are among them until their time is over. */
    SortedMap<Integer, Attached> attached() {
        return Collections.unmodifiableSortedMap(attached);
    }

    /** The highest number ever given to a consumer. */
    int lastHolder() {
        return lastHolder;
    }

    int nextSubscriptionId() {
        return nextSubscriptionId;
    }

    // ---- the fold

    /** Folds the committed messages below {@code end}: plain ones leave no trace but that they are there. */
    public void applyMessages(long end) {
        messageEnd = Math.max(messageEnd, end);
    }

    /** The message log was cut: what follows will be folded anew. */
    public void cutMessages(long end) {
        messageEnd = Math.min(messageEnd, end);
    }

    /** Folds a committed batch of the delivery log. */
    public void apply(DeliveryBatch batch) {
        for (DeliveryRecord deliveryRecord : batch.records()) {
            apply(deliveryRecord, batch.messageLogEnd());
        }
        deliveryEnd = Math.max(deliveryEnd, batch.nextOffset());
    }

    private void apply(DeliveryRecord deliveryRecord, long messageLogEnd) {
        switch (deliveryRecord.kind()) {
            case OPEN_SUBSCRIPTION -> open((DeliveryRecord.OpenSubscription) deliveryRecord, messageLogEnd);
            case CLOSE_SUBSCRIPTION -> close(((DeliveryRecord.CloseSubscription) deliveryRecord).subscriptionId());
            case SETTLE -> ((DeliveryRecord.Settle) deliveryRecord).entries().forEach(this::settle);
            case DISPATCH_MARK -> mark((DeliveryRecord.DispatchMark) deliveryRecord);
            case EPOCH -> {
                leaderEpoch = ((DeliveryRecord.Epoch) deliveryRecord).leaderEpoch();
                subscriptions.values().forEach(subscription -> subscription.applyEpoch(messageLogEnd));
            }
            case ATTACH -> attach((DeliveryRecord.Attach) deliveryRecord);
            case DETACH -> attached.remove(((DeliveryRecord.Detach) deliveryRecord).holder());
            case STATE -> {
                // It repeats what was folded already.
            }
        }
    }

    private void open(DeliveryRecord.OpenSubscription open, long messageLogEnd) {
        SubscriptionState subscription = new SubscriptionState(
                open.subscriptionId(), open.key(), open.incarnation(), open.selector(), open.noLocal(), messageLogEnd);
        add(subscription);
    }

    private void close(int subscriptionId) {
        subscriptions.remove(subscriptionId);
        attached.values().removeIf(consumer -> consumer.subscriptionId() == subscriptionId);
    }

    /** One that comes back takes its own place. */
    private void attach(DeliveryRecord.Attach attach) {
        attached.values().removeIf(other -> other.is(attach.connectionId(), attach.consumerId()));
        addAttached(attach.holder(), new Attached(attach.subscriptionId(), attach.connectionId(), attach.consumerId()));
    }

    private void settle(DeliveryRecord.Settle.Entry entry) {
        SubscriptionState subscription = subscriptions.get(entry.subscriptionId());
        if (subscription == null) {
            return;
        }
        long[] ranges = entry.ranges();
        for (int i = 0; i < ranges.length; i += 2) {
            switch (entry.outcome()) {
                case ACCEPT, REJECT, EXPIRE, UNMATCHED, VOID -> subscription.applyFinal(ranges[i], ranges[i + 1]);
                case RELEASE -> subscription.applyRelease(ranges[i], ranges[i + 1]);
                case FAIL -> subscription.applyFail(ranges[i], ranges[i + 1], entry.deliveries());
            }
        }
    }

    private void mark(DeliveryRecord.DispatchMark record) {
        SubscriptionState subscription = subscriptions.get(record.subscriptionId());
        if (subscription != null) {
            subscription.applyMark(record.mark(), record.takeBelow());
        }
    }

    // ---- restoring what was written

    /** Takes the place of another, which is not used any more. */
    public void become(DeliveryState other) {
        subscriptions.clear();
        subscriptions.putAll(other.subscriptions);
        attached.clear();
        attached.putAll(other.attached);
        restore(other.lastHolder, other.nextSubscriptionId, other.leaderEpoch, other.messageEnd, other.deliveryEnd);
    }

    void add(SubscriptionState subscription) {
        subscriptions.put(subscription.id(), subscription);
        nextSubscriptionId = Math.max(nextSubscriptionId, subscription.id() + 1);
    }

    void addAttached(int holder, Attached consumer) {
        attached.put(holder, consumer);
        lastHolder = Math.max(lastHolder, holder);
    }

    void restore(
            int restoredLastHolder,
            int restoredNextSubscriptionId,
            int restoredLeaderEpoch,
            long restoredMessageEnd,
            long restoredDeliveryEnd) {
        lastHolder = restoredLastHolder;
        nextSubscriptionId = restoredNextSubscriptionId;
        leaderEpoch = restoredLeaderEpoch;
        messageEnd = restoredMessageEnd;
        deliveryEnd = restoredDeliveryEnd;
    }
}
