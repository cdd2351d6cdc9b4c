package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the broker again and again under load while the clients live on: every send that was acknowledged is processed exactly once,
 * and each producer's messages in order. {@code soak/run} gives it more kills and other seeds.
 */
class KillLoopIT {
    private static final int KILLS = Integer.getInteger("millrace.kills", 6);
    private static final long SEED = Long.getLong("millrace.seed", 42);
    private static final String QUEUE = "queue:orders";
    private static final String TOPIC = "topic:prices";
    private static final String SUBSCRIPTION = "prices-kept";

    private final History history = new History();

    @TempDir
    Path directory;

    @Test
    void losesAndDoublesNothingWhenTheBrokerIsKilledInALoop() throws Exception {
        // Given
        Path data = directory.resolve("data");
        Random random = new Random(SEED);
        BrokerProcess broker = BrokerProcess.start(data, 0);
        int port = broker.port();
        try (JmsLoad load = new JmsLoad(broker.url(), history)) {
            load.consumer("auto", QUEUE, Session.AUTO_ACKNOWLEDGE)
                    .consumer("client", QUEUE, Session.CLIENT_ACKNOWLEDGE)
                    .listener("listener", QUEUE)
                    .durable(SUBSCRIPTION, TOPIC)
                    .producers(QUEUE, 2)
                    .producers(TOPIC, 2);

            // When
            for (int i = 0; i < KILLS; i++) {
                LockSupport.parkNanos(
                        Duration.ofMillis(300 + random.nextInt(1500)).toNanos()); // a moment by chance
                broker.kill();
                broker = BrokerProcess.start(data, port);
            }
            load.stopProducing();
            await().atMost(Duration.ofSeconds(60)).until(() -> history.isDelivered(QUEUE, SUBSCRIPTION));
            load.stopConsuming();

            // Then: nothing failed, and whoever comes next finds nothing of what was processed, also after a clean stop
            assertThat(load.surprises()).isEmpty();
            assertThat(load.failures()).isZero();
            assertThat(broker.terminate()).isZero();
            broker = BrokerProcess.start(data, port);
            assertThat(load.drain(QUEUE, Duration.ofSeconds(3))).isZero();
            assertThat(history.confirmed()).isGreaterThan(KILLS * 10);
            new HistoryChecker(history).consumersLive().ordered(SUBSCRIPTION).check();
        } finally {
            broker.kill();
        }
    }
}
