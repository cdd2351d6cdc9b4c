package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.broker.BrokerKind;
import io.millrace.benchmarks.broker.BrokerProcess;
import io.millrace.benchmarks.client.JobSpec;
import io.millrace.benchmarks.measure.Figures;
import java.io.IOException;
import java.util.List;

/** Gigabytes through one kafka-clients producer and back through one consumer. */
record KafkaBulkScenario() implements Scenario {
    private static final int SIZE_BYTES = 1024;

    @Override
    public String name() {
        return "kafka-bulk";
    }

    @Override
    public String about() {
        return "kafka-clients producer (acks=all, its defaults), then consumer, 1 KiB records, one partition;"
                + " Kafka and millrace-async do not fsync, millrace does";
    }

    @Override
    public List<Contender> contenders() {
        return List.of(
                Contender.of(BrokerKind.MILLRACE).withTopicConfig("millrace-async", "durability:async"),
                Contender.of(BrokerKind.MILLRACE),
                Contender.of(BrokerKind.KAFKA));
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
        BrokerProcess broker = bench.startBroker(contender);
        JobSpec job = JobSpec.of("kafka-bulk")
                .with("topic", "bench")
                .with("topicConfig", contender.topicConfig())
                .with("sizeBytes", SIZE_BYTES)
                .with("count", Math.max(1, bench.settings().bulkBytes() / SIZE_BYTES));
        return bench.runClient(contender, broker, job);
    }
}
