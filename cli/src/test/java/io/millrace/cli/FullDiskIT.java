package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that is full: sends are refused with an error, the broker says why, nothing acknowledged is missing afterwards,
 * and it serves again when there is room. The disk is a small tmpfs in a mount namespace of its own; where the kernel
 * allows neither root nor a user to make one, the test is skipped and says so.
 */
final class FullDiskIT {
    private static final int DISK_MIB = 96;
    private static final String FULL = "No space left on device";

    @TempDir
    Path directory;

    @Test
    void refusesSendsAndLosesNothing() throws Exception {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        try (ChildProcess namespace = namespaceWithSmallDisk(disk)) {
            List<String> acknowledged = new ArrayList<>();
            // Given
            try (ChildProcess broker = broker(namespace, disk)) {
                String url = awaitReady(broker);

                // When
                JMSException refused = fillUntilRefused(url, acknowledged);

                // Then
                assertThat(refused).hasMessageContaining(FULL);
                assertThat(acknowledged).hasSizeGreaterThan(100);
                await().atMost(Duration.ofSeconds(10))
                        .until(() -> String.join("\n", broker.err()).contains(FULL));
                // Given room
                run(namespace, "rm", disk.resolve("ballast").toString());
                broker.kill();
            }
            try (ChildProcess broker = broker(namespace, disk)) {
                String url = awaitReady(broker);
                assertThat(receiveAll(url)).containsSubsequence(acknowledged);
                assertThat(CommandRun.of("send", "orders", "again", "--url", url)
                                .exitCode())
                        .isZero();
                broker.signal("TERM");
                assertThat(broker.exitCode(5)).isZero();
            }
        }
    }

    private static JMSException fillUntilRefused(String url, List<String> acknowledged) throws JMSException {
        String filling = ".".repeat(32 * 1024);
        try (Connection connection = new MillraceConnectionFactory(url + "?reconnectTimeout=5s").createConnection()) {
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageProducer producer = session.createProducer(session.createQueue("orders"));
            for (int n = 0; n < DISK_MIB * 1024; n++) {
                String text = n + filling;
                try {
                    producer.send(session.createTextMessage(text));
                } catch (JMSException e) {
                    return e;
                }
                acknowledged.add(Integer.toString(n));
            }
        }
        throw new AssertionError("more than the disk holds was acknowledged");
    }

    private static List<String> receiveAll(String url) throws JMSException {
        List<String> texts = new ArrayList<>();
        try (Connection connection = new MillraceConnectionFactory(url).createConnection()) {
            connection.start();
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(session.createQueue("orders"));
            for (TextMessage message = (TextMessage) consumer.receive(10_000);
                    message != null;
                    message = (TextMessage) consumer.receive(1000)) {
                texts.add(message.getText().replace(".", ""));
            }
        }
        return texts;
    }

    /** A process that lives in its own mount namespace, with a small tmpfs mounted and some ballast on it. */
    private static ChildProcess namespaceWithSmallDisk(Path disk) throws IOException, InterruptedException {
        String script = "mount -t tmpfs -o size=" + DISK_MIB + "m tmpfs " + disk + " && head -c 16m /dev/zero > " + disk
                + "/ballast && echo mounted && exec sleep infinity";
        ChildProcess namespace =
                ChildProcess.start(List.of("unshare", "--map-root-user", "--mount", "sh", "-c", script));
        await().atMost(Duration.ofSeconds(10)).until(() -> !namespace.out().isEmpty() || !namespace.isAlive());
        if (namespace.out().isEmpty()) {
            namespace.kill();
            abort("NOT TESTED: the broker on a full disk; a tmpfs can not be mounted here: " + namespace.err());
        }
        return namespace;
    }

    private static ChildProcess broker(ChildProcess namespace, Path disk) throws IOException {
        List<String> command = inside(namespace);
        command.addAll(BrokerProcess.command(disk.resolve("data"), 0));
        return ChildProcess.start(command);
    }

    private static void run(ChildProcess namespace, String... words) throws IOException, InterruptedException {
        List<String> command = inside(namespace);
        command.addAll(List.of(words));
        try (ChildProcess process = ChildProcess.start(command)) {
            assertThat(process.exitCode(10)).as("" + process.err()).isZero();
        }
    }

    /** nsenter execs, so that a signal to it reaches the program. */
    private static List<String> inside(ChildProcess namespace) {
        return new ArrayList<>(List.of(
                "nsenter",
                "--user",
                "--preserve-credentials",
                "--mount",
                "--target",
                Long.toString(namespace.pid()),
                "--"));
    }

    private static String awaitReady(ChildProcess broker) {
        await().atMost(Duration.ofSeconds(30)).until(() -> !broker.out().isEmpty() || !broker.isAlive());
        assertThat(broker.out()).as("" + broker.err()).isNotEmpty();
        return "millrace://" + broker.out().get(0).substring("millrace: ready on ".length());
    }
}
