package io.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A broker whose data directory is replaced by an empty one while a client lives. */
@Timeout(120)
class ReplacedDataIT {
    private static final long TIMEOUT_MS = 20_000;

    @TempDir
    private Path first;

    @TempDir
    private Path second;

    @Test
    void takesTheMessagesOfOldAndNewClients() throws Exception {
        // Given
        int port = freePort();
        EmbeddedBroker broker = start(first, port);
        try (Connection old = connect(port)) {
            send(old, "before");
            broker.close();
            broker = start(second, port);
            // When
            try (Connection young = connect(port)) {
                send(old, "old 1");
                send(young, "young 1");
                send(old, "old 2");
                send(young, "young 2");
                // Then
                assertThat(receive(young, 4)).containsExactly("old 1", "young 1", "old 2", "young 2");
            }
        } finally {
            broker.close();
        }
    }

    private static EmbeddedBroker start(Path directory, int port) {
        return EmbeddedBroker.builder().dataDirectory(directory).port(port).start();
    }

    private static Connection connect(int port) throws JMSException {
        Connection connection = new MillraceConnectionFactory("millrace://127.0.0.1:" + port).createConnection();
        connection.start();
        return connection;
    }

    private static void send(Connection connection, String text) throws JMSException {
        try (Session session = connection.createSession()) {
            session.createProducer(session.createQueue("orders")).send(session.createTextMessage(text));
        }
    }

    private static List<String> receive(Connection connection, int count) throws JMSException {
        List<String> texts = new ArrayList<>();
        try (Session session = connection.createSession();
                MessageConsumer consumer = session.createConsumer(session.createQueue("orders"))) {
            for (int i = 0; i < count; i++) {
                Message message = consumer.receive(TIMEOUT_MS);
                assertThat(message).as("message after %s", texts).isNotNull();
                texts.add(((TextMessage) message).getText());
            }
            assertThat(consumer.receiveNoWait()).isNull();
        }
        return texts;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
