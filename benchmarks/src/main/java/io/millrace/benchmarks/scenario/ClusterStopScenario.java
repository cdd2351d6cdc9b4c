package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.broker.BrokerKind;
import io.millrace.benchmarks.broker.BrokerProcess;
import io.millrace.benchmarks.broker.ClientProcess;
import io.millrace.benchmarks.broker.Deployment;
import io.millrace.benchmarks.broker.Topology;
import io.millrace.benchmarks.client.JobSpec;
import io.millrace.benchmarks.measure.Figures;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Each of three brokers is stopped in an orderly way and started again, one after the other, under synchronous senders. */
record ClusterStopScenario() implements Scenario {
    private static final int SIZE_BYTES = 1024;
    private static final int SENDERS = 4;
    private static final int MAX_WAITING = 10_000;
    /** Senders go on as long: three restarts fit, or the run fails. */
    private static final int LOAD_MS = 60_000;

    @Override
    public String name() {
        return "cluster-stop";
    }

    @Override
    public String about() {
        return "SIGTERM to each of three brokers in turn under " + SENDERS
                + " synchronous JMS senders, persistent, 1 KiB; the slowest send of all";
    }

    @Override
    public List<Contender> contenders() {
        return List.of(Contender.of(BrokerKind.MILLRACE, Topology.REPLICATED));
    }

    @Override
    public List<Column> columns() {
        return Columns.join(List.of(
                List.of(Column.of("slowest send ms", "slowestSendMs", 1), Column.of("stop, longest ms", "stopMs", 0)),
                Columns.rate(),
                Columns.latency("send", "send")));
    }

    @Override
    public boolean countsFlushes() {
        return false;
    }

    @Override
    public Figures run(Contender contender, Workbench bench) throws IOException, InterruptedException {
        Deployment cluster = bench.deploy(contender);
        ClusterCommands commands = new ClusterCommands(bench, contender, cluster);
        int warmupMs = bench.settings().warmupMs();
        JobSpec job = JobSpec.of("queue-load")
                .with("queue", "bench")
                .with("sizeBytes", SIZE_BYTES)
                .with("producers", SENDERS)
                .with("consumers", 1)
                .with("persistent", true)
                .with("window", 0)
                .with("maxWaiting", MAX_WAITING)
                .with("warmupMs", warmupMs)
                .with("brokersStop", true)
                .with("brokerPids", "") // they come and go
                .with("measureMs", LOAD_MS);
        try (ClientProcess client = bench.startClient(contender, cluster.ports(), job)) {
            client.awaitFirstWord();
            TimeUnit.MILLISECONDS.sleep(warmupMs);
            long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOAD_MS);
            double stopMs = 0;
            for (BrokerProcess broker : cluster.brokers()) {
                commands.awaitInSync();
                long beginNs = System.nanoTime();
                broker.close();
                stopMs = Math.max(stopMs, (System.nanoTime() - beginNs) / 1e6);
                cluster.restart(broker).awaitReady();
            }
            if (System.nanoTime() - endNs > 0) {
                throw new IOException("the brokers were not restarted within " + LOAD_MS + " ms");
            }
            Figures figures = client.awaitFigures();
            return figures.with("stopMs", stopMs).with("slowestSendMs", figures.get("sendMax") / 1000);
        }
    }
}
