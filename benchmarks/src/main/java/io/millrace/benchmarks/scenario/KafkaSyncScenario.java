package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.broker.BrokerKind;
import io.millrace.benchmarks.broker.Deployment;
import io.millrace.benchmarks.broker.Topology;
import io.millrace.benchmarks.client.JobSpec;
import io.millrace.benchmarks.measure.Figures;
import java.io.IOException;
import java.util.List;

/** kafka-clients producers that wait for each record to be on disk. */
record KafkaSyncScenario(String name, Topology topology, int producers, int partitions) implements Scenario {
    private static final int SIZE_BYTES = 1024;

    @Override
    public String about() {
        return "persistent, 1 KiB, " + producers + " synchronous kafka-clients producer" + (producers == 1 ? "" : "s")
                + (partitions == 1 ? "" : " on " + partitions + " partitions")
                + ", acks=all; Kafka with log.flush.interval.messages=1";
    }

    @Override
    public List<Contender> contenders() {
        return List.of(
                Contender.of(BrokerKind.MILLRACE, topology),
                Contender.of(BrokerKind.KAFKA, topology).withBrokerProperty("log.flush.interval.messages", "1"));
    }

    @Override
    public List<Column> columns() {
        return Columns.join(List.of(Columns.rate(), Columns.latency("send", "send"), Columns.costs()));
    }

    @Override
    public boolean countsFlushes() {
        return true;
    }

    @Override
    public Figures run(Contender contender, Workbench bench) throws IOException, InterruptedException {
        Deployment deployment = bench.deploy(contender);
        JobSpec job = JobSpec.of("kafka-sync")
                .with("topic", "bench")
                .with("partitions", partitions)
                .with("replicas", topology.replicas())
                .with("topicConfig", contender.topicConfig())
                .with("sizeBytes", SIZE_BYTES)
                .with("producers", producers)
                .with("warmupMs", bench.settings().warmupMs())
                .with("measureMs", bench.settings().measureMs());
        return bench.runClient(contender, deployment, job);
    }
}
