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
    /** As many are judged together: a history is kept in memory. */
    private static final int KILLS_A_ROUND = 10;

    private final Random random = new Random(SEED);

    @TempDir
    Path directory;

    @Test
    void losesAndDoublesNothingWhenTheBrokerIsKilledInALoop() throws Exception {
        for (int done = 0; done < KILLS; done += KILLS_A_ROUND) {
            losesAndDoublesNothing(
                    "queue:orders-" + done,
                    "topic:prices-" + done,
                    "prices-kept-" + done,
                    Math.min(KILLS_A_ROUND, KILLS - done));
        }
    }

    private void losesAndDoublesNothing(String queue, String topic, String subscription, int kills) throws Exception {
        // Given
        History history = new History();
        Path data = directory.resolve("data");
        BrokerProcess broker = BrokerProcess.start(data, 0);
        int port = broker.port();
        try (JmsLoad load = new JmsLoad(broker.url(), history)) {
            load.consumer("auto", queue, Session.AUTO_ACKNOWLEDGE)
                    .consumer("client", queue, Session.CLIENT_ACKNOWLEDGE)
                    .listener("listener", queue)
                    .durable(subscription, topic)
                    .producers(queue, 2)
                    .producers(topic, 2);

            // When
            for (int i = 0; i < kills; i++) {
                int before = history.confirmed();
                await().atMost(Duration.ofSeconds(60)).until(() -> history.confirmed() > before); // they are back
                LockSupport.parkNanos(
                        Duration.ofMillis(300 + random.nextInt(1500)).toNanos()); // a moment by chance
                broker.kill();
                broker = BrokerProcess.start(data, port);
            }
            load.stopProducing();
            await().atMost(Duration.ofSeconds(60)).until(() -> history.isDelivered(queue, subscription));
            load.stopConsuming();

            // Then: nothing failed, and whoever comes next finds nothing of what was processed, also after a clean stop
            assertThat(load.surprises()).isEmpty();
            assertThat(load.failures()).isEmpty();
            assertThat(broker.terminate()).isZero();
            broker = BrokerProcess.start(data, port);
            assertThat(load.drain(queue, Duration.ofSeconds(3))).isZero();
            assertThat(history.confirmed()).isGreaterThan(kills * 10);
            new HistoryChecker(history).consumersLive().ordered(subscription).check();
        } finally {
            broker.kill();
        }
    }
}
