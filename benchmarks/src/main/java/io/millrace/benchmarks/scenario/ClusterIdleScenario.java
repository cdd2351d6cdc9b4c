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
import java.util.function.ToDoubleFunction;

/** What brokers use while nobody uses them: with nothing, and with a thousand partitions of three replicas. */
record ClusterIdleScenario() implements Scenario {
    private static final int BACKLOG_PER_PARTITION = 1000;
    /** It is measured over so many windows, one after the other: what happens every half minute is to be in it. */
    private static final int MEASURED_WINDOWS = 6;
    /** The compilers are busy for minutes with what was run before, with pauses: they rest if they do in so many windows. */
    private static final int QUIET_WINDOWS = 3;
    /** What they take of a core then. */
    private static final double QUIET_PERCENT = 0.1;
    /** They are not waited for any longer. */
    private static final int SETTLING_WINDOWS = 60;

    /** What one broker used, in percent of a core. */
    private record Use(double compilers, double others) {
        double all() {
            return compilers + others;
        }
    }

    @Override
    public String name() {
        return "cluster-idle";
    }

    @Override
    public String about() {
        return "CPU of a broker, in percent of a core, while nobody uses a thousand partitions of three replicas"
                + " (--backlog / 1000), when its compilers rest; the broker that uses most";
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
                Column.of("of it compilers %", "compilersPercent", 2),
                Column.of("for the partitions, without compilers %", "partitionsPercent", 2),
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
        List<Use> empty = measure(cluster, windowMs);
        commands.createPartitions(partitions);
        commands.awaitInSync();
        bench.progress().step(0.5, "measuring idle partitions");
        List<Use> idle = measure(cluster, windowMs);
        return Figures.NONE
                .with("emptyPercent", max(empty))
                .with("idlePercent", max(idle))
                .with("idleMeanPercent", mean(idle, Use::all))
                .with("compilersPercent", mean(idle, Use::compilers))
                .with("partitionsPercent", mean(idle, Use::others) - mean(empty, Use::others))
                .with("partitions", partitions);
    }

    private static double max(List<Use> uses) {
        return uses.stream().mapToDouble(Use::all).max().orElse(0);
    }

    private static double mean(List<Use> uses, ToDoubleFunction<Use> of) {
        return uses.stream().mapToDouble(of).average().orElse(0);
    }

    private static List<Use> measure(Deployment cluster, long windowMs) throws IOException, InterruptedException {
        int quiet = 0;
        for (int i = 0; i < SETTLING_WINDOWS && quiet < QUIET_WINDOWS; i++) {
            boolean isQuiet = use(cluster, windowMs).stream().allMatch(one -> one.compilers < QUIET_PERCENT);
            quiet = isQuiet ? quiet + 1 : 0;
        }
        return use(cluster, MEASURED_WINDOWS * windowMs);
    }

    private static List<Use> use(Deployment cluster, long windowMs) throws IOException, InterruptedException {
        List<Use> before = cpuMs(cluster);
        long beginNs = System.nanoTime();
        TimeUnit.MILLISECONDS.sleep(windowMs);
        List<Use> after = cpuMs(cluster);
        double elapsedMs = (System.nanoTime() - beginNs) / 1e6;
        List<Use> percents = new ArrayList<>();
        for (int i = 0; i < before.size(); i++) {
            percents.add(new Use(
                    (after.get(i).compilers - before.get(i).compilers) * 100 / elapsedMs,
                    (after.get(i).others - before.get(i).others) * 100 / elapsedMs));
        }
        return percents;
    }

    /** In ms, from the start of each broker. */
    private static List<Use> cpuMs(Deployment cluster) throws IOException {
        List<Use> cpuMs = new ArrayList<>();
        for (BrokerProcess broker : cluster.brokers()) {
            double compilers = ProcessUsage.compilersCpuMs(broker.pid());
            cpuMs.add(new Use(compilers, ProcessUsage.of(broker.pid()).cpuMs() - compilers));
        }
        return cpuMs;
    }
}
