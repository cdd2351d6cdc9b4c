package io.millrace.jms.session;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The messages of a CLIENT_ACKNOWLEDGE session that the application has and has not acknowledged, in the order in which it
 * got them (Jakarta Messaging 3.1, 6.2.10). For any thread.
 */
final class Unacknowledged {
    private List<Entry> entries = new ArrayList<>();

    private record Entry(MillraceConsumer consumer, Received received) {}

    synchronized void add(MillraceConsumer consumer, Received received) {
        entries.add(new Entry(consumer, received));
    }

    /** Takes all, by consumer. */
    synchronized Map<MillraceConsumer, List<Received>> take() {
        Map<MillraceConsumer, List<Received>> taken = new LinkedHashMap<>();
        for (Entry entry : entries) {
            taken.computeIfAbsent(entry.consumer, consumer -> new ArrayList<>()).add(entry.received);
        }
        entries = new ArrayList<>();
        return taken;
    }

    /** Takes back what was taken, but for what was lost: nobody has acknowledged it. */
    synchronized void putBack(Map<MillraceConsumer, List<Received>> taken) {
        List<Entry> all = new ArrayList<>();
        taken.forEach((consumer, messages) -> messages.stream()
                .filter(received -> !received.isLost())
                .forEach(received -> all.add(new Entry(consumer, received))));
        all.addAll(entries);
        entries = all;
    }

    /** Takes those of one consumer. */
    synchronized List<Received> take(MillraceConsumer consumer) {
        List<Received> taken = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.consumer == consumer) {
                taken.add(entry.received);
            }
        }
        entries.removeIf(entry -> entry.consumer == consumer);
        return taken;
    }

    synchronized boolean has(MillraceConsumer consumer) {
        for (Entry entry : entries) {
            if (entry.consumer == consumer) {
                return true;
            }
        }
        return false;
    }
}
