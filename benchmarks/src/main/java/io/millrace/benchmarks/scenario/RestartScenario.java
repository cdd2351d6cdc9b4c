package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.broker.BrokerKind;
import io.millrace.benchmarks.broker.BrokerProcess;
import io.millrace.benchmarks.broker.ClientProcess;
import io.millrace.benchmarks.broker.Deployment;
import io.millrace.benchmarks.client.JobSpec;
import io.millrace.benchmarks.measure.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The broker is killed with a backlog waiting, and started again, twice: once to weigh its heap, once with a client that
 * waits for its first message. Then the whole backlog has to be there.
 */
record RestartScenario() implements Scenario {
    @Override
    public String name() {
        return "restart-after-kill";
    }

    @Override
    public String about() {
        return "kill -9 with a backlog of persistent 1 KiB messages; times from the start of the process";
    }

    @Override
    public List<Contender> contenders() {
        return List.of(Contender.of(BrokerKind.MILLRACE), Contender.of(BrokerKind.ARTEMIS));
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Column.of("ready, empty ms", "emptyReadyMs", 0),
                Column.of("ready ms", "readyMs", 0).andCompared(),
                Column.of("ready again ms", "secondReadyMs", 0),
                Column.of("first message ms", "firstMessageMs", 0).andCompared(),
                Column.of("live heap MB", "liveHeapMb", 0).andCompared(),
                Column.of("drain msg/s", "rate", 0).andCompared(),
                Column.of("fill msg/s", "fillRate", 0));
    }

    @Override
    public boolean countsFlushes() {
        return false;
    }

    @Override
    public Figures run(Contender contender, Workbench bench) throws IOException, InterruptedException {
        Deployment deployment = bench.deploy(contender);
        BrokerProcess empty = deployment.broker();
        Figures filled = bench.runClient(contender, deployment, BacklogJobs.fill(bench.settings()));
        empty.kill();

        bench.progress().step(0, "restarting");
        BrokerProcess first = deployment.restart(empty).awaitReady();
        Optional<Long> heap = first.liveHeapBytes();
        first.kill();

        Path pidFile = bench.directory().resolve("broker.pid");
        JobSpec drain = BacklogJobs.drain(bench.settings()).with("brokerPidFile", pidFile);
        try (ClientProcess client = bench.startClient(contender, deployment.ports(), drain)) {
            client.awaitFirstWord();
            BrokerProcess second = deployment.restart(first);
            Files.writeString(pidFile, Long.toString(second.pid()));
            second.awaitReady();
            Figures drained = client.awaitFigures();
            Figures figures = drained.with(filled.prefixed("fill"))
                    .with("emptyReadyMs", empty.millisToReady())
                    .with("readyMs", first.millisToReady())
                    .with("secondReadyMs", second.millisToReady())
                    .with("firstMessageMs", drained.get("firstMessageEpochMs") - second.startedEpochMs());
            return heap.isPresent() ? figures.with("liveHeapMb", heap.get() / 1048576.0) : figures;
        }
    }
}
