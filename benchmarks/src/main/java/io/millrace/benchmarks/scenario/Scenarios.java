package io.millrace.benchmarks.scenario;

import java.util.List;

/** The catalogue. */
public final class Scenarios {
    private static final List<Scenario> ALL = List.of(
            new QueueLoadScenario(
                    "queue-sync-1x1", "persistent, 1 KiB, 1 synchronous producer, 1 consumer", 1, 1, true, false),
            new QueueLoadScenario(
                    "queue-sync-16x16",
                    "persistent, 1 KiB, 16 synchronous producers, 16 consumers",
                    16,
                    16,
                    true,
                    false),
            new QueueLoadScenario(
                    "queue-async-window",
                    "persistent, 1 KiB, 1 producer with a window of sends with CompletionListener, 1 consumer",
                    1,
                    1,
                    true,
                    true),
            new QueueLoadScenario(
                    "queue-nonpersistent", "non-persistent, 1 KiB, 1 producer, 1 consumer", 1, 1, false, false),
            new QueueLoadScenario(
                    "queue-nonpersistent-16x16",
                    "non-persistent, 1 KiB, 16 producers, 16 consumers",
                    16,
                    16,
                    false,
                    false),
            new QueueDrainScenario(),
            new RestartScenario(),
            new KafkaBulkScenario(),
            new KafkaSyncScenario("kafka-sync", 1),
            new KafkaSyncScenario("kafka-sync-16", 16));

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
