package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the broker again and again under Kafka's idempotent producers and a reader, which live on: what was acknowledged is in the log once,
 * each producer's records are in order, and no offset changes. {@code soak/run} gives it more kills and other seeds.
 */
class KafkaKillIT {
    private static final int KILLS = Integer.getInteger("millrace.kills", 3);
    private static final long SEED = Long.getLong("millrace.seed", 42);
    /** As many are judged together: a history is kept in memory. */
    private static final int KILLS_A_ROUND = 5;

    private static final int PRODUCERS = 3;

    private final Random random = new Random(SEED);

    @TempDir
    private Path directory;

    @Test
    void keepsWhatWasAcknowledgedOnceAndInOrder() throws Exception {
        for (int done = 0; done < KILLS; done += KILLS_A_ROUND) {
            keepsWhatWasAcknowledged("killed-" + done, Math.min(KILLS_A_ROUND, KILLS - done));
        }
    }

    private void keepsWhatWasAcknowledged(String topic, int kills) throws Exception {
        // Given
        History history = new History();
        Path data = directory.resolve("data");
        BrokerProcess broker = BrokerProcess.start(data, 0);
        int port = broker.port();
        try (KafkaLoad load = new KafkaLoad(broker.address(), topic, history)) {
            load.producers(PRODUCERS).reader("tail");

            // When
            for (int i = 0; i < kills; i++) {
                int before = history.confirmed();
                await().atMost(Duration.ofSeconds(60)).until(() -> history.confirmed() > before); // they are back
                LockSupport.parkNanos(
                        Duration.ofMillis(300 + random.nextInt(1200)).toNanos()); // a moment by chance
                broker.kill();
                broker = BrokerProcess.start(data, port);
            }
            load.close();
            load.readAll("auditor");

            // Then
            assertThat(load.surprises()).isEmpty();
            assertThat(load.failures()).isEmpty();
            assertThat(history.confirmed()).isGreaterThan(kills);
            new HistoryChecker(history).check();
        } finally {
            broker.close();
        }
    }
}
