package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.jms.admin.ClusterDescription;
import io.millrace.jms.admin.MillraceAdmin;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three brokers and an ensemble of three, all real processes: what one does all know, whoever dies. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class ClusterIT {
    @TempDir
    private Path directory;

    private ZooKeeperEnsemble ensemble;
    private ClusterOfBrokers cluster;

    @BeforeEach
    void start() throws IOException {
        ensemble = ZooKeeperEnsemble.start(directory, 3);
        cluster = new ClusterOfBrokers(directory, ensemble, "--set", "zookeeper.session.timeout.ms=2000").startAll(3);
    }

    @AfterEach
    void stop() throws InterruptedException {
        cluster.close();
        ensemble.close();
    }

    @Test
    void servesTheSameMetadataEverywhereWhoeverDies() throws Exception {
        // What one creates all see
        create(1, "orders");
        cluster.awaitAll(has("orders"));
        ClusterDescription seen = cluster.seenBy(1);
        assertThat(cluster.seenBy(2)).isEqualTo(seen);
        assertThat(cluster.seenBy(3)).isEqualTo(seen);
        assertThat(seen.partitions())
                .extracting(ClusterDescription.Partition::leaderId)
                .containsExactlyInAnyOrder(1, 2, 3);

        // kill -9 of the controller
        int controller = seen.controllerId();
        cluster.kill(controller);
        cluster.awaitAll(state -> state.controllerId() > 0 && state.controllerId() != controller);
        cluster.awaitAll(state -> state.brokers().size() == 2);
        int survivor = cluster.running().get(0);
        create(survivor, "more");
        cluster.awaitAll(has("more"));
        cluster.awaitAll(state -> state.partitions().stream()
                .filter(partition -> partition.replicas().contains(controller))
                .allMatch(ClusterDescription.Partition::isOffline));
        try (MillraceAdmin admin = cluster.admin(cluster.running().get(1))) {
            admin.deleteQueue("orders");
        }
        cluster.awaitAll(has("orders").negate());

        // It comes back, and deletes what was deleted meanwhile
        cluster.start(controller);
        cluster.awaitAll(state -> state.brokers().size() == 3
                && state.partitions().stream().noneMatch(ClusterDescription.Partition::isOffline));
        assertThat(partitionDirectories(controller)).isEqualTo(held(controller));

        // A server of the ensemble dies
        ensemble.kill(0);
        create(controller, "after");
        cluster.awaitAll(has("after"));
        ensemble.restart(0);

        // All restart
        ClusterDescription before = cluster.seenBy(1);
        for (int id : cluster.running()) {
            assertThat(cluster.terminate(id)).isZero();
        }
        cluster.startAll(3);
        cluster.awaitAll(state -> state.partitions().stream().noneMatch(ClusterDescription.Partition::isOffline));
        ClusterDescription after = cluster.seenBy(2);
        assertThat(after.clusterId()).isEqualTo(before.clusterId());
        assertThat(after.partitions())
                .hasSameSizeAs(before.partitions())
                .allSatisfy(partition -> assertThat(partition.leaderEpoch()).isPositive());
    }

    @Test
    void refusesWhoDoesNotBelong() throws Exception {
        // A second broker of the same number
        Path other = Files.createDirectories(directory.resolve("other")).resolve("data");
        assertThatThrownBy(
                        () -> BrokerProcess.start(other, 0, "--zookeeper", ensemble.connect(), "--set", "broker.id=2"))
                .hasMessageContaining("the broker id 2 is in use");
        // A data directory of another cluster
        cluster.kill(3);
        Path third = directory.resolve("broker-3").resolve("data");
        assertThatThrownBy(() -> BrokerProcess.start(third, 0, "--zookeeper", ensemble.connect() + "/elsewhere"))
                .hasMessageContaining("no cluster in the ZooKeeper ensemble");
        assertThatThrownBy(() -> BrokerProcess.start(third, 0)).hasMessageContaining("broker 3 of the cluster");
        // One without a number draws one
        Path drawn = Files.createDirectories(directory.resolve("drawn")).resolve("data");
        try (BrokerProcess fourth = BrokerProcess.start(drawn, 0, "--zookeeper", ensemble.connect())) {
            cluster.awaitAll(state -> state.brokers().stream().anyMatch(broker -> broker.id() == 1001));
            assertThat(fourth.port()).isPositive();
        }
        // No ensemble
        Path none = Files.createDirectories(directory.resolve("none")).resolve("data");
        assertThatThrownBy(() -> BrokerProcess.start(none, 0, "--zookeeper", "127.0.0.1:1"))
                .hasMessageContaining("no server of the ZooKeeper ensemble 127.0.0.1:1 answered");
    }

    @Test
    void takesABrokerBackThatWasSilentForLongerThanItsSession() throws Exception {
        // Given
        create(1, "orders");
        cluster.awaitAll(has("orders"));
        int silent = cluster.seenBy(1).controllerId() == 2 ? 3 : 2;
        int epoch = partitionOf(silent).leaderEpoch();
        // When
        cluster.broker(silent).pause();
        int other = silent == 2 ? 3 : 2;
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> cluster.seenBy(other).brokers().size() == 2);
        cluster.broker(silent).resume();
        // Then
        cluster.awaitAll(state -> state.brokers().size() == 3
                && state.partitions().stream().noneMatch(ClusterDescription.Partition::isOffline));
        assertThat(partitionOf(silent).leaderEpoch()).isGreaterThan(epoch);
    }

    private ClusterDescription.Partition partitionOf(int id) throws JMSException {
        return cluster.seenBy(1).partitions().stream()
                .filter(partition -> partition.replicas().contains(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void printsWhatItIs() throws Exception {
        // Given
        create(1, "orders");
        cluster.awaitAll(has("orders"));
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> cluster.seenBy(1).controllerId() > 0);
        // When
        CommandRun text = CommandRun.of("cluster", "--url", cluster.broker(1).url());
        // Then
        assertThat(text.exitCode()).isZero();
        assertThat(text.out()).contains("controller", "queue:orders", "rack2", "3 partitions, 0 offline");
    }

    private void create(int through, String queue) throws JMSException {
        try (MillraceAdmin admin = cluster.admin(through)) {
            admin.createQueue(queue, 3, 1, Map.of());
        }
    }

    private static Predicate<ClusterDescription> has(String queue) {
        return state -> state.partitions().stream()
                .anyMatch(partition -> partition.destination().equals(queue));
    }

    private long held(int id) throws JMSException {
        return cluster.seenBy(id).partitions().stream()
                .filter(partition -> partition.replicas().contains(id))
                .count();
    }

    private long partitionDirectories(int id) throws IOException {
        Path partitions = directory.resolve("broker-" + id).resolve("data").resolve("partitions");
        try (var files = Files.list(partitions)) {
            List<Path> directories = files.filter(Files::isDirectory).toList();
            return directories.size();
        }
    }
}
