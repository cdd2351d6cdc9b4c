package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.jms.admin.ClusterDescription;
import io.millrace.jms.admin.MillraceAdmin;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three brokers that replicate, real processes, under a load that is judged by its history: whoever dies, is stopped or is slow, no
 * acknowledged message is lost, and none comes again that was settled.
 */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
final class FailoverIT {
    private static final int FAULTS = Integer.getInteger("millrace.kills", 4);
    private static final String QUEUE = "queue:orders";
    private static final String TOPIC = "topic:prices";
    private static final String SUBSCRIPTION = "prices-kept";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration SESSION = Duration.ofSeconds(2);

    /** How long a synchronous send may take when a leader's process dies: its socket is closed, and its lease of a second runs out. */
    private static final Duration KILL_BOUND = Duration.ofSeconds(2);

    /** The same for a host that goes silent. */
    private static final Duration SILENCE_BOUND = SESSION.plusSeconds(2);

    /** Consumers have messages again so long after there is a new leader. */
    private static final Duration REATTACH_BOUND = Duration.ofSeconds(1);

    private final Random random = new Random(Long.getLong("millrace.seed", 7));
    private final History history = new History();

    @TempDir
    private Path directory;

    private ZooKeeperEnsemble ensemble;
    private ClusterOfBrokers cluster;

    @BeforeEach
    void start() throws Exception {
        ensemble = ZooKeeperEnsemble.start(directory, 1);
        cluster = new ClusterOfBrokers(
                        directory,
                        ensemble,
                        "--set",
                        "zookeeper.session.timeout.ms=" + SESSION.toMillis(),
                        "--set",
                        "heartbeat.timeout.ms=" + SESSION.toMillis())
                .startAll(3);
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

    @Test
    void losesAndDoublesNothingWhenLeadersAreKilled() throws Exception {
        judge(() -> {
            int leader = leaderOfTheQueue();
            long lostNs = history.nowNs();
            cluster.kill(leader);
            awaitProgress();
            requireBounds(lostNs, KILL_BOUND);
            cluster.start(leader);
        });
    }

    @Test
    void losesAndDoublesNothingWhenLeadersAreStoppedAndGoOn() throws Exception {
        judge(() -> {
            int leader = leaderOfTheQueue();
            BrokerProcess process = cluster.broker(leader);
            long lostNs = history.nowNs();
            process.pause();
            try {
                awaitProgress();
                requireBounds(lostNs, SILENCE_BOUND);
            } finally {
                process.resume();
            }
        });
    }

    @Test
    void losesAndDoublesNothingWhenBrokersAreRestartedInTurn() throws Exception {
        judge(() -> {
            int next = leaderOfTheQueue();
            assertThat(cluster.terminate(next)).isZero();
            awaitProgress();
            cluster.start(next);
        });
    }

    private void judge(Fault fault) throws Exception {
        // Given
        try (JmsLoad load = new JmsLoad(cluster.url(), history)) {
            load.consumer("auto", QUEUE, Session.AUTO_ACKNOWLEDGE)
                    .consumer("client", QUEUE, Session.CLIENT_ACKNOWLEDGE)
                    .listener("listener", QUEUE)
                    .durable(SUBSCRIPTION, TOPIC)
                    .producers(QUEUE, 2)
                    .producers(TOPIC, 2);

            // When
            for (int i = 0; i < FAULTS; i++) {
                awaitProgress();
                LockSupport.parkNanos(
                        Duration.ofMillis(200 + random.nextInt(1000)).toNanos()); // a moment by chance
                fault.befall();
                awaitAllInSync();
            }
            load.stopProducing();
            await().atMost(PATIENCE).until(() -> history.isDelivered(QUEUE, SUBSCRIPTION));
            load.stopConsuming();

            // Then
            assertThat(load.surprises()).isEmpty();
            assertThat(load.failures()).isEmpty();
            assertThat(load.drain(QUEUE, Duration.ofSeconds(3))).isZero();
            assertThat(history.confirmed()).isGreaterThan(FAULTS * 10);
            new HistoryChecker(history).consumersLive().check();
        }
    }

    private int leaderOfTheQueue() throws Exception {
        ClusterDescription seen = cluster.seenBy(cluster.running().get(0));
        return seen.partitions().stream()
                .filter(partition -> partition.isQueue())
                .findFirst()
                .orElseThrow()
                .leaderId();
    }

    private void requireBounds(long lostNs, Duration bound) {
        long toNs = history.nowNs();
        Failover failover = await("a send after the leader was lost, and its receipt")
                .atMost(PATIENCE)
                .until(() -> Failover.of(history.events(), QUEUE, lostNs, toNs), Optional::isPresent)
                .orElseThrow();
        assertThat(failover.longestSend()).as(failover.toString()).isLessThan(bound);
        assertThat(failover.firstReceived()).isLessThan(bound.plus(REATTACH_BOUND));
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

    /** What befalls the cluster. */
    @FunctionalInterface
    private interface Fault {
        void befall() throws Exception;
    }
}
