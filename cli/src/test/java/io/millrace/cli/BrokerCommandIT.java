package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker's process from outside: how it starts, ends, and refuses. */
final class BrokerCommandIT {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    @TempDir
    Path directory;

    @Test
    void stopsInOrderAtSigtermWhileClientsAreConnected() throws Exception {
        // Given
        BrokerProcess broker = BrokerProcess.start(directory.resolve("data"), 0);
        Connection connection =
                new MillraceConnectionFactory(broker.url() + "?reconnectTimeout=1s&closeTimeout=1s").createConnection();
        connection.start();
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        session.createConsumer(session.createQueue("orders")).setMessageListener(message -> {});
        session.createProducer(session.createQueue("orders")).send(session.createTextMessage("x"));

        // When
        long startedNs = System.nanoTime();
        int exitCode = broker.terminate();

        // Then
        assertThat(exitCode).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - startedNs)).isLessThan(STOP_LIMIT);
        closeWithoutBroker(connection);
    }

    /** It may say that the broker did not confirm. */
    private static void closeWithoutBroker(Connection connection) {
        try {
            connection.close();
        } catch (JMSException e) {
            // Whichever of the two limits of one second is over first.
            assertThat(e.getMessage()).containsAnyOf("connection", "its outcome is unknown");
        }
    }

    @Test
    void stopsInOrderAtCtrlC() throws Exception {
        try (ChildProcess broker = start("127.0.0.1:0")) {
            awaitReady(broker);

            broker.signal("INT");

            assertThat(broker.exitCode(5)).isZero();
        }
    }

    @Test
    void stopsInOrderAtSigtermDuringItsStart() throws Exception {
        try (ChildProcess broker = start("127.0.0.1:0")) {
            await().until(() -> directory.resolve("data").toFile().exists());

            broker.signal("TERM");

            assertThat(broker.exitCode(8)).isZero();
        }
        try (BrokerProcess again = BrokerProcess.start(directory.resolve("data"), 0)) {
            assertThat(again.terminate()).isZero();
        }
    }

    @Test
    void printsNothingButTheReadyLine() throws Exception {
        try (ChildProcess broker = start("127.0.0.1:0")) {
            awaitReady(broker);
            broker.signal("TERM");

            assertThat(broker.exitCode(5)).isZero();
            assertThat(broker.out()).singleElement().asString().matches("millrace: ready on 127\\.0\\.0\\.1:[1-9]\\d*");
        }
    }

    @Test
    void refusesASecondBrokerOnTheSameData() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start(directory.resolve("data"), 0);
                ChildProcess second = start("127.0.0.1:0")) {
            assertThat(second.exitCode(20)).isEqualTo(1);
            assertThat(second.out()).isEmpty();
            assertThat(lastLine(second))
                    .contains(directory.resolve("data").toString())
                    .contains("another broker");
            assertThat(broker.terminate()).isZero();
        }
    }

    @Test
    void saysThatThePortIsTaken() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ChildProcess broker = start("127.0.0.1:" + socket.getLocalPort())) {
            assertThat(broker.exitCode(20)).isEqualTo(1);
            assertThat(lastLine(broker))
                    .contains("127.0.0.1:" + socket.getLocalPort())
                    .contains("in use");
        }
    }

    @Test
    void saysThatTheDataDirectoryCanNotBeMade() throws Exception {
        Path file = java.nio.file.Files.createFile(directory.resolve("data"));

        try (ChildProcess broker = start("127.0.0.1:0")) {
            assertThat(broker.exitCode(20)).isEqualTo(1);
            assertThat(lastLine(broker)).contains(file.toString());
        }
    }

    private ChildProcess start(String listen) throws Exception {
        return ChildProcess.java(
                Main.class, "broker", "--data", directory.resolve("data").toString(), "--listen", listen);
    }

    private static void awaitReady(ChildProcess broker) {
        await().atMost(Duration.ofSeconds(20)).until(() -> !broker.out().isEmpty());
    }

    private static String lastLine(ChildProcess process) {
        return process.err().isEmpty() ? "" : process.err().get(process.err().size() - 1);
    }
}
