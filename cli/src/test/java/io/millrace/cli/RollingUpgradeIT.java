package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.jms.admin.ClusterDescription;
import io.millrace.jms.admin.FormatLevels;
import io.millrace.jms.admin.MillraceAdmin;
import jakarta.jms.Session;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three brokers of this build are replaced, one after the other and under load, by the next build, in which every version of what is stored
 * and sent between brokers is one higher: they run mixed, a leader is killed meanwhile, one goes back, the level is raised, and from then on
 * this build is refused. The next build is what {@code -Dmillrace.formats=next} makes: the same classes with other format versions.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
final class RollingUpgradeIT {
    private static final Path NEXT =
            Path.of(System.getProperty("basedir", "."), "..", "broker", "src", "main", "formats", "next");
    private static final String QUEUE = "queue:orders";
    private static final String TOPIC = "topic:prices";
    private static final String SUBSCRIPTION = "prices-kept";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern LINKED = Pattern.compile("linked to a broker .*protocol=\"?(\\d+)");
    private static final int JOURNAL_FRAME_MAGIC = 0x4d524a46;
    private static final int JOURNAL_BLOCK_BYTES = 4096;

    private final History history = new History();
    private final Set<Integer> next = new HashSet<>();

    @TempDir
    private Path directory;

    private ZooKeeperEnsemble ensemble;
    private ClusterOfBrokers cluster;

    @BeforeEach
    void start() throws Exception {
        assertThat(NEXT.resolve("millrace/format-versions.properties")).exists();
        ensemble = ZooKeeperEnsemble.start(directory, 1);
        cluster =
                new ClusterOfBrokers(directory, new Builds(), "--set", "zookeeper.session.timeout.ms=2000").startAll(3);
        try (MillraceAdmin admin = cluster.admin(1)) {
            admin.createQueue("orders", 1, Map.of("min.insync.replicas", "2"));
            admin.createTopic("prices", 2, Map.of());
        }
        awaitAllInSync();
    }

    @AfterEach
    void stop() throws InterruptedException {
        cluster.close();
        ensemble.close();
    }

    /** Which build each broker is of. */
    private final class Builds implements ClusterOfBrokers.Wiring {
        @Override
        public String zooKeeper(int id) {
            return ensemble.connect();
        }

        @Override
        public List<String> jvm(int id) {
            return next.contains(id)
                    ? List.of(
                            "-cp", NEXT + File.pathSeparator + BrokerProcess.classPath(), "-Dmillrace.log.level=DEBUG")
                    : List.of();
        }
    }

    @Test
    void runsMixedGoesBackAndForthAndRefusesThePlainBuildOnceTheLevelIsRaised() throws Exception {
        try (JmsLoad load = new JmsLoad(cluster.url(), history)) {
            load.consumer("auto", QUEUE, Session.AUTO_ACKNOWLEDGE)
                    .consumer("client", QUEUE, Session.CLIENT_ACKNOWLEDGE)
                    .listener("listener", QUEUE)
                    .durable(SUBSCRIPTION, TOPIC)
                    .producers(QUEUE, 2)
                    .producers(TOPIC, 2);
            awaitProgress();

            // Mixed
            replace(1);
            assertThatThrownBy(() -> raise(1, 2))
                    .hasMessageContaining("level 2")
                    .hasMessageContaining("broker 2")
                    .hasMessageContaining("broker 3");
            replace(2);
            killTheLeader();
            takeBack(1);
            killTheLeader();
            assertThat(levelSeenBy(2)).isEqualTo(1);
            assertThat(storedVersions()).containsOnly("1");
            assertThat(journalVersions()).containsExactly(1);
            assertThat(protocolsOf(2)).containsExactlyInAnyOrder("0", "1"); // with this build's, and with its own kind

            // Raised
            replace(1);
            replace(3);
            raise(1, 2);
            for (int id : cluster.running()) {
                assertThat(levelSeenBy(id)).isEqualTo(2);
            }
            killTheLeader();
            assertThat(storedVersions()).contains("2");
            assertThat(journalVersions()).contains(2);
            assertThatThrownBy(() -> raise(1, 1)).hasMessageContaining("never goes back");

            // No way back
            assertThat(cluster.terminate(3)).isZero();
            awaitProgress();
            next.remove(3);
            assertThatThrownBy(() -> cluster.start(3))
                    .hasMessageContaining("was written at format level 2")
                    .hasMessageContaining("needs release next");
            assertThatThrownBy(() -> cluster.start(4))
                    .hasMessageContaining("the cluster is at format level 2")
                    .hasMessageContaining("needs release next");
            next.add(3);
            cluster.start(3);
            awaitAllInSync();

            load.stopProducing();
            await().atMost(PATIENCE).until(() -> history.isDelivered(QUEUE, SUBSCRIPTION));
            load.stopConsuming();
            assertThat(load.surprises()).isEmpty();
            assertThat(load.failures()).isEmpty();
            assertThat(load.drain(QUEUE, Duration.ofSeconds(3))).isZero();
            new HistoryChecker(history).consumersLive().check();
        }
    }

    // ---- what is done

    private void replace(int id) throws Exception {
        restart(id, () -> next.add(id));
    }

    private void takeBack(int id) throws Exception {
        restart(id, () -> next.remove(id));
    }

    private void restart(int id, Runnable between) throws Exception {
        assertThat(cluster.terminate(id)).isZero();
        between.run();
        cluster.start(id);
        awaitAllInSync();
        awaitProgress();
    }

    private void killTheLeader() throws Exception {
        int leader = cluster.seenBy(cluster.running().get(0)).partitions().stream()
                .filter(ClusterDescription.Partition::isQueue)
                .findFirst()
                .orElseThrow()
                .leaderId();
        cluster.kill(leader);
        awaitProgress();
        cluster.start(leader);
        awaitAllInSync();
    }

    private FormatLevels raise(int id, int level) throws Exception {
        try (MillraceAdmin admin = cluster.admin(id)) {
            return admin.raiseFormatLevel(level);
        }
    }

    // ---- what is seen

    private int levelSeenBy(int id) throws Exception {
        try (MillraceAdmin admin = cluster.admin(id)) {
            return admin.describeFormatLevels().level();
        }
    }

    /** The versions of what brokers say to each other that a broker of the next build has agreed upon so far. */
    private Set<String> protocolsOf(int id) throws IOException {
        return LINKED.matcher(Files.readString(directory.resolve("broker-" + id).resolve("broker.log")))
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
    }

    private void awaitProgress() {
        int before = history.confirmed();
        await().atMost(PATIENCE).until(() -> history.confirmed() > before + 20);
    }

    private void awaitAllInSync() {
        cluster.awaitAll(state -> state.brokers().size() == 3
                && state.partitions().stream()
                        .allMatch(partition -> partition.leaderId() > 0
                                && partition.inSync().size()
                                        == partition.replicas().size()));
    }

    /** The versions of all partitions' and brokers' values in ZooKeeper. */
    private List<String> storedVersions() throws Exception {
        List<String> versions = new ArrayList<>();
        try (ZooKeeper zooKeeper = new ZooKeeper(ensemble.connect(), 10_000, event -> {})) {
            for (String root : List.of("/millrace/partitions", "/millrace/brokers")) {
                collectVersions(zooKeeper, root, versions);
            }
        }
        return versions;
    }

    private static void collectVersions(ZooKeeper zooKeeper, String path, List<String> versions) throws Exception {
        String text = new String(zooKeeper.getData(path, false, null), StandardCharsets.UTF_8);
        if (text.startsWith("{\"version\":")) {
            versions.add(text.substring(11, text.indexOf(',')));
        }
        for (String child : zooKeeper.getChildren(path, false)) {
            collectVersions(zooKeeper, path + "/" + child, versions);
        }
    }

    /** The versions of all frames in all journals. */
    private SortedSet<Integer> journalVersions() throws IOException {
        SortedSet<Integer> versions = new TreeSet<>();
        for (int id : cluster.running()) {
            try (Stream<Path> files =
                    Files.list(directory.resolve("broker-" + id).resolve("data").resolve("journal"))) {
                files.filter(Files::isRegularFile).forEach(file -> collectFrames(file, versions));
            }
        }
        return versions;
    }

    private static void collectFrames(Path file, Set<Integer> versions) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            for (int at = 0; at + JOURNAL_BLOCK_BYTES <= bytes.limit(); at += JOURNAL_BLOCK_BYTES) {
                if (bytes.getInt(at) == JOURNAL_FRAME_MAGIC) {
                    versions.add((int) bytes.getShort(at + 4));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
