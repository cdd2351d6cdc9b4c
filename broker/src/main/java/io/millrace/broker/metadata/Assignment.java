package io.millrace.broker.metadata;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where new replicas go: to the brokers that have the fewest, the first of a partition, which leads it, to the one that is first of
 * the fewest; and never a second one into a rack while there is a rack without. Brokers in
 * maintenance come last. Owned by one creation.
 */
final class Assignment {
    private final List<BrokerAddress> brokers;
    private final Set<Integer> maintenance;
    private final Map<Integer, Integer> replicas = new HashMap<>();
    private final Map<Integer, Integer> first = new HashMap<>();

    /**
     * @param brokers the living ones
     * @param present what is on them already, and which are in maintenance
     */
    Assignment(List<BrokerAddress> brokers, MetadataImage present) {
        this.brokers = List.copyOf(brokers);
        this.maintenance = present.settings().maintenance();
        for (Destination destination : present.destinations()) {
            for (PartitionState state : destination.partitions()) {
                count(state.placement().target());
            }
        }
    }

    /** The brokers of the next partition. */
    List<BrokerAddress> next(int factor) {
        List<BrokerAddress> chosen = new ArrayList<>();
        Set<Object> racks = new HashSet<>();
        while (chosen.size() < factor) {
            Comparator<BrokerAddress> order = Comparator.<BrokerAddress>comparingInt(
                            broker -> maintenance.contains(broker.id()) ? 1 : 0)
                    .thenComparingInt(broker -> racks.contains(rackOf(broker)) ? 1 : 0)
                    .thenComparingInt(broker -> chosen.isEmpty() ? first.getOrDefault(broker.id(), 0) : 0)
                    .thenComparingInt(broker -> replicas.getOrDefault(broker.id(), 0))
                    .thenComparingInt(BrokerAddress::id);
            BrokerAddress next = brokers.stream()
                    .filter(broker -> !chosen.contains(broker))
                    .min(order)
                    .orElseThrow(
                            () -> new IllegalArgumentException(factor + " replicas on " + brokers.size() + " brokers"));
            chosen.add(next);
            racks.add(rackOf(next));
        }
        count(chosen.stream().map(BrokerAddress::id).toList());
        return chosen;
    }

    private void count(List<Integer> ids) {
        first.merge(ids.get(0), 1, Integer::sum);
        ids.forEach(id -> replicas.merge(id, 1, Integer::sum));
    }

    /** A broker that does not say has a rack of its own. */
    private static Object rackOf(BrokerAddress broker) {
        @Nullable String rack = broker.rack();
        return Objects.requireNonNullElse(rack, broker.id());
    }
}
