package io.millrace.broker.delivery;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What dispatch has to say to the delivery log in this turn of the lane; it becomes one batch. Neighbouring runs of one outcome become
 * one. Owned by the partition's lane.
 */
public final class TurnRecords {
    private final List<DeliveryRecord> records = new ArrayList<>();
    private final List<DeliveryRecord.Settle.Entry> entries = new ArrayList<>();
    private boolean awaited;

    private int subscriptionId;
    private int holder;
    private Outcome outcome = Outcome.ACCEPT;
    private Reason reason = Reason.CLIENT;
    private int deliveries;
    private long[] ranges = new long[16];
    private int size;

    public boolean isEmpty() {
        return records.isEmpty() && entries.isEmpty() && size == 0;
    }

    /** Whether anything was said that somebody may want to know committed: settlements, takes, subscriptions opened and closed. */
    public boolean hasEffects() {
        if (!entries.isEmpty() || size > 0) {
            return true;
        }
        for (DeliveryRecord deliveryRecord : records) {
            if (isEffect(deliveryRecord)) {
                return true;
            }
        }
        return false;
    }

    /** Whether somebody may want to know that it is committed. */
    public static boolean isEffect(DeliveryRecord deliveryRecord) {
        return switch (deliveryRecord.kind()) {
            case OPEN_SUBSCRIPTION, CLOSE_SUBSCRIPTION, SETTLE, EPOCH -> true;
            case DISPATCH_MARK -> ((DeliveryRecord.DispatchMark) deliveryRecord).takeBelow() > 0;
            case STATE, ATTACH, DETACH -> false;
        };
    }

    /** Whether somebody waits until the turn's batch is committed. */
    public boolean isAwaited() {
        return awaited;
    }

    /** Says that somebody waits until the turn's batch, or what was written before, is committed. */
    public void await() {
        awaited = true;
    }

    public void add(DeliveryRecord deliveryRecord) {
        endSettle();
        records.add(deliveryRecord);
    }

    void settle(int ofSubscription, int byHolder, Outcome as, Reason why, int deliveredTimes, long first, long last) {
        boolean same = size > 0
                && subscriptionId == ofSubscription
                && holder == byHolder
                && outcome == as
                && reason == why
                && deliveries == deliveredTimes;
        if (same && ranges[size - 1] == first - 1) {
            ranges[size - 1] = last;
            return;
        }
        if (!same) {
            endEntry();
            subscriptionId = ofSubscription;
            holder = byHolder;
            outcome = as;
            reason = why;
            deliveries = deliveredTimes;
        }
        if (size == ranges.length) {
            ranges = Arrays.copyOf(ranges, size * 2);
        }
        ranges[size++] = first;
        ranges[size++] = last;
    }

    /** What was said so far, in its order. */
    public List<DeliveryRecord> records() {
        endSettle();
        return List.copyOf(records);
    }

    /** The first so many of {@link #records} are in the log. */
    public void written(int count) {
        records.subList(0, count).clear();
    }

    public void clear() {
        records.clear();
        entries.clear();
        size = 0;
        awaited = false;
    }

    private void endSettle() {
        endEntry();
        if (!entries.isEmpty()) {
            records.add(new DeliveryRecord.Settle(entries));
            entries.clear();
        }
    }

    private void endEntry() {
        if (size > 0) {
            entries.add(new DeliveryRecord.Settle.Entry(
                    subscriptionId, holder, outcome, reason, deliveries, Arrays.copyOf(ranges, size)));
            size = 0;
        }
    }
}
