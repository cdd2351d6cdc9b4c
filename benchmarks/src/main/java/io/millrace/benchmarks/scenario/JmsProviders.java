package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.broker.BrokerKind;
import java.util.List;
import java.util.stream.Collectors;

/** Each provider's connection factory and URI. What is set in Artemis's is said in benchmarks/README.md. */
final class JmsProviders {
    private JmsProviders() {}

    static String factory(BrokerKind kind) {
        return switch (kind) {
            case MILLRACE -> "io.millrace.jms.MillraceConnectionFactory";
            case ARTEMIS -> "org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory";
            case KAFKA -> throw new IllegalArgumentException("Kafka has no JMS client");
        };
    }

    static String uri(BrokerKind kind, List<Integer> ports) {
        return switch (kind) {
            case MILLRACE -> "millrace://" + addresses(ports);
            // A confirmation window makes sends with a completion listener asynchronous; a producer window of 1 MiB
            // instead
            // of 64 KiB lets as many of them be under way as the load wants.
            case ARTEMIS -> "tcp://" + addresses(ports) + "?confirmationWindowSize=1048576&producerWindowSize=1048576";
            case KAFKA -> throw new IllegalArgumentException("Kafka has no JMS client");
        };
    }

    static String addresses(List<Integer> ports) {
        return ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    }
}
