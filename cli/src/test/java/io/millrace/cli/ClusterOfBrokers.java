package io.millrace.cli;

import io.millrace.jms.admin.ClusterDescription;
import io.millrace.jms.admin.MillraceAdmin;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** Brokers of one cluster, numbered from 1, in processes of their own, over a {@link ZooKeeperEnsemble}. */
final class ClusterOfBrokers implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path directory;
    private final Wiring wiring;
    private final List<String> settings;
    private final SortedMap<Integer, BrokerProcess> running = new TreeMap<>();
    private final SortedMap<Integer, Integer> ports = new TreeMap<>();

    /**
     * @param settings further arguments of each broker
     */
    ClusterOfBrokers(Path directory, ZooKeeperEnsemble ensemble, String... settings) {
        this(directory, id -> ensemble.connect(), settings);
    }

    /**
     * @param settings further arguments of each broker
     */
    ClusterOfBrokers(Path directory, Wiring wiring, String... settings) {
        this.directory = directory;
        this.wiring = wiring;
        this.settings = List.of(settings);
    }

    /** How a broker is started, reaches others and is reached. By itself nothing stands between. */
    interface Wiring {
        /** For {@code --zookeeper} of that broker. */
        String zooKeeper(int id);

        /** Further options of its JVM. */
        default List<String> jvm(int id) throws IOException {
            return List.of();
        }

        /** Further arguments of it. */
        default List<String> arguments(int id) {
            return List.of();
        }

        /** Where clients reach it, which listens on that port. */
        default String address(int id, int port) {
            return "127.0.0.1:" + port;
        }

        /** It listens. */
        default void onStarted(int id, int port) {}

        /** Its process is gone. */
        default void onGone(int id) {}
    }

    /** Starts brokers 1 to {@code count} and waits until they know each other. */
    ClusterOfBrokers startAll(int count) throws IOException {
        for (int id = 1; id <= count; id++) {
            start(id, "broker.rack=rack" + id);
        }
        awaitAll(cluster -> cluster.brokers().size() == count && cluster.controllerId() > 0);
        return this;
    }

    /** Starts a broker, at the address that it had. */
    void start(int id, String... more) throws IOException {
        Path data = Files.createDirectories(directory.resolve("broker-" + id)).resolve("data");
        List<String> arguments =
                new ArrayList<>(List.of("--zookeeper", wiring.zooKeeper(id), "--set", "broker.id=" + id));
        arguments.addAll(wiring.arguments(id));
        arguments.addAll(settings);
        for (String setting : more) {
            arguments.addAll(List.of("--set", setting));
        }
        BrokerProcess process =
                BrokerProcess.start(data, ports.getOrDefault(id, 0), wiring.jvm(id), arguments.toArray(new String[0]));
        wiring.onStarted(id, process.port());
        ports.put(id, process.port());
        running.put(id, process);
    }

    BrokerProcess broker(int id) {
        BrokerProcess process = running.get(id);
        if (process == null) {
            throw new IllegalStateException("broker " + id + " does not run");
        }
        return process;
    }

    /** The brokers that run. */
    List<Integer> running() {
        return List.copyOf(running.keySet());
    }

    /** All addresses, for a client that fails over. */
    String url() {
        return "millrace://" + bootstrapServers();
    }

    /** The same for a Kafka client. */
    String bootstrapServers() {
        return ports.entrySet().stream()
                .map(entry -> wiring.address(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(","));
    }

    void kill(int id) throws InterruptedException {
        broker(id).kill();
        running.remove(id);
        wiring.onGone(id);
    }

    /** SIGTERM; the exit code. */
    int terminate(int id) throws InterruptedException {
        int exitCode = broker(id).terminate();
        running.remove(id);
        wiring.onGone(id);
        return exitCode;
    }

    ClusterDescription seenBy(int id) throws JMSException {
        try (MillraceAdmin admin = admin(id)) {
            return admin.describeCluster();
        }
    }

    MillraceAdmin admin(int id) throws JMSException {
        return MillraceAdmin.connect(broker(id).url());
    }

    /** Waits until every broker that runs sees it so. */
    void awaitAll(Predicate<ClusterDescription> expected) {
        for (int id : running()) {
            Awaitility.await("as seen by broker " + id)
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> seenBy(id), expected);
        }
    }

    @Override
    public void close() throws InterruptedException {
        for (int id : running()) {
            kill(id);
        }
    }
}
