package io.millrace.broker.delivery;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SubscriptionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an attach asks for and may have: checks, and the claims of a client that comes back. */
final class Attachments {
    private Attachments() {}

    /** Refuses what can not be opened. */
    static void checkOpen(SubscriptionKey key, @Nullable String selector, DeliveryState state) {
        checkSelector(selector);
        if (key.kind() != SubscriptionKind.DURABLE) {
            throw new DeliveryException(
                    ErrorCode.UNSUPPORTED_FEATURE, "only unshared durable subscriptions are opened, not " + key.kind());
        }
        if (state.find(SubscriptionKey.QUEUE) != null) {
            throw new DeliveryException(ErrorCode.INVALID_DESTINATION, "a queue has no subscriptions beside its own");
        }
    }

    private static void checkSelector(@Nullable String selector) {
        if (selector != null && !selector.isBlank()) {
            throw new DeliveryException(ErrorCode.UNSUPPORTED_FEATURE, "message selectors are not supported yet");
        }
    }

    /** Refuses what can not be attached to. */
    static void check(AttachSpec spec, DeliveryState state) {
        checkSelector(spec.selector());
        SubscriptionKind kind = spec.subscription().kind();
        switch (kind) {
            case QUEUE -> {
                if (state.find(SubscriptionKey.QUEUE) == null) {
                    throw new DeliveryException(
                            ErrorCode.INVALID_DESTINATION, "a topic has no queue subscription; it is not a queue");
                }
            }
            case NON_DURABLE -> {
                if (state.find(SubscriptionKey.QUEUE) != null) {
                    throw new DeliveryException(
                            ErrorCode.INVALID_DESTINATION, "a queue has no subscriptions beside its own");
                }
            }
            case DURABLE -> checkDurable(spec, state);
            case SHARED_NON_DURABLE, SHARED_DURABLE ->
                throw new DeliveryException(
                        ErrorCode.UNSUPPORTED_FEATURE, "shared subscriptions are not supported yet");
        }
    }

    private static void checkDurable(AttachSpec spec, DeliveryState state) {
        SubscriptionState known = state.find(spec.subscription());
        if (known == null) {
            throw new DeliveryException(
                    ErrorCode.UNKNOWN_SUBSCRIPTION,
                    "no durable subscription " + spec.subscription().name() + " of client id "
                            + spec.subscription().clientId() + " is open here");
        }
        if (known.noLocal() != spec.noLocal() || !Objects.equals(known.selector(), spec.selector())) {
            throw new DeliveryException(
                    ErrorCode.SUBSCRIPTION_MISMATCH,
                    "the durable subscription " + spec.subscription().name()
                            + " was opened with another selector or noLocal");
        }
    }

    /**
     * Gives a client that comes back what it says it holds, as far as that is still to be had, and puts back what it does not know of: it
     * was lost on its way.
     *
     * @param isNew whether the broker did not know of the consumer any more
     * @param knownEnd what the client says concerns what lies below; other messages have the offsets from there on
     */
    static void resume(Consumer consumer, AttachSpec spec, boolean isNew, long knownEnd, TurnRecords records) {
        ActiveSubscription subscription = consumer.subscription();
        long start = Math.min(spec.startOffset(), knownEnd);
        OffsetSet claimed = held(spec, knownEnd);
        addSettled(claimed, spec, knownEnd, true);
        OffsetSet known = new OffsetSet();
        known.addAll(claimed);
        addSettled(known, spec, knownEnd, false);
        // A client keeps nothing stored of a non-durable subscription but its place: what lies before it has arrived.
        long arrivedBelow = subscription.stored() == null ? start : 0;
        putBackUnknown(consumer, known, arrivedBelow, records);
        if (subscription.stored() != null) {
            claimed.forEachRun((first, last) -> subscription.claim(consumer, first, last, records));
        } else {
            resumeNonDurable(consumer, start, isNew, known);
        }
    }

    /**
     * What the client held, or settled for good, and lost: held offsets that are not this consumer's, and settled ones that somebody else
     * has or is yet to get, all the same.
     */
    static List<OffsetRange> lost(Consumer consumer, AttachSpec spec, long knownEnd) {
        List<OffsetRange> lost = new ArrayList<>();
        for (OffsetRange range : spec.held()) {
            addNotHeld(lost, consumer, range);
        }
        if (consumer.subscription().stored() != null) {
            OffsetSet settled = new OffsetSet();
            addSettled(settled, spec, knownEnd, true);
            settled.forEachRun((first, last) -> consumer.subscription()
                    .forEachOpenRun(first, last, (from, to) -> lost.add(new OffsetRange(from, to))));
        }
        return lost;
    }

    private static void addNotHeld(List<OffsetRange> lost, Consumer consumer, OffsetRange range) {
        long from = range.firstOffset();
        while (from <= range.lastOffset()) {
            long next = consumer.held().next(from);
            if (next < 0 || next > range.lastOffset()) {
                lost.add(new OffsetRange(from, range.lastOffset()));
                return;
            }
            if (next > from) {
                lost.add(new OffsetRange(from, next - 1));
            }
            from = consumer.held().lastOfRunAt(next) + 1;
        }
    }

    private static OffsetSet held(AttachSpec spec, long knownEnd) {
        OffsetSet held = new OffsetSet();
        for (OffsetRange range : spec.held()) {
            addBelow(held, range.firstOffset(), range.lastOffset(), knownEnd);
        }
        return held;
    }

    /**
     * Adds what the client settled and heard nothing of: for good, or gave back. What it settled for good nobody else was given. What it
     * gave back may have been heard, and another may hold it now: of a new leader it is not claimed, and goes out again when that
     * other did not come for it.
     */
    private static void addSettled(OffsetSet set, AttachSpec spec, long knownEnd, boolean isFinal) {
        for (Settlement settlement : spec.settlements()) {
            if (Outcome.of(settlement.kind()).isFinal() == isFinal) {
                addBelow(set, settlement.firstOffset(), settlement.lastOffset(), knownEnd);
            }
        }
    }

    private static void addBelow(OffsetSet set, long first, long last, long end) {
        if (first < end) {
            set.add(first, Math.min(last, end - 1));
        }
    }

    private static void putBackUnknown(Consumer consumer, OffsetSet known, long arrivedBelow, TurnRecords records) {
        OffsetRuns held = consumer.held();
        List<OffsetRange> unknown = new ArrayList<>();
        for (int i = 0; i < held.runs(); i++) {
            long last = held.lastOfRun(i);
            long from = known.nextAbsent(held.firstOfRun(i));
            while (from <= last) {
                long next = known.next(from);
                long to = next < 0 ? last : Math.min(last, next - 1);
                unknown.add(new OffsetRange(from, to));
                from = known.nextAbsent(to + 1);
            }
        }
        for (OffsetRange range : unknown) {
            long first = range.firstOffset();
            long arrived = Math.max(first, Math.min(range.lastOffset() + 1, arrivedBelow));
            end(consumer, first, arrived - 1, Outcome.ACCEPT, Reason.CLIENT, records);
            end(consumer, arrived, range.lastOffset(), Outcome.RELEASE, Reason.NEVER_ARRIVED, records);
        }
    }

    private static void end(
            Consumer consumer, long first, long last, Outcome outcome, Reason reason, TurnRecords records) {
        if (first <= last) {
            consumer.held().remove(first, last, (from, to) -> consumer.subscription()
                    .settle(consumer, from, to, outcome, reason, records));
        }
    }

    /** Nothing is known of a non-durable subscription but what its client says: it holds what lies before the place it goes on from. */
    private static void resumeNonDurable(Consumer consumer, long start, boolean isNew, OffsetSet claimed) {
        ActiveSubscription subscription = consumer.subscription();
        if (start >= 0 && start < subscription.cursor()) {
            subscription.withdraw(start, subscription.cursor() - 1);
            consumer.held().remove(start, Long.MAX_VALUE, (first, last) -> {});
            subscription.moveTo(start);
        }
        if (isNew) {
            claimed.remove(subscription.cursor(), Long.MAX_VALUE - 1);
            claimed.forEachRun((first, last) -> {
                consumer.held().add(first, last);
                consumer.resumed().add(first, last);
            });
        }
    }
}
