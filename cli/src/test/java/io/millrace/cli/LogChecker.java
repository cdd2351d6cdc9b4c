package io.millrace.cli;

import io.millrace.cli.HistoryEvent.Phase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The rules for a partition's log:
 *
 * <ul>
 *   <li><b>invented</b>: what is read was appended there, before;
 *   <li><b>failed</b>: what certainly was not appended is not read;
 *   <li><b>changed</b>: an offset holds the same whenever it is read, and what its producer was told;
 *   <li><b>doubled</b>: a value lies at one offset (for idempotent producers);
 *   <li><b>order</b>: a producer's values lie in their order;
 *   <li><b>vanished</b>: what somebody has read is there for who reads all later;
 *   <li><b>lost</b>: so is what was confirmed as appended.
 * </ul>
 *
 * Owned by the test's thread.
 */
final class LogChecker {
    private final List<HistoryEvent> events;
    private final Map<String, Partition> partitions = new LinkedHashMap<>();
    private final List<Violation> found = new ArrayList<>();

    LogChecker(List<HistoryEvent> events) {
        this.events = events;
    }

    List<Violation> check() {
        for (HistoryEvent event : events) {
            switch (event.action()) {
                case APPEND -> onAppend(event);
                case READ -> onRead(event);
                case READ_ALL -> onReadAll(event);
                case SUBSCRIBE, SEND, RECEIVE, SETTLE -> {} // the queues'
            }
        }
        partitions.forEach((name, partition) -> {
            requireOrder(partition);
            requireReadToTheEnd(name, partition);
        });
        return found;
    }

    private void onAppend(HistoryEvent event) {
        Partition partition = partition(event);
        switch (event.phase()) {
            case INVOKE -> {
                if (partition.appended.put(event.value(), event) != null) {
                    throw new IllegalStateException("the test itself appended twice: " + event);
                }
            }
            case FAIL -> partition.failed.add(event.value());
            case OK -> {
                partition.confirmed.put(event.offset(), event);
                requireSame(partition, event);
            }
            case UNKNOWN -> {} // as if it had no end
        }
    }

    private void onRead(HistoryEvent event) {
        Partition partition = partition(event);
        if (!partition.appended.containsKey(event.value())) {
            found.add(violation("invented", "nobody had appended what " + event.process() + " read", event));
            return;
        }
        if (partition.failed.contains(event.value())) {
            found.add(violation(
                    "failed", event.process() + " read what was not appended, as its producer was told", event));
        }
        requireSame(partition, event);
        HistoryEvent elsewhere = partition.places.putIfAbsent(event.value(), event);
        if (elsewhere != null && elsewhere.offset() != event.offset()) {
            found.add(
                    violation("doubled", "it lies at offsets " + elsewhere.offset() + " and " + event.offset(), event));
        }
        partition.contents.putIfAbsent(event.offset(), event);
        Reading reading = partition.readings.get(event.process());
        if (reading != null) {
            reading.offsets.add(event.offset());
        }
    }

    /** What is read, or was confirmed, is what was confirmed, or read, at that offset before. */
    private void requireSame(Partition partition, HistoryEvent event) {
        HistoryEvent confirmed = partition.confirmed.get(event.offset());
        HistoryEvent read = partition.contents.get(event.offset());
        HistoryEvent before = read != null ? read : confirmed;
        if (before != null && !before.value().equals(event.value())) {
            found.add(new Violation(
                    "changed",
                    "offset " + event.offset() + " held " + before.value() + ", and then " + event.value(),
                    List.of(before, event)));
        }
    }

    private void onReadAll(HistoryEvent event) {
        Partition partition = partition(event);
        if (event.phase() == Phase.INVOKE) {
            partition.readings.put(event.process(), new Reading(event));
            return;
        }
        Reading reading = partition.readings.remove(event.process());
        if (event.phase() == Phase.OK && reading != null) {
            requireAll(partition, reading, event);
        }
    }

    private void requireAll(Partition partition, Reading reading, HistoryEvent end) {
        partition.lastReadAll = reading.began.number();
        long from = reading.began.offset();
        partition.confirmed.tailMap(from, true).forEach((offset, confirmed) -> {
            if (confirmed.number() < reading.began.number() && !reading.offsets.contains(offset)) {
                found.add(violation(
                        "lost",
                        "it was confirmed at offset " + offset + ", and " + end.process() + ", which read all from "
                                + from + " to " + end.offset() + " later, did not find it",
                        confirmed));
            }
        });
        partition.contents.tailMap(from, true).forEach((offset, read) -> {
            if (read.number() < reading.began.number()
                    && !reading.offsets.contains(offset)
                    && !partition.confirmed.containsKey(offset)) {
                found.add(violation(
                        "vanished",
                        read.process() + " has read it at offset " + offset + ", and " + end.process()
                                + ", which read all later, did not find it",
                        read));
            }
        });
    }

    private void requireOrder(Partition partition) {
        Map<String, HistoryEvent> last = new HashMap<>();
        partition.contents.forEach((offset, read) -> {
            HistoryEvent before = last.put(read.producer(), read);
            if (before != null && before.sequence() >= read.sequence()) {
                found.add(new Violation(
                        "order",
                        read.value() + " lies at offset " + offset + ", behind " + before.value() + " at "
                                + before.offset(),
                        List.of(before, read)));
            }
        });
    }

    private static void requireReadToTheEnd(String name, Partition partition) {
        partition.confirmed.values().forEach(confirmed -> {
            if (confirmed.number() > partition.lastReadAll) {
                throw new IllegalStateException("the test itself did not read all of " + name
                        + " after the last append was confirmed: " + confirmed);
            }
        });
    }

    private Partition partition(HistoryEvent event) {
        return partitions.computeIfAbsent(event.place(), name -> new Partition());
    }

    private Violation violation(String rule, String what, HistoryEvent about) {
        return new Violation(
                rule,
                what + ": " + about.value(),
                events.stream()
                        .filter(event -> event.place().equals(about.place())
                                && event.value().equals(about.value()))
                        .toList());
    }

    private static final class Partition {
        private final Map<String, HistoryEvent> appended = new HashMap<>();
        private final Set<String> failed = new HashSet<>();
        private final TreeMap<Long, HistoryEvent> confirmed = new TreeMap<>();
        private final TreeMap<Long, HistoryEvent> contents = new TreeMap<>();
        private final Map<String, HistoryEvent> places = new HashMap<>();
        private final Map<String, Reading> readings = new HashMap<>();
        private long lastReadAll = -1;
    }

    /** A process that sets out to read all. */
    private static final class Reading {
        private final HistoryEvent began;
        private final Set<Long> offsets = new HashSet<>();

        Reading(HistoryEvent began) {
            this.began = began;
        }
    }
}
