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

/** How long brokers with ten thousand partitions take to start after kill -9: one of three, and all at once. */
record ClusterStartScenario() implements Scenario {
    private static final int BACKLOG_PER_PARTITION = 100;

    @Override
    public String name() {
        return "cluster-start";
    }

    @Override
    public String about() {
        return "kill -9 and start with ten thousand partitions of three replicas (--backlog / 100)";
    }

    @Override
    public List<Contender> contenders() {
        return List.of(Contender.of(BrokerKind.MILLRACE, Topology.REPLICATED));
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Column.of("one of three: ready ms", "oneReadyMs", 0),
                Column.of("its CPU ms", "oneCpuMs", 0),
                Column.of("all in sync ms", "oneInSyncMs", 0),
                Column.of("all three: ready ms", "allReadyMs", 0),
                Column.of("all in sync ms", "allInSyncMs", 0),
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
        bench.progress().step(0, "creating partitions");
        commands.createPartitions(partitions);
        commands.awaitInSync();

        bench.progress().step(0.3, "restarting one broker");
        BrokerProcess killed = cluster.broker();
        killed.kill();
        long oneBeginNs = System.nanoTime();
        BrokerProcess one = cluster.restart(killed).awaitReady();
        double oneCpuMs = ProcessUsage.of(one.pid()).cpuMs();
        commands.awaitInSync();
        double oneInSyncMs = millisSince(oneBeginNs);

        bench.progress().step(0.6, "restarting all brokers");
        List<BrokerProcess> all = cluster.brokers();
        for (BrokerProcess broker : all) {
            broker.kill();
        }
        long allBeginNs = System.nanoTime();
        List<BrokerProcess> restarted = new ArrayList<>();
        for (BrokerProcess broker : all) {
            restarted.add(cluster.restart(broker));
        }
        for (BrokerProcess broker : restarted) {
            broker.awaitReady();
        }
        double allReadyMs = millisSince(allBeginNs);
        commands.awaitInSync();
        return Figures.NONE
                .with("oneReadyMs", one.millisToReady())
                .with("oneCpuMs", oneCpuMs)
                .with("oneInSyncMs", oneInSyncMs)
                .with("allReadyMs", allReadyMs)
                .with("allInSyncMs", millisSince(allBeginNs))
                .with("partitions", partitions);
    }

    private static double millisSince(long beginNs) {
        return (System.nanoTime() - beginNs) / 1e6;
    }
}
