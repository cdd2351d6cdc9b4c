package io.millrace.cli;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Something in a history that must not be. Immutable.
 *
 * @param rule the name of the rule
 * @param what what happened, in a sentence
 * @param events all that the history has about it, in order
 */
record Violation(String rule, String what, List<HistoryEvent> events) {
    private static final int MAX_EVENTS = 20;

    Violation {
        events = List.copyOf(events);
    }

    @Override
    public String toString() {
        String lines =
                events.stream().limit(MAX_EVENTS).map(event -> "\n    " + event).collect(Collectors.joining());
        return rule + ": " + what + lines
                + (events.size() > MAX_EVENTS ? "\n    and " + (events.size() - MAX_EVENTS) + " more" : "");
    }
}
