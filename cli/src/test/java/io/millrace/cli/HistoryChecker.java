package io.millrace.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Judges a {@link History}: the rules of {@link QueueChecker} for messages, and those of {@link LogChecker} for the log. Owned by the
 * test's thread.
 */
final class HistoryChecker {
    private static final int MAX_SHOWN = 10;

    private final List<HistoryEvent> events;
    private final Set<String> ordered = new HashSet<>();
    private boolean consumersLive;

    HistoryChecker(History history) {
        this.events = history.events();
    }

    /** No consumer died or lost its connection for good: then nothing comes again that one of them set out to settle. */
    HistoryChecker consumersLive() {
        consumersLive = true;
        return this;
    }

    /** Each consumer of this subscription or queue gets each producer's messages in order, those delivered again aside. */
    HistoryChecker ordered(String subscription) {
        ordered.add(subscription);
        return this;
    }

    /** All violations, in the order in which they show. */
    List<Violation> violations() {
        List<Violation> found = new ArrayList<>();
        found.addAll(new QueueChecker(events, consumersLive, ordered).check());
        found.addAll(new LogChecker(events).check());
        found.sort(Comparator.comparingLong(HistoryChecker::lastEvent));
        return found;
    }

    /** Throws if there is any violation, and explains the first ones. */
    void check() {
        List<Violation> found = violations();
        if (!found.isEmpty()) {
            throw new AssertionError(found.size() + " violations in a history of " + events.size() + " events:\n"
                    + found.stream().limit(MAX_SHOWN).map(Violation::toString).collect(Collectors.joining("\n")));
        }
    }

    private static long lastEvent(Violation violation) {
        List<HistoryEvent> its = violation.events();
        return its.isEmpty() ? Long.MAX_VALUE : its.get(its.size() - 1).number();
    }
}
