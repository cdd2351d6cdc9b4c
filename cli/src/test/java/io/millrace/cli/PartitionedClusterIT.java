package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.jms.admin.ClusterDescription;
import io.millrace.jms.admin.MillraceAdmin;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three brokers, real processes, with a proxy on every link, under JMS clients and Kafka's idempotent producers, while a {@link Nemesis}
 * cuts links one way or both, holds and delays them, kills and stops: nothing acknowledged is lost, nothing acknowledged is delivered again, no
 * order is broken, and after all has healed everything is in sync and delivered. {@code soak/run} gives it more faults and other seeds.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
final class PartitionedClusterIT {
    private static final int FAULTS = Integer.getInteger("millrace.kills", Nemesis.KINDS.size());
    private static final long SEED = Long.getLong("millrace.seed", 7);
    /** As many are judged together: a history is kept in memory. */
    private static final int FAULTS_A_ROUND = 9;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Random random = new Random(SEED);
    private final List<String> befell = new ArrayList<>();

    @TempDir
    private Path directory;

    private ZooKeeperEnsemble ensemble;
    private LinkedBrokers links;
    private ClusterOfBrokers cluster;

    @BeforeEach
    void start() throws Exception {
        ensemble = ZooKeeperEnsemble.start(directory, 1);
        links = new LinkedBrokers(directory, 3, ensemble);
        cluster = new ClusterOfBrokers(
                        directory,
                        links,
                        "--set",
                        "zookeeper.session.timeout.ms=2000",
                        "--set",
                        "heartbeat.timeout.ms=2000",
                        "--set",
                        "replica.lag.time.max.ms=3000")
                .startAll(3);
    }

    @AfterEach
    void stop() throws InterruptedException {
        cluster.close();
        links.close();
        ensemble.close();
    }

    @Test
    void losesDoublesAndReordersNothingWhateverBecomesOfLinks() throws Exception {
        Nemesis nemesis = new Nemesis(cluster, links, random);
        try {
            for (int done = 0; done < FAULTS; done += FAULTS_A_ROUND) {
                new Round(done).judge(nemesis, Math.min(FAULTS_A_ROUND, FAULTS - done));
            }
        } catch (Exception | AssertionError e) {
            throw new AssertionError("with the seed " + SEED + ", after " + befell, e);
        }
    }

    /** Faults that are judged together, on destinations of their own. */
    private final class Round {
        private final History history = new History();
        private final String orders;
        private final String prices;
        private final String log;

        Round(int number) {
            orders = "orders-" + number;
            prices = "prices-" + number;
            log = "log-" + number;
        }

        void judge(Nemesis nemesis, int faults) throws Exception {
            // Given
            Map<String, String> twoInSync = Map.of("min.insync.replicas", "2");
            try (MillraceAdmin admin = cluster.admin(1)) {
                admin.createQueue(orders, 1, twoInSync);
                admin.createTopic(prices, 1, twoInSync);
                admin.createTopic(log, 1, twoInSync);
            }
            awaitAllInSync();
            String queue = "queue:" + orders;
            String topic = "topic:" + prices;
            String subscription = prices + "-kept";
            try (JmsLoad load = new JmsLoad(cluster.url(), history);
                    KafkaLoad kafka = new KafkaLoad(cluster.bootstrapServers(), log, history)) {
                load.consumer("auto", queue, Session.AUTO_ACKNOWLEDGE)
                        .consumer("client", queue, Session.CLIENT_ACKNOWLEDGE)
                        .listener("listener", queue)
                        .durable(subscription, topic)
                        .producers(queue, 2)
                        .producers(topic, 1);
                kafka.paced(Duration.ofMillis(5)).producers(1).reader("tail");

                // When
                for (int i = 0; i < faults; i++) {
                    awaitProgress();
                    Nemesis.Kind kind = nemesis.draw();
                    int leader = leader();
                    befell.add(kind + " of broker " + leader);
                    nemesis.disturb(kind, leader, this::awaitProgress);
                    awaitAllInSync();
                }
                awaitProgress();
                load.stopProducing();
                kafka.stopProducing();
                await().atMost(PATIENCE).until(() -> history.isDelivered(queue, subscription));
                load.stopConsuming();
                kafka.close();
                kafka.readAll("auditor");

                // Then
                assertThat(load.surprises()).isEmpty();
                assertThat(load.failures()).isEmpty();
                assertThat(kafka.surprises()).isEmpty();
                assertThat(kafka.failures()).isEmpty();
                assertThat(load.drain(queue, Duration.ofSeconds(3))).isZero();
                new HistoryChecker(history)
                        .consumersLive()
                        .ordered(subscription)
                        .check();
            }
        }

        /** Of a partition by chance. */
        private int leader() throws Exception {
            List<ClusterDescription.Partition> all = cluster.seenBy(1).partitions();
            return all.get(random.nextInt(all.size())).leaderId();
        }

        /** Everything goes on. */
        private void awaitProgress() {
            for (String place : List.of("queue:" + orders, "topic:" + prices, log + "-0")) {
                int before = history.confirmed(place);
                await("sends to " + place).atMost(PATIENCE).until(() -> history.confirmed(place) > before + 5);
            }
        }
    }

    private void awaitAllInSync() {
        cluster.awaitAll(state -> state.brokers().size() == 3
                && state.partitions().stream()
                        .allMatch(partition -> partition.leaderId() > 0
                                && partition.inSync().size()
                                        == partition.replicas().size()));
    }
}
