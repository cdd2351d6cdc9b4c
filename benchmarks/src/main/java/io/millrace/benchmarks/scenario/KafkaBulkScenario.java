package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.broker.BrokerKind;
import io.millrace.benchmarks.broker.Deployment;
import io.millrace.benchmarks.broker.Topology;
import io.millrace.benchmarks.client.JobSpec;
import io.millrace.benchmarks.measure.Figures;
import java.io.IOException;
import java.util.List;

/** Gigabytes through one kafka-clients producer and back through one consumer. */
record KafkaBulkScenario(String name, String about, Topology topology, List<Contender> contenders) implements Scenario {
    private static final int SIZE_BYTES = 1024;

    static KafkaBulkScenario single() {
        return new KafkaBulkScenario(
                "kafka-bulk",
                "kafka-clients producer (acks=all, its defaults), then consumer, 1 KiB records, one partition;"
                        + " Kafka and millrace-async do not fsync, millrace does",
                Topology.SINGLE,
                List.of(
                        Contender.of(BrokerKind.MILLRACE).withTopicConfig("millrace-async", "durability:async"),
                        Contender.of(BrokerKind.MILLRACE),
                        Contender.of(BrokerKind.KAFKA)));
    }

    static KafkaBulkScenario replicated() {
        return new KafkaBulkScenario(
                "cluster-kafka-bulk",
                "kafka-clients producer (acks=all, its defaults), then consumer, 1 KiB records, one partition of three"
                        + " replicas; no fsync on either",
                Topology.REPLICATED,
                List.of(
                        Contender.of(BrokerKind.MILLRACE, Topology.REPLICATED)
                                .withTopicConfig("millrace-replicas", "durability:replicas"),
                        Contender.of(BrokerKind.KAFKA, Topology.REPLICATED)));
    }

    static KafkaBulkScenario replicatedOnDisk() {
        return new KafkaBulkScenario(
                "cluster-kafka-bulk-disk",
                "the same, with Millrace's default durability, and Kafka with log.flush.interval.messages=1",
                Topology.REPLICATED,
                List.of(
                        Contender.of(BrokerKind.MILLRACE, Topology.REPLICATED),
                        Contender.of(BrokerKind.KAFKA, Topology.REPLICATED)
                                .withBrokerProperty("log.flush.interval.messages", "1")));
    }

    @Override
    public List<Column> columns() {
        return Columns.join(List.of(
                List.of(
                        Column.of("produce MB/s", "megabytesPerSecond", 1).andCompared(),
                        Column.of("consume MB/s", "consumeMegabytesPerSecond", 1)
                                .andCompared()),
                Columns.latency("ack", "send"),
                Columns.costs(),
                List.of(
                        Column.of("consume broker CPU us", "consumeBrokerCpuUs", 2),
                        Column.of("consume client CPU us", "consumeClientCpuUs", 2))));
    }

    @Override
    public boolean countsFlushes() {
        return true;
    }

    @Override
    public Figures run(Contender contender, Workbench bench) throws IOException, InterruptedException {
        Deployment deployment = bench.deploy(contender);
        JobSpec job = JobSpec.of("kafka-bulk")
                .with("topic", "bench")
                .with("replicas", topology.replicas())
                .with("topicConfig", contender.topicConfig())
                .with("sizeBytes", SIZE_BYTES)
                .with("count", Math.max(1, bench.settings().bulkBytes() / SIZE_BYTES));
        return bench.runClient(contender, deployment, job);
    }
}
