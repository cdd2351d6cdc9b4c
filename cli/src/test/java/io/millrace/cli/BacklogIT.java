package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A restart reads what was written last, and not the backlog, also after kill -9. What is read is what it would cost on a slow
 * disk; how long it takes on this machine is said, and depends on who else is busy. {@code -Dmillrace.backlog=1000000} for the
 * figure that Millrace promises.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "what a process has read is told by /proc")
final class BacklogIT {
    private static final Logger LOG = LoggerFactory.getLogger(BacklogIT.class);
    private static final int MESSAGES = Integer.getInteger("millrace.backlog", 300_000);
    private static final int MESSAGE_BYTES = 1000;
    private static final int STARTS = 3;
    /**
     * More than an empty broker reads: the tail of the journal, and the logs behind it, three {@code journal.checkpoint.bytes}, and what
     * was sent while a checkpoint was taken.
     */
    private static final long MOST_READ = 6 * (16 << 20);

    /** The journal's last file is searched for what may lie behind its end, and there may be a fresh one behind it. */
    private static final long MOST_READ_AFTER_CLEAN_STOP = 2 * (16 << 20);

    @TempDir
    Path directory;

    @Test
    void isNotReadByARestart() throws Exception {
        // Given
        Path data = directory.resolve("data");
        Start empty = start(Files.createDirectory(directory.resolve("empty")));
        try (BrokerProcess broker = BrokerProcess.start(data, 0)) {
            CommandRun send = CommandRun.of(
                    "send", "orders", "--count", "" + MESSAGES, "--size", "" + MESSAGE_BYTES, "--url", broker.url());
            assertThat(send.exitCode()).as(send.err()).isZero();
            broker.kill();
        }

        // When
        List<Start> killed = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            killed.add(start(data));
        }
        try (BrokerProcess broker = BrokerProcess.start(data, 0)) {
            assertThat(broker.terminate()).isZero();
        }
        Start stopped = start(data);

        // Then
        LOG.info("empty: {}; with {} messages: killed {}, stopped {}", empty, MESSAGES, killed, stopped);
        assertThat((long) MESSAGES * MESSAGE_BYTES).isGreaterThan(5 * MOST_READ / 2);
        assertThat(killed).allSatisfy(start -> assertThat(start.readBytes()).isLessThan(empty.readBytes() + MOST_READ));
        assertThat(stopped.readBytes()).isLessThan(empty.readBytes() + MOST_READ_AFTER_CLEAN_STOP);
        try (BrokerProcess broker = BrokerProcess.start(data, 0)) {
            CommandRun describe = CommandRun.of("queue", "describe", "orders", "--json", "--url", broker.url());
            assertThat(describe.out()).contains("\"waiting\":" + MESSAGES);
            CommandRun first =
                    CommandRun.of("receive", "orders", "--count", "1", "--timeout", "10s", "--url", broker.url());
            assertThat(first.out()).startsWith("message 1 ");
        }
    }

    /** What a start took until the broker was ready. */
    private record Start(Duration time, long readBytes) {}

    /** Starts a broker, and kills it when it is ready, for the next start. */
    private static Start start(Path data) throws IOException, InterruptedException {
        long startedNs = System.nanoTime();
        try (BrokerProcess broker = BrokerProcess.start(data, 0)) {
            Duration time = Duration.ofNanos(System.nanoTime() - startedNs);
            try (Stream<String> io = Files.lines(Path.of("/proc/" + broker.pid() + "/io"))) {
                long readBytes = io.filter(line -> line.startsWith("rchar:"))
                        .mapToLong(line ->
                                Long.parseLong(line.substring("rchar:".length()).strip()))
                        .sum();
                return new Start(time, readBytes);
            }
        }
    }
}
