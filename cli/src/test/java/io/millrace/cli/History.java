package io.millrace.cli;

import io.millrace.cli.HistoryEvent.Action;
import io.millrace.cli.HistoryEvent.Phase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What producers and consumers set out to do and what became of it, in one order, in the manner of Jepsen: an operation is invoked, and
 * then ends as done, not done, or nobody knows. A begun operation without an end counts as the last. {@link HistoryChecker} judges it. For
 * any thread.
 */
final class History {
    private final long beganNs = System.nanoTime();
    private final List<HistoryEvent> events = new ArrayList<>();
    private final Map<String, String> destinations = new HashMap<>();
    private final Map<String, Set<String>> confirmed = new HashMap<>();
    private final Map<String, Set<String>> received = new HashMap<>();

    /** An operation that was begun. */
    final class Operation {
        private final HistoryEvent invoked;

        private Operation(HistoryEvent invoked) {
            this.invoked = invoked;
        }

        /** It was done. */
        void ok() {
            end(Phase.OK, invoked.offset());
        }

        /** It was done, and this offset was answered. */
        void ok(long offset) {
            end(Phase.OK, offset);
        }

        /** It was certainly not done. */
        void fail() {
            end(Phase.FAIL, invoked.offset());
        }

        /** Nobody knows. */
        void unknown() {
            end(Phase.UNKNOWN, invoked.offset());
        }

        private void end(Phase phase, long offset) {
            add(
                    invoked.operation(),
                    invoked.process(),
                    invoked.action(),
                    phase,
                    invoked.place(),
                    invoked.value(),
                    offset,
                    0);
        }
    }

    // ---- messages

    /** A subscription gets all messages that are sent to the destination from now on. A queue is its own, and need not be named. */
    void subscribed(String subscription, String destination) {
        add(-1, subscription, Action.SUBSCRIBE, Phase.OK, subscription, destination, -1, 0);
    }

    Operation send(String process, String destination, String value) {
        return invoke(process, Action.SEND, destination, value, -1);
    }

    /** The application has got a message. */
    void received(String process, String subscription, String value, int deliveryCount) {
        add(-1, process, Action.RECEIVE, Phase.OK, subscription, value, -1, deliveryCount);
    }

    /** The application sets out to settle a message. */
    Operation settle(String process, String subscription, String value) {
        return invoke(process, Action.SETTLE, subscription, value, -1);
    }

    // ---- the log

    Operation append(String process, String partition, String value) {
        return invoke(process, Action.APPEND, partition, value, -1);
    }

    void read(String process, String partition, long offset, String value) {
        add(-1, process, Action.READ, Phase.OK, partition, value, offset, 0);
    }

    /** A process sets out to read all from an offset on; done with the offset of the end, after all its {@link #read}s. */
    Operation readAll(String process, String partition, long fromOffset) {
        return invoke(process, Action.READ_ALL, partition, "all", fromOffset);
    }

    /** Now, as events say it. */
    long nowNs() {
        return System.nanoTime() - beganNs;
    }

    // ---- what was written down

    synchronized List<HistoryEvent> events() {
        return List.copyOf(events);
    }

    /** Whether these queues and subscriptions have brought everything to somebody that was confirmed as sent, as far as the history goes. */
    synchronized boolean isDelivered(String... subscriptions) {
        return List.of(subscriptions).stream().allMatch(name -> {
            String destination = destinations.getOrDefault(name, name);
            return received.getOrDefault(name, Set.of()).containsAll(confirmed.getOrDefault(destination, Set.of()));
        });
    }

    /** How many sends or appends were confirmed. */
    synchronized int confirmed() {
        return confirmed.values().stream().mapToInt(Set::size).sum();
    }

    /** The same for one destination or partition. */
    synchronized int confirmed(String place) {
        return confirmed.getOrDefault(place, Set.of()).size();
    }

    private Operation invoke(String process, Action action, String place, String value, long offset) {
        return new Operation(add(-1, process, action, Phase.INVOKE, place, value, offset, 0));
    }

    /** One line, field by field. */
    private synchronized HistoryEvent add(
            long operation,
            String process,
            Action action,
            Phase phase,
            String place,
            String value,
            long offset,
            int count) {
        long number = events.size();
        HistoryEvent event = new HistoryEvent(
                number,
                operation < 0 ? number : operation,
                System.nanoTime() - beganNs,
                process,
                action,
                phase,
                place,
                value,
                offset,
                count);
        events.add(event);
        note(event);
        return event;
    }

    private void note(HistoryEvent event) {
        switch (event.action()) {
            case SUBSCRIBE -> destinations.put(event.place(), event.value());
            case SEND, APPEND -> {
                if (event.phase() == Phase.OK) {
                    confirmed
                            .computeIfAbsent(event.place(), place -> new HashSet<>())
                            .add(event.value());
                }
            }
            case RECEIVE ->
                received.computeIfAbsent(event.place(), place -> new HashSet<>())
                        .add(event.value());
            case SETTLE, READ, READ_ALL -> {} // nobody asks how far those are
        }
    }
}
