package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.broker.BrokerKind;
import io.millrace.benchmarks.broker.BrokerProcess;
import io.millrace.benchmarks.broker.Deployment;
import io.millrace.benchmarks.broker.Topology;
import io.millrace.benchmarks.measure.Figures;
import io.millrace.benchmarks.measure.ProcessUsage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What brokers use while nobody uses them: with nothing, and with a thousand partitions of three replicas. */
record ClusterIdleScenario() implements Scenario {
    private static final int BACKLOG_PER_PARTITION = 1000;
    /** The JIT compiler is busy for a while with what the creation ran. */
    private static final int SETTLING_WINDOWS = 3;

    @Override
    public String name() {
        return "cluster-idle";
    }

    @Override
    public String about() {
        return "CPU of a broker, in percent of a core, while nobody uses a thousand partitions of three replicas"
                + " (--backlog / 1000); the broker that uses most";
    }

    @Override
    public List<Contender> contenders() {
        return List.of(Contender.of(BrokerKind.MILLRACE, Topology.REPLICATED));
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Column.of("empty %", "emptyPercent", 2),
                Column.of("idle %", "idlePercent", 2),
                Column.of("idle, mean of brokers %", "idleMeanPercent", 2),
                Column.of("partitions", "partitions", 0));
    }

    @Override
    public boolean countsFlushes() {
        return false;
    }

    @Override
    public Figures run(Contender contender, Workbench bench) throws IOException, InterruptedException {
        Deployment cluster = bench.deploy(contender);
        ClusterCommands commands = new ClusterCommands(bench, contender, cluster);
        int partitions = (int) Math.max(1, bench.settings().backlog() / BACKLOG_PER_PARTITION);
        long windowMs = bench.settings().measureMs();
        bench.progress().step(0, "measuring the empty cluster");
        usePercent(cluster, bench.settings().warmupMs());
        List<Double> empty = usePercent(cluster, windowMs);
        commands.createPartitions(partitions);
        commands.awaitInSync();
        bench.progress().step(0.5, "measuring idle partitions");
        for (int i = 0; i < SETTLING_WINDOWS; i++) {
            usePercent(cluster, windowMs);
        }
        List<Double> idle = usePercent(cluster, windowMs);
        return Figures.NONE
                .with("emptyPercent", max(empty))
                .with("idlePercent", max(idle))
                .with(
                        "idleMeanPercent",
                        idle.stream().mapToDouble(one -> one).average().orElse(0))
                .with("partitions", partitions);
    }

    private static double max(List<Double> values) {
        return values.stream().mapToDouble(one -> one).max().orElse(0);
    }

    private static List<Double> usePercent(Deployment cluster, long windowMs) throws IOException, InterruptedException {
        List<Double> before = cpuMs(cluster);
        long beginNs = System.nanoTime();
        TimeUnit.MILLISECONDS.sleep(windowMs);
        List<Double> after = cpuMs(cluster);
        double elapsedMs = (System.nanoTime() - beginNs) / 1e6;
        List<Double> percents = new ArrayList<>();
        for (int i = 0; i < before.size(); i++) {
            percents.add((after.get(i) - before.get(i)) * 100 / elapsedMs);
        }
        return percents;
    }

    private static List<Double> cpuMs(Deployment cluster) throws IOException {
        List<Double> cpuMs = new ArrayList<>();
        for (BrokerProcess broker : cluster.brokers()) {
            cpuMs.add(ProcessUsage.of(broker.pid()).cpuMs());
        }
        return cpuMs;
    }
}
