package io.millrace.cli;

import io.millrace.cli.HistoryEvent.Phase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rules for messages of queues and subscriptions:
 *
 * <ul>
 *   <li><b>invented</b>: what is received was sent there, before;
 *   <li><b>failed</b>: what certainly was not sent is not received;
 *   <li><b>again</b>: what was settled, and confirmed, is not received afterwards;
 *   <li><b>twice</b>: nor is what somebody set out to settle, as long as all consumers live;
 *   <li><b>unmarked</b>: what an application has received comes again with a higher delivery count only;
 *   <li><b>order</b>: a consumer gets a producer's messages in order, those delivered again aside, where that is asked for;
 *   <li><b>lost</b>: in the end, what was confirmed as sent was received, and settled by whoever received it last.
 * </ul>
 *
 * Owned by the test's thread.
 */
final class QueueChecker {
    private final List<HistoryEvent> events;
    private final boolean consumersLive;
    private final Set<String> ordered;
    private final Map<String, Map<String, Sent>> destinations = new LinkedHashMap<>();
    private final Map<String, Subscription> subscriptions = new LinkedHashMap<>();
    private final List<Violation> found = new ArrayList<>();

    QueueChecker(List<HistoryEvent> events, boolean consumersLive, Set<String> ordered) {
        this.events = events;
        this.consumersLive = consumersLive;
        this.ordered = ordered;
    }

    List<Violation> check() {
        for (HistoryEvent event : events) {
            switch (event.action()) {
                case SUBSCRIBE -> subscriptions.put(event.place(), new Subscription(event.value(), event.number()));
                case SEND -> onSend(event);
                case RECEIVE -> onReceive(event);
                case SETTLE -> onSettle(event);
                case APPEND, READ, READ_ALL -> {} // the log's
            }
        }
        destinations.keySet().stream().filter(place -> !isTopic(place)).forEach(this::subscriptionOf);
        subscriptions.forEach(this::requireNothingLost);
        return found;
    }

    private void onSend(HistoryEvent event) {
        Map<String, Sent> sent = destinations.computeIfAbsent(event.place(), place -> new LinkedHashMap<>());
        if (event.phase() != Phase.INVOKE) {
            sent.get(event.value()).end = event.phase();
        } else if (sent.put(event.value(), new Sent(event.number())) != null) {
            throw new IllegalStateException("the test itself sent twice: " + event);
        }
    }

    private void onReceive(HistoryEvent event) {
        Subscription subscription = subscriptionOf(event.place());
        Sent sent =
                destinations.getOrDefault(subscription.destination, Map.of()).get(event.value());
        if (sent == null) {
            found.add(violation("invented", "nobody had sent what " + event.process() + " received", event));
            return;
        }
        if (sent.end == Phase.FAIL) {
            found.add(violation(
                    "failed", event.process() + " received what was not sent, as its sender was told", event));
        }
        Delivered state = subscription.delivered.computeIfAbsent(event.value(), value -> new Delivered());
        requireNotSettled(event, state);
        if (state.received != null && event.count() <= 1) {
            found.add(violation(
                    "unmarked",
                    event.process() + " received as new what " + state.received.process() + " had received before",
                    event));
        }
        if (state.received == null && event.count() <= 1 && ordered.contains(event.place())) {
            requireInOrder(event, subscription);
        }
        state.received = event;
        state.settling = null;
    }

    private void requireNotSettled(HistoryEvent event, Delivered state) {
        if (state.settled != null) {
            found.add(violation(
                    "again",
                    event.process() + " received what " + state.settled.process()
                            + " had settled, which was confirmed by event #" + state.settled.number(),
                    event));
        } else if (state.settling != null && consumersLive) {
            found.add(violation(
                    "twice",
                    event.process() + " received what " + state.settling.process()
                            + ", which lives, set out to settle with event #" + state.settling.number(),
                    event));
        }
    }

    private void requireInOrder(HistoryEvent event, Subscription subscription) {
        String key = event.process() + " " + event.producer();
        HistoryEvent before = subscription.lastInOrder.put(key, event);
        if (before != null && before.sequence() >= event.sequence()) {
            List<HistoryEvent> both = new ArrayList<>(about(before));
            both.addAll(about(event));
            found.add(new Violation(
                    "order",
                    event.process() + " received " + event.value() + " after " + before.value(),
                    both.stream()
                            .sorted(Comparator.comparingLong(HistoryEvent::number))
                            .toList()));
        }
    }

    private void onSettle(HistoryEvent event) {
        Delivered state = subscriptionOf(event.place()).delivered.get(event.value());
        if (state == null) {
            throw new IllegalStateException("the test itself settled what was not received: " + event);
        }
        switch (event.phase()) {
            case INVOKE -> state.settling = event;
            case OK -> state.settled = event;
            case FAIL -> state.settling = null;
            case UNKNOWN -> {} // as if it had no end
        }
    }

    private void requireNothingLost(String name, Subscription subscription) {
        destinations.getOrDefault(subscription.destination, Map.of()).forEach((value, sent) -> {
            if (sent.end != Phase.OK || sent.invokedNumber < subscription.sinceNumber) {
                return;
            }
            Delivered state = subscription.delivered.get(value);
            if (state == null) {
                found.add(new Violation(
                        "lost",
                        value + " was confirmed as sent, and nobody received it from " + name,
                        about(name, value)));
            } else if (state.settled == null && state.settling == null) {
                found.add(new Violation(
                        "lost",
                        value + " was received last by " + state.received.process()
                                + ", which did not settle it, and never came again",
                        about(name, value)));
            }
        });
    }

    /** A destination that has subscriptions is none itself, and a queue is its own. */
    private boolean isTopic(String destination) {
        return subscriptions.values().stream()
                .anyMatch(
                        subscription -> subscription.sinceNumber >= 0 && subscription.destination.equals(destination));
    }

    private Subscription subscriptionOf(String place) {
        return subscriptions.computeIfAbsent(place, queue -> new Subscription(queue, -1));
    }

    private Violation violation(String rule, String what, HistoryEvent event) {
        return new Violation(rule, what + ": " + event.value(), about(event));
    }

    private List<HistoryEvent> about(HistoryEvent last) {
        return about(last.place(), last.value()).stream()
                .filter(event -> event.number() <= last.number())
                .toList();
    }

    private List<HistoryEvent> about(String place, String value) {
        String destination = subscriptionOf(place).destination;
        return events.stream()
                .filter(event -> event.value().equals(value)
                        && (event.place().equals(place) || event.place().equals(destination)))
                .toList();
    }

    private static final class Sent {
        private final long invokedNumber;
        private Phase end = Phase.UNKNOWN;

        Sent(long invokedNumber) {
            this.invokedNumber = invokedNumber;
        }
    }

    private static final class Subscription {
        private final String destination;
        private final long sinceNumber;
        private final Map<String, Delivered> delivered = new HashMap<>();
        private final Map<String, HistoryEvent> lastInOrder = new HashMap<>();

        Subscription(String destination, long sinceNumber) {
            this.destination = destination;
            this.sinceNumber = sinceNumber;
        }
    }

    /** What became of one message of one subscription. */
    private static final class Delivered {
        private HistoryEvent received;
        private HistoryEvent settling;
        private HistoryEvent settled;
    }
}
