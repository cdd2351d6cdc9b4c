package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A backlog costs a restart next to nothing, also after kill -9. {@code -Dmillrace.backlog=1000000} for the figure that
 * Millrace promises; the test has fewer messages, since what matters is that the time does not grow with them.
 */
final class BacklogIT {
    private static final int MESSAGES = Integer.getInteger("millrace.backlog", 200_000);
    private static final int STARTS = 3;
    private static final Duration MORE = Duration.ofMillis(300);

    @TempDir
    Path directory;

    @Test
    void costsARestartAlmostNothing() throws Exception {
        // Given
        List<Duration> empty = new ArrayList<>();
        List<Duration> full = new ArrayList<>();
        Path data = directory.resolve("full");
        try (BrokerProcess broker = BrokerProcess.start(data, 0)) {
            CommandRun send =
                    CommandRun.of("send", "orders", "--count", "" + MESSAGES, "--size", "100", "--url", broker.url());
            assertThat(send.exitCode()).as(send.err()).isZero();
            broker.kill();
        }

        // When
        for (int i = 0; i < STARTS; i++) {
            empty.add(start(Files.createDirectory(directory.resolve("empty" + i))));
            full.add(start(data));
        }

        // Then
        Duration limit = Collections.min(empty).plus(MORE);
        assertThat(Collections.min(full))
                .as("with %d messages: %s, empty: %s", MESSAGES, full, empty)
                .isLessThan(limit);
        try (BrokerProcess broker = BrokerProcess.start(data, 0)) {
            CommandRun describe = CommandRun.of("queue", "describe", "orders", "--json", "--url", broker.url());
            assertThat(describe.out()).contains("\"waiting\":" + MESSAGES);
            CommandRun first =
                    CommandRun.of("receive", "orders", "--count", "1", "--timeout", "10s", "--url", broker.url());
            assertThat(first.out()).startsWith("message 1 ");
        }
    }

    /** How long until it is ready; killed then, for the next start. */
    private static Duration start(Path data) throws IOException, InterruptedException {
        long startedNs = System.nanoTime();
        try (BrokerProcess broker = BrokerProcess.start(data, 0)) {
            return Duration.ofNanos(System.nanoTime() - startedNs);
        }
    }
}
