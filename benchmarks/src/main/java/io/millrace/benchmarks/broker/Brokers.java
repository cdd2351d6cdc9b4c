package io.millrace.benchmarks.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Starts brokers, each on a directory of its own, with the memory that was asked for. */
public record Brokers(Installation installation, Memory memory, ArtemisJournal artemisJournal) {

    /** Starts a broker without waiting for it. With a trace file its flushes are written there. */
    public BrokerProcess start(
            BrokerKind kind, Path data, int port, Map<String, String> brokerProperties, Optional<Path> flushTrace)
            throws IOException, InterruptedException {
        Files.createDirectories(data);
        LaunchPlan plan =
                switch (kind) {
                    case MILLRACE -> MillracePlans.plan(installation, memory, data, port);
                    case ARTEMIS -> ArtemisPlans.plan(installation, memory, data, port, artemisJournal);
                    case KAFKA -> KafkaPlans.plan(installation, memory, data, port, brokerProperties);
                };
        return BrokerProcess.start(kind, traced(plan, flushTrace), data.resolve("broker.log"));
    }

    private static LaunchPlan traced(LaunchPlan plan, Optional<Path> flushTrace) {
        if (flushTrace.isEmpty()) {
            return plan;
        }
        List<String> command = new ArrayList<>(io.millrace.benchmarks.measure.FlushTrace.prefix(flushTrace.get()));
        command.addAll(plan.command());
        return new LaunchPlan(command, plan.environment(), plan.ready(), plan.port());
    }
}
