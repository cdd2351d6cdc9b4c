package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.broker.BrokerKind;
import io.millrace.benchmarks.broker.Topology;
import java.util.Map;

/**
 * Who is measured: a broker with what is set on it for this scenario. The topic's configuration is given when a Kafka topic
 * is created; queues are created by their first use.
 */
public record Contender(
        String label, BrokerKind kind, Topology topology, Map<String, String> brokerProperties, String topicConfig) {
    public Contender {
        brokerProperties = Map.copyOf(brokerProperties);
    }

    static Contender of(BrokerKind kind) {
        return of(kind, Topology.SINGLE);
    }

    static Contender of(BrokerKind kind, Topology topology) {
        return new Contender(kind.lowerCase(), kind, topology, Map.of(), "");
    }

    Contender withBrokerProperty(String key, String value) {
        return new Contender(label, kind, topology, Map.of(key, value), topicConfig);
    }

    /** The same with so many replicas of each queue, under a name that says so. */
    Contender withCopies(int copies) {
        String newLabel = label + "-" + copies + "-copies";
        return new Contender(
                newLabel, kind, topology, Map.of("default.replication.factor", Integer.toString(copies)), topicConfig);
    }

    Contender withTopicConfig(String newLabel, String config) {
        return new Contender(newLabel, kind, topology, brokerProperties, config);
    }
}
