package io.millrace.benchmarks.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Starts Apache Kafka: one node that is broker and controller, with the settings of its own server.properties for a single
 * node; or three brokers, of which the first is the controller too, as one controller costs less than three. JVM options are those of its
 * start script but for the memory.
 */
final class KafkaPlans {
    private static final int BROKERS = 3;
    private static final Pattern READY = Pattern.compile("Kafka Server started");
    private static final List<String> STOCK_OPTIONS = List.of(
            "-server",
            "-XX:+UseG1GC",
            "-XX:MaxGCPauseMillis=20",
            "-XX:InitiatingHeapOccupancyPercent=35",
            "-XX:+ExplicitGCInvokesConcurrent",
            "-Djava.awt.headless=true");

    private KafkaPlans() {}

    static LaunchPlan single(
            Installation installation, Memory memory, Path data, int port, Map<String, String> brokerProperties)
            throws IOException, InterruptedException {
        Map<String, String> properties = new LinkedHashMap<>(
                Map.of("transaction.state.log.replication.factor", "1", "transaction.state.log.min.isr", "1"));
        properties.put("offsets.topic.replication.factor", "1");
        properties.putAll(brokerProperties);
        Node node = new Node(1, "kafka", port, Ports.free());
        return plan(installation, memory, data, node, properties);
    }

    static List<List<LaunchPlan>> replicated(
            Installation installation, Memory memory, Path data, Map<String, String> brokerProperties)
            throws IOException, InterruptedException {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("default.replication.factor", Integer.toString(BROKERS));
        properties.put("min.insync.replicas", Integer.toString(BROKERS - 1));
        properties.putAll(brokerProperties);
        int controllerPort = Ports.free();
        List<LaunchPlan> brokers = new ArrayList<>();
        for (int id = 1; id <= BROKERS; id++) {
            Node node = new Node(id, "kafka-" + id, Ports.free(), controllerPort);
            brokers.add(plan(installation, memory, data, node, properties));
        }
        return List.of(brokers);
    }

    /** The node with the number 1 is the controller. */
    private record Node(int id, String name, int port, int controllerPort) {
        boolean isController() {
            return id == 1;
        }
    }

    private static LaunchPlan plan(
            Installation installation, Memory memory, Path data, Node node, Map<String, String> brokerProperties)
            throws IOException, InterruptedException {
        Path properties = data.resolve(node.name() + ".properties");
        Path logs = data.resolve(node.name());
        if (!Files.exists(properties)) {
            Files.writeString(properties, properties(node, logs, brokerProperties));
            format(installation, properties, data.resolve(node.name() + "-format.log"));
        }
        List<String> command = new ArrayList<>(List.of(Installation.java()));
        command.addAll(memory.options(BrokerKind.KAFKA));
        command.addAll(STOCK_OPTIONS);
        command.addAll(List.of(
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
                "-cp",
                installation.classPath(BrokerKind.KAFKA),
                "kafka.Kafka",
                properties.toString()));
        return new LaunchPlan(node.name(), command, Map.of(), READY, node.port());
    }

    private static String properties(Node node, Path logs, Map<String, String> more) {
        String listener = "PLAINTEXT://127.0.0.1:" + node.port();
        String controller = ",CONTROLLER://127.0.0.1:" + node.controllerPort();
        StringBuilder text = new StringBuilder("""
                process.roles=%s
                node.id=%d
                controller.quorum.voters=1@127.0.0.1:%d
                listeners=%s
                inter.broker.listener.name=PLAINTEXT
                controller.listener.names=CONTROLLER
                listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
                num.network.threads=3
                num.io.threads=8
                socket.send.buffer.bytes=102400
                socket.receive.buffer.bytes=102400
                log.dirs=%s
                num.partitions=1
                """.formatted(
                        node.isController() ? "broker,controller" : "broker",
                        node.id(),
                        node.controllerPort(),
                        node.isController() ? listener + controller : listener,
                        logs));
        more.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
        return text.toString();
    }

    private static void format(Installation installation, Path properties, Path log)
            throws IOException, InterruptedException {
        Process process = Children.adopt(new ProcessBuilder(
                        Installation.java(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        "-cp",
                        installation.classPath(BrokerKind.KAFKA),
                        "kafka.tools.StorageTool",
                        "format",
                        "--cluster-id",
                        "AAAAAAAAQACAAAAAAAAAAQ",
                        "--config",
                        properties.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start());
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException("Kafka's storage could not be formatted:\n" + Files.readString(log));
        }
    }
}
