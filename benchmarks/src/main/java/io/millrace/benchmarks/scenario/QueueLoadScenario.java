package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.broker.BrokerKind;
import io.millrace.benchmarks.broker.Deployment;
import io.millrace.benchmarks.broker.Topology;
import io.millrace.benchmarks.client.JobSpec;
import io.millrace.benchmarks.measure.Figures;
import java.io.IOException;
import java.util.List;

/** Producers and consumers on one queue for a stretch of time. */
record QueueLoadScenario(
        String name,
        String about,
        Topology topology,
        int producers,
        int consumers,
        boolean persistent,
        boolean windowed)
        implements Scenario {
    private static final int SIZE_BYTES = 1024;
    private static final int ARTEMIS_COPIES = 2;
    /** Producers wait while more messages than this are sent and not received, so that a queue stays a queue. */
    private static final int MAX_WAITING = 10_000;

    @Override
    public List<Contender> contenders() {
        Contender millrace = Contender.of(BrokerKind.MILLRACE, topology);
        Contender artemis = Contender.of(BrokerKind.ARTEMIS, topology);
        return switch (topology) {
            case SINGLE -> List.of(millrace, artemis);
            // Artemis has two copies in its pair: Millrace is measured with one more, and with as many.
            case REPLICATED -> List.of(millrace, millrace.withCopies(ARTEMIS_COPIES), artemis);
        };
    }

    @Override
    public List<Column> columns() {
        return Columns.join(List.of(
                Columns.rate(),
                Columns.latency("send", "send"),
                Columns.latency("end to end", "endToEnd"),
                Columns.costs()));
    }

    @Override
    public boolean countsFlushes() {
        return true;
    }

    @Override
    public Figures run(Contender contender, Workbench bench) throws IOException, InterruptedException {
        Deployment deployment = bench.deploy(contender);
        JobSpec job = JobSpec.of("queue-load")
                .with("queue", "bench")
                .with("sizeBytes", SIZE_BYTES)
                .with("producers", producers)
                .with("consumers", consumers)
                .with("persistent", persistent)
                .with("window", windowed ? bench.settings().window() : 0)
                .with("maxWaiting", MAX_WAITING)
                .with("warmupMs", bench.settings().warmupMs())
                .with("measureMs", bench.settings().measureMs());
        return bench.runClient(contender, deployment, job);
    }
}
