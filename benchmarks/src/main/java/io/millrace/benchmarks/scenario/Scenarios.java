package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.broker.Topology;
import java.util.List;

/** The catalogue. */
public final class Scenarios {
    private static final List<Scenario> ALL = List.of(
            queueLoad("queue-sync-1x1", Topology.SINGLE, 1, true, false),
            queueLoad("queue-sync-16x16", Topology.SINGLE, 16, true, false),
            queueLoad("queue-async-window", Topology.SINGLE, 1, true, true),
            queueLoad("queue-nonpersistent", Topology.SINGLE, 1, false, false),
            queueLoad("queue-nonpersistent-16x16", Topology.SINGLE, 16, false, false),
            new QueueDrainScenario(),
            new RestartScenario(),
            KafkaBulkScenario.single(),
            new KafkaSyncScenario("kafka-sync", Topology.SINGLE, 1, 1),
            new KafkaSyncScenario("kafka-sync-16", Topology.SINGLE, 16, 1),
            queueLoad("cluster-queue-sync-1x1", Topology.REPLICATED, 1, true, false),
            queueLoad("cluster-queue-sync-16x16", Topology.REPLICATED, 16, true, false),
            queueLoad("cluster-queue-async-window", Topology.REPLICATED, 1, true, true),
            new KafkaSyncScenario("cluster-kafka-sync", Topology.REPLICATED, 1, 1),
            new KafkaSyncScenario("cluster-kafka-sync-16", Topology.REPLICATED, 16, 1),
            new KafkaSyncScenario("cluster-kafka-sync-16p", Topology.REPLICATED, 16, 16),
            KafkaBulkScenario.replicated(),
            KafkaBulkScenario.replicatedOnDisk(),
            new ClusterStopScenario(),
            new ClusterIdleScenario(),
            new ClusterStartScenario());

    private static Scenario queueLoad(String name, Topology topology, int pairs, boolean persistent, boolean windowed) {
        String producers = pairs == 1 ? "1 producer" : pairs + " producers";
        String consumers = pairs == 1 ? "1 consumer" : pairs + " consumers";
        String about = (persistent ? "persistent" : "non-persistent") + ", 1 KiB, "
                + (persistent && !windowed ? producers.replace(" ", " synchronous ") : producers)
                + (windowed ? " with a window of sends with CompletionListener, " : ", ") + consumers
                + (topology == Topology.REPLICATED ? ", replicated" : "");
        return new QueueLoadScenario(name, about, topology, pairs, pairs, persistent, windowed);
    }

    private Scenarios() {}

    public static List<Scenario> all() {
        return ALL;
    }

    public static Scenario named(String name) {
        return ALL.stream()
                .filter(scenario -> scenario.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no scenario '" + name + "'; there are "
                        + String.join(", ", ALL.stream().map(Scenario::name).toList())));
    }
}
