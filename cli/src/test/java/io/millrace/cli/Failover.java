package io.millrace.cli;

import io.millrace.cli.HistoryEvent.Action;
import io.millrace.cli.HistoryEvent.Phase;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How long applications of a queue waited when its leader was lost, by their history. Immutable.
 *
 * @param longestSend what the slowest send took that was under way then or begun since
 * @param firstReceived from the loss until a consumer had a message that was sent since
 */
record Failover(Duration longestSend, Duration firstReceived) {
    /**
     * Looks at what befell; nothing while it is not over: a send that was begun before {@code toNs} is under way, or nothing that was sent
     * after the loss was received.
     *
     * @param fromNs when the leader was lost
     */
    static Optional<Failover> of(List<HistoryEvent> events, String queue, long fromNs, long toNs) {
        Map<String, Long> begun = new HashMap<>();
        Map<String, Long> open = new HashMap<>();
        long longestNs = 0;
        boolean isLed = false;
        long receivedNs = Long.MAX_VALUE;
        for (HistoryEvent event : events) {
            if (!event.place().equals(queue)) {
                continue;
            }
            if (event.action() == Action.SEND && event.phase() == Phase.INVOKE) {
                begun.put(event.value(), event.atNs());
                open.put(event.value(), event.atNs());
            } else if (event.action() == Action.SEND) {
                long beganNs = open.remove(event.value());
                if (event.atNs() >= fromNs && beganNs <= toNs) {
                    longestNs = Math.max(longestNs, event.atNs() - beganNs);
                    isLed = true;
                }
            } else if (event.action() == Action.RECEIVE && begun.get(event.value()) >= fromNs) {
                receivedNs = Math.min(receivedNs, event.atNs());
            }
        }
        boolean isOver =
                isLed && receivedNs < Long.MAX_VALUE && open.values().stream().noneMatch(beganNs -> beganNs <= toNs);
        return isOver
                ? Optional.of(new Failover(Duration.ofNanos(longestNs), Duration.ofNanos(receivedNs - fromNs)))
                : Optional.empty();
    }
}
