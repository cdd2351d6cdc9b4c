package io.millrace.benchmarks.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Starts Apache Kafka: one node that is broker and controller, with the settings of its own server.properties for a single
 * node. JVM options are those of its start script but for the memory.
 */
final class KafkaPlans {
    private static final Pattern READY = Pattern.compile("Kafka Server started");
    private static final List<String> STOCK_OPTIONS = List.of(
            "-server",
            "-XX:+UseG1GC",
            "-XX:MaxGCPauseMillis=20",
            "-XX:InitiatingHeapOccupancyPercent=35",
            "-XX:+ExplicitGCInvokesConcurrent",
            "-Djava.awt.headless=true");

    private KafkaPlans() {}

    static LaunchPlan plan(
            Installation installation, Memory memory, Path data, int port, Map<String, String> brokerProperties)
            throws IOException, InterruptedException {
        Path properties = data.resolve("server.properties");
        Path logs = data.resolve("kafka");
        if (!Files.exists(properties)) {
            Files.writeString(properties, properties(port, Ports.free(), logs, brokerProperties));
            format(installation, properties, data.resolve("format.log"));
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
        return new LaunchPlan(command, Map.of(), READY, port);
    }

    private static String properties(int port, int controllerPort, Path logs, Map<String, String> more) {
        StringBuilder text = new StringBuilder("""
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@127.0.0.1:%d
                listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d
                inter.broker.listener.name=PLAINTEXT
                controller.listener.names=CONTROLLER
                listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
                num.network.threads=3
                num.io.threads=8
                socket.send.buffer.bytes=102400
                socket.receive.buffer.bytes=102400
                log.dirs=%s
                num.partitions=1
                offsets.topic.replication.factor=1
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                """.formatted(controllerPort, port, controllerPort, logs));
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
