package io.millrace.cli;

import io.millrace.jms.admin.DestinationDescription;
import io.millrace.jms.admin.PartitionDescription;
import io.millrace.jms.admin.SubscriptionDescription;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A destination's description as it is printed. */
final class Description {
    private static final String[] BYTE_UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private final DestinationDescription described;

    Description(DestinationDescription described) {
        this.described = described;
    }

    String plain() {
        StringBuilder out = new StringBuilder();
        line(out, (described.isQueue() ? "queue " : "topic ") + described.name());
        line(out, "  waiting     " + described.waiting());
        line(out, "  in flight   " + described.inFlight());
        line(out, "  consumers   " + consumers());
        line(out, "  size        " + bytes(described.sizeBytes()));
        line(out, "  Kafka topic " + described.topicName() + " (" + described.topicId() + ")");
        if (!described.configs().isEmpty()) {
            line(
                    out,
                    "  settings    "
                            + described.configs().entrySet().stream()
                                    .map(entry -> entry.getKey() + "=" + entry.getValue())
                                    .collect(Collectors.joining(", ")));
        }
        Table partitions = new Table("partition", "leader", "first offset", "committed", "end", "size");
        for (PartitionDescription partition : described.partitions()) {
            partitions.row(
                    partition.index(),
                    partition.leaderId() < 0 ? "none" : partition.leaderId(),
                    partition.logStartOffset(),
                    partition.highWatermark(),
                    partition.logEndOffset(),
                    bytes(partition.sizeBytes() + partition.deliveryLogBytes()));
        }
        out.append(partitions);
        Table subscriptions =
                new Table("partition", "subscription", "waiting", "in flight", "consumers", "first unsettled");
        for (PartitionDescription partition : described.partitions()) {
            for (SubscriptionDescription subscription : partition.subscriptions()) {
                subscriptions.row(
                        partition.index(),
                        name(subscription),
                        subscription.waiting(),
                        subscription.inFlight(),
                        subscription.consumers(),
                        subscription.floor());
            }
        }
        if (!subscriptions.isEmpty()) {
            out.append(subscriptions);
        }
        return out.toString();
    }

    String json() {
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put("kind", described.isQueue() ? "queue" : "topic");
        out.put("name", described.name());
        out.put("topic", described.topicName());
        out.put("topicId", described.topicId());
        out.put("waiting", described.waiting());
        out.put("inFlight", described.inFlight());
        out.put("consumers", consumers());
        out.put("sizeBytes", described.sizeBytes());
        out.put("configs", described.configs());
        out.put(
                "partitions",
                described.partitions().stream().map(Description::json).toList());
        return JsonText.of(out);
    }

    private static Map<String, @Nullable Object> json(PartitionDescription partition) {
        Map<String, @Nullable Object> out = new LinkedHashMap<>();
        out.put("index", partition.index());
        out.put("leader", partition.leaderId());
        out.put("logStartOffset", partition.logStartOffset());
        out.put("highWatermark", partition.highWatermark());
        out.put("logEndOffset", partition.logEndOffset());
        out.put("sizeBytes", partition.sizeBytes());
        out.put("deliveryLogBytes", partition.deliveryLogBytes());
        List<Map<String, @Nullable Object>> subscriptions = new ArrayList<>();
        for (SubscriptionDescription subscription : partition.subscriptions()) {
            Map<String, @Nullable Object> row = new LinkedHashMap<>();
            row.put("kind", subscription.kind());
            row.put("clientId", subscription.clientId());
            row.put("name", subscription.name());
            row.put("waiting", subscription.waiting());
            row.put("inFlight", subscription.inFlight());
            row.put("consumers", subscription.consumers());
            row.put("floor", subscription.floor());
            subscriptions.add(row);
        }
        out.put("subscriptions", subscriptions);
        return out;
    }

    private long consumers() {
        return described.partitions().stream()
                .mapToLong(partition -> partition.subscriptions().stream()
                        .mapToLong(SubscriptionDescription::consumers)
                        .sum())
                .max()
                .orElse(0);
    }

    private static String name(SubscriptionDescription subscription) {
        String name = subscription.name();
        String clientId = subscription.clientId();
        return subscription.kind() + (name == null ? "" : " " + name) + (clientId == null ? "" : " of " + clientId);
    }

    private static String bytes(long count) {
        double amount = count;
        int unit = 0;
        while (amount >= 1024 && unit < BYTE_UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        return unit == 0 ? count + " B" : String.format(Locale.ROOT, "%.1f %s", amount, BYTE_UNITS[unit]);
    }

    private static void line(StringBuilder out, String text) {
        out.append(text).append(System.lineSeparator());
    }
}
