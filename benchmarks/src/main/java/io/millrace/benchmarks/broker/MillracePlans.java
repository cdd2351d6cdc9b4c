package io.millrace.benchmarks.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Starts Millrace as a user would: bin/millrace broker; three of them beside a ZooKeeper of its own process. */
final class MillracePlans {
    private static final Pattern READY = Pattern.compile("^millrace: ready on ");
    private static final Pattern ZOOKEEPER_READY = Pattern.compile("^" + ZooKeeperServer.READY);
    private static final int BROKERS = 3;

    private MillracePlans() {}

    static LaunchPlan single(Installation installation, Memory memory, Path data, int port) {
        return broker(installation, memory, "millrace", data.resolve("millrace"), port, List.of());
    }

    static List<List<LaunchPlan>> replicated(
            Installation installation, Memory memory, Path data, Map<String, String> brokerProperties)
            throws IOException {
        int zooKeeperPort = Ports.free();
        List<LaunchPlan> brokers = new ArrayList<>();
        for (int id = 1; id <= BROKERS; id++) {
            Map<String, String> properties = new TreeMap<>(Map.of(
                    "default.replication.factor",
                    Integer.toString(BROKERS),
                    "default.min.insync.replicas",
                    Integer.toString(BROKERS - 1)));
            properties.putAll(brokerProperties);
            List<String> options =
                    new ArrayList<>(List.of("--zookeeper", "127.0.0.1:" + zooKeeperPort, "--set", "broker.id=" + id));
            properties.forEach((key, value) -> options.addAll(List.of("--set", key + "=" + value)));
            String name = "millrace-" + id;
            brokers.add(broker(installation, memory, name, data.resolve(name), Ports.free(), options));
        }
        return List.of(List.of(zooKeeper(installation, data.resolve("zookeeper"), zooKeeperPort)), brokers);
    }

    private static LaunchPlan broker(
            Installation installation, Memory memory, String name, Path data, int port, List<String> options) {
        List<String> command = new ArrayList<>(List.of(
                installation.millraceCommand().toString(),
                "broker",
                "--data",
                data.toString(),
                "--listen",
                "127.0.0.1:" + port));
        command.addAll(options);
        return new LaunchPlan(
                name,
                command,
                Map.of("MILLRACE_OPTS", String.join(" ", memory.options(BrokerKind.MILLRACE))),
                READY,
                port);
    }

    /** One server with ZooKeeper's own defaults: what it takes note of is on disk before it answers. */
    private static LaunchPlan zooKeeper(Installation installation, Path data, int port) throws IOException {
        Files.createDirectories(data);
        Path config = data.resolve("zoo.cfg");
        Files.writeString(config, """
                tickTime=2000
                dataDir=%s
                clientPortAddress=127.0.0.1
                clientPort=%d
                admin.enableServer=false
                """.formatted(data, port));
        return new LaunchPlan(
                "zookeeper",
                List.of(
                        Installation.java(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-Dzookeeper.jmx.log4j.disable=true",
                        "-cp",
                        installation.zooKeeperClassPath(),
                        ZooKeeperServer.class.getName(),
                        config.toString(),
                        Integer.toString(port)),
                Map.of(),
                ZOOKEEPER_READY,
                LaunchPlan.NO_CLIENTS);
    }
}
