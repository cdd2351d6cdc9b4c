package io.millrace.benchmarks.broker;

import io.millrace.benchmarks.measure.FlushTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Starts brokers, each on a directory of its own, with the memory that was asked for. */
public record Brokers(Installation installation, Memory memory, ArtemisJournal artemisJournal) {

    /** Starts a single broker without waiting for it. With a directory for traces its flushes are written there. */
    public Deployment startSingle(
            BrokerKind kind, Path data, int port, Map<String, String> brokerProperties, Optional<Path> flushTraces)
            throws IOException, InterruptedException {
        Files.createDirectories(data);
        LaunchPlan plan =
                switch (kind) {
                    case MILLRACE -> MillracePlans.single(installation, memory, data, port);
                    case ARTEMIS -> ArtemisPlans.single(installation, memory, data, port, artemisJournal);
                    case KAFKA -> KafkaPlans.single(installation, memory, data, port, brokerProperties);
                };
        return Deployment.startOne(traced(plan, flushTraces), data);
    }

    /** Starts a cluster and waits until it serves, and until its replicas follow. */
    public Deployment startReplicated(
            BrokerKind kind, Path data, Map<String, String> brokerProperties, Optional<Path> flushTraces)
            throws IOException, InterruptedException {
        Files.createDirectories(data);
        List<List<LaunchPlan>> stages =
                switch (kind) {
                    case MILLRACE -> MillracePlans.replicated(installation, memory, data, brokerProperties);
                    case ARTEMIS -> ArtemisPlans.replicated(installation, memory, data, artemisJournal);
                    case KAFKA -> KafkaPlans.replicated(installation, memory, data, brokerProperties);
                };
        List<List<LaunchPlan>> traced = stages.stream()
                .map(stage ->
                        stage.stream().map(plan -> traced(plan, flushTraces)).toList())
                .toList();
        return Deployment.startAll(traced, data);
    }

    private static LaunchPlan traced(LaunchPlan plan, Optional<Path> flushTraces) {
        if (flushTraces.isEmpty()) {
            return plan;
        }
        List<String> command =
                new ArrayList<>(FlushTrace.prefix(flushTraces.get().resolve(plan.name() + ".txt")));
        command.addAll(plan.command());
        return new LaunchPlan(plan.name(), command, plan.environment(), plan.ready(), plan.port());
    }
}
