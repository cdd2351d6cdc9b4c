package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bin/millrace itself, as a user calls it. The first call builds it. */
final class LauncherIT {
    private static final String PROGRAM =
            Path.of("../bin/millrace").toAbsolutePath().normalize().toString();
    private static final Duration READY_LIMIT = Duration.ofSeconds(2);

    @TempDir
    Path directory;

    @BeforeAll
    static void build() throws Exception {
        try (ChildProcess version = start("--version")) {
            assertThat(version.exitCode(300)).as("" + version.err()).isZero();
            assertThat(version.out()).singleElement().asString().startsWith("millrace ");
        }
    }

    @Test
    void twoCommandsMakeABrokerInUse() throws Exception {
        try (ChildProcess broker = broker("data")) {
            String url = "millrace://" + awaitReady(broker);
            try (ChildProcess send = start("send", "orders", "grüße", "--url", url);
                    ChildProcess receive =
                            start("receive", "orders", "--count", "1", "--timeout", "10s", "--url", url)) {
                assertThat(send.exitCode(20)).as("" + send.err()).isZero();
                assertThat(receive.exitCode(20)).as("" + receive.err()).isZero();
                assertThat(receive.out()).containsExactly("grüße");
            }
            try (ChildProcess describe = start("queue", "describe", "orders", "--url", url)) {
                assertThat(describe.exitCode(20)).as("" + describe.err()).isZero();
                assertThat(String.join("\n", describe.out())).contains("waiting 0");
            }
            broker.signal("TERM");
            assertThat(broker.exitCode(5)).isZero();
        }
    }

    @Test
    void runsFromAnyDirectoryAndThroughALink() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("millrace"), Path.of(PROGRAM));

        try (ChildProcess version = ChildProcess.start(List.of("sh", "-c", "cd / && " + link + " --version"))) {
            assertThat(version.exitCode(20)).as("" + version.err()).isZero();
        }
    }

    /** Else the first file that the JVM opens is what it reads as its standard input. */
    @Test
    void takesAClosedInputForAnEmptyOne() throws Exception {
        try (ChildProcess broker = broker("closed")) {
            String url = "millrace://" + awaitReady(broker);
            String send = PROGRAM + " send orders --url " + url;
            try (ChildProcess closed = ChildProcess.start(List.of("sh", "-c", send + " <&-"))) {
                assertThat(closed.exitCode(20)).as("" + closed.err()).isZero();
                assertThat(closed.err()).singleElement().asString().contains("sent 0 messages");
            }
            try (ChildProcess closed = ChildProcess.start(List.of("sh", "-c", send + " text --json >&-"))) {
                assertThat(closed.exitCode(20)).isEqualTo(1);
                assertThat(closed.err()).singleElement().asString().contains("nobody reads the output");
            }
        }
    }

    /** The best of three: a machine that builds and tests beside it is slow at times. */
    @Test
    void isReadyWithinTwoSeconds() throws Exception {
        List<Duration> times = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            long startedNs = System.nanoTime();
            try (ChildProcess broker = broker("empty" + i)) {
                awaitReady(broker);
                times.add(Duration.ofNanos(System.nanoTime() - startedNs));
            }
        }
        assertThat(times.stream().min(Comparator.naturalOrder()).orElseThrow())
                .as("%s", times)
                .isLessThan(READY_LIMIT);
    }

    private ChildProcess broker(String data) throws Exception {
        return start("broker", "--data", directory.resolve(data).toString(), "--listen", "127.0.0.1:0");
    }

    private static String awaitReady(ChildProcess broker) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> !broker.out().isEmpty() || !broker.isAlive());
        assertThat(broker.out()).as("" + broker.err()).isNotEmpty();
        String line = broker.out().get(0);
        assertThat(line).startsWith("millrace: ready on ");
        return line.substring("millrace: ready on ".length());
    }

    private static ChildProcess start(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(PROGRAM));
        command.addAll(List.of(arguments));
        return ChildProcess.start(command);
    }
}
