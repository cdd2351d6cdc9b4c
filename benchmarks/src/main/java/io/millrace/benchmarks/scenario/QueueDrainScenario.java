package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.broker.BrokerKind;
import io.millrace.benchmarks.broker.Deployment;
import io.millrace.benchmarks.measure.Figures;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A queue is filled with nobody there to receive, then one consumer empties it. The rate is the consumer's. */
record QueueDrainScenario() implements Scenario {
    @Override
    public String name() {
        return "queue-drain";
    }

    @Override
    public String about() {
        return "one consumer drains a backlog of persistent 1 KiB messages";
    }

    @Override
    public List<Contender> contenders() {
        return List.of(Contender.of(BrokerKind.MILLRACE), Contender.of(BrokerKind.ARTEMIS));
    }

    @Override
    public List<Column> columns() {
        return Columns.join(List.of(
                Columns.rate(),
                Columns.costs(),
                List.of(
                        Column.of("fill msg/s", "fillRate", 0),
                        Column.of("live heap MB", "liveHeapMb", 0),
                        Column.of("resident MB", "brokerResidentMb", 0))));
    }

    @Override
    public boolean countsFlushes() {
        return true;
    }

    @Override
    public Figures run(Contender contender, Workbench bench) throws IOException, InterruptedException {
        Deployment broker = bench.deploy(contender);
        Figures filled = bench.runClient(contender, broker, BacklogJobs.fill(bench.settings()));
        Optional<Long> heap = broker.liveHeapBytes();
        Figures drained = bench.runClient(contender, broker, BacklogJobs.drain(bench.settings()));
        Figures figures = drained.with(filled.prefixed("fill"));
        return heap.isPresent() ? figures.with("liveHeapMb", heap.get() / 1048576.0) : figures;
    }
}
