package io.millrace.cli;

import io.millrace.jms.admin.DestinationDescription;
import io.millrace.jms.admin.PartitionDescription;
import io.millrace.jms.admin.SubscriptionDescription;
import io.millrace.protocol.DestinationName;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A destination's description as tables and as JSON. */
final class DescriptionPrinter {
    private final DestinationName destination;
    private final DestinationDescription description;

    DescriptionPrinter(DestinationName destination, DestinationDescription description) {
        this.destination = destination;
        this.description = description;
    }

    void print(PrintWriter out) {
        StringBuilder settings = new StringBuilder();
        description
                .configs()
                .forEach((key, value) ->
                        settings.append(' ').append(key).append('=').append(value));
        out.println(destination + ", Kafka topic " + description.topicName() + ", id " + description.topicId());
        out.println("settings:" + (settings.isEmpty() ? " the broker's" : settings));
        out.println("waiting " + description.waiting() + ", in flight " + description.inFlight() + ", consumers "
                + consumers() + ", bytes " + description.sizeBytes());
        out.println();
        partitions().print(out);
        Table subscriptions = subscriptions();
        if (!subscriptions.isEmpty()) {
            out.println();
            subscriptions.print(out);
        }
    }

    private Table partitions() {
        Table table = new Table("PARTITION", "LEADER", "START", "COMMITTED", "END", "BYTES", "DELIVERY LOG BYTES");
        for (PartitionDescription partition : description.partitions()) {
            table.add(
                    partition.index(),
                    partition.leaderId(),
                    partition.logStartOffset(),
                    partition.highWatermark(),
                    partition.logEndOffset(),
                    partition.sizeBytes(),
                    partition.deliveryLogBytes());
        }
        return table;
    }

    private Table subscriptions() {
        Table table = new Table(
                "SUBSCRIPTION", "CLIENT ID", "KIND", "PARTITION", "WAITING", "IN FLIGHT", "CONSUMERS", "FLOOR");
        for (PartitionDescription partition : description.partitions()) {
            for (SubscriptionDescription subscription : partition.subscriptions()) {
                table.add(
                        orDash(subscription.name()),
                        orDash(subscription.clientId()),
                        subscription.kind(),
                        partition.index(),
                        subscription.waiting(),
                        subscription.inFlight(),
                        subscription.consumers(),
                        subscription.floor());
            }
        }
        return table;
    }

    private static String orDash(@Nullable String text) {
        return text == null ? "-" : text;
    }

    Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("kind", destination.kind().word());
        object.put("name", destination.name());
        object.put("topic", description.topicName());
        object.put("topicId", description.topicId());
        object.put("configs", description.configs());
        object.put("waiting", description.waiting());
        object.put("inFlight", description.inFlight());
        object.put("consumers", consumers());
        object.put("bytes", description.sizeBytes());
        object.put(
                "partitions",
                description.partitions().stream()
                        .map(DescriptionPrinter::object)
                        .toList());
        return object;
    }

    private static Map<String, Object> object(PartitionDescription partition) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("partition", partition.index());
        object.put("leader", partition.leaderId());
        object.put("logStartOffset", partition.logStartOffset());
        object.put("highWatermark", partition.highWatermark());
        object.put("logEndOffset", partition.logEndOffset());
        object.put("bytes", partition.sizeBytes());
        object.put("deliveryLogBytes", partition.deliveryLogBytes());
        object.put(
                "subscriptions",
                partition.subscriptions().stream()
                        .map(DescriptionPrinter::object)
                        .toList());
        return object;
    }

    private static Map<String, @Nullable Object> object(SubscriptionDescription subscription) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("kind", subscription.kind());
        object.put("clientId", subscription.clientId());
        object.put("name", subscription.name());
        object.put("waiting", subscription.waiting());
        object.put("inFlight", subscription.inFlight());
        object.put("consumers", subscription.consumers());
        object.put("floor", subscription.floor());
        return object;
    }

    /** A consumer may be attached to several partitions and is counted once: where a subscription has most. */
    private int consumers() {
        Map<List<String>, Integer> most = new LinkedHashMap<>();
        for (PartitionDescription partition : description.partitions()) {
            for (SubscriptionDescription subscription : partition.subscriptions()) {
                List<String> key =
                        List.of(subscription.kind(), orDash(subscription.clientId()), orDash(subscription.name()));
                most.merge(key, subscription.consumers(), Math::max);
            }
        }
        return most.values().stream().mapToInt(Integer::intValue).sum();
    }
}
