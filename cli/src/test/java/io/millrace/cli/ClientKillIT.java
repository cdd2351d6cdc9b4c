package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Kills a consuming application with kill -9: the next consumer gets the rest, and nothing twice but the last message of
 * the dead one, whether the application acknowledged each or the session did (AUTO_ACKNOWLEDGE). An application that does
 * no work, and has its messages acknowledged by the session, gets a few again.
 */
final class ClientKillIT {
    /** So many wait before the application begins, and so many at most are on their way to the broker. */
    private static final int BACKLOG = 5000;

    private static final int ON_THEIR_WAY = 500;
    private static final int BEFORE_DEATH = 200;
    private static final int WORKED_BEFORE_DEATH = 40;
    /** An application that does nothing with a message shares a write of settlements among 16; and the one in hand. */
    private static final int FAST_IN_DOUBT = 17;
    /** More than reattach.grace.ms, for which the dead one's messages wait for it to come back. */
    private static final int PATIENCE_MS = 5_000;

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "listener, true",
        "listener, false",
        "receive, true",
        "receive, false",
        "client, false",
    })
    void theNextConsumerGetsTheRest(String mode, boolean works) throws Exception {
        AtomicBoolean sending = new AtomicBoolean(true);
        try (BrokerProcess broker = BrokerProcess.start(directory.resolve("data"), 0);
                Connection connection = new MillraceConnectionFactory(broker.url()).createConnection()) {
            // Given
            Confirmations confirmations = new Confirmations();
            CompletableFuture<List<String>> sender =
                    CompletableFuture.supplyAsync(() -> send(connection, confirmations, sending));
            await().atMost(Duration.ofSeconds(30)).until(() -> confirmations.confirmed() >= BACKLOG);

            // When
            List<String> processed;
            try (ChildProcess application =
                    ChildProcess.java(Processing.class, broker.url(), "orders", mode, "" + works)) {
                await().atMost(Duration.ofSeconds(30))
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> application.out().size() >= (works ? WORKED_BEFORE_DEATH : BEFORE_DEATH));
                application.kill();
                processed = application.out();
            }
            sending.set(false);
            List<String> sent = sender.join();
            connection.start();
            List<TextMessage> rest = receiveAll(connection.createSession(false, Session.AUTO_ACKNOWLEDGE));

            // Then
            List<String> twice = rest.stream()
                    .filter(message -> processed.contains(text(message)))
                    .peek(message -> assertThat(isRedelivered(message)).isTrue())
                    .map(ClientKillIT::text)
                    .toList();
            int inDoubt = works || mode.equals("client") ? 1 : FAST_IN_DOUBT;
            assertThat(processed.subList(processed.size() - twice.size(), processed.size()))
                    .isEqualTo(twice);
            List<String> all = new ArrayList<>(processed);
            rest.stream()
                    .map(ClientKillIT::text)
                    .filter(text -> !twice.contains(text))
                    .forEach(all::add);
            Set<String> missing = new LinkedHashSet<>(sent);
            missing.removeAll(Set.copyOf(all));
            assertThat(missing)
                    .as(
                            "missing of %d; the last that was processed: %s",
                            sent.size(), processed.get(processed.size() - 1))
                    // What receive has returned is acknowledged, and may not have been processed.
                    .hasSizeLessThanOrEqualTo(mode.equals("receive") ? 1 : 0);
            assertThat(all).hasSize(sent.size() - missing.size());
            assertThat(Set.copyOf(all)).hasSize(all.size());
            assertThat(missing.size() + twice.size()).isLessThanOrEqualTo(inDoubt);
        }
    }

    /** Sends as long as the application lives, so that it dies in the middle however fast it is; what was sent and confirmed. */
    private static List<String> send(Connection connection, Confirmations confirmations, AtomicBoolean sending) {
        List<String> sent = new ArrayList<>();
        try {
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageProducer producer = session.createProducer(session.createQueue("orders"));
            while (sending.get()) {
                if (sent.size() - confirmations.confirmed() < ON_THEIR_WAY) {
                    sent.add("message " + sent.size());
                    producer.send(session.createTextMessage(sent.get(sent.size() - 1)), confirmations.another());
                } else {
                    Thread.onSpinWait();
                }
            }
            producer.close(); // which waits for what is on its way
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
        assertThat(confirmations.confirmed()).isEqualTo(sent.size());
        return sent;
    }

    private static List<TextMessage> receiveAll(Session session) throws JMSException {
        MessageConsumer consumer = session.createConsumer(session.createQueue("orders"));
        List<TextMessage> all = new ArrayList<>();
        for (TextMessage message = (TextMessage) consumer.receive(PATIENCE_MS);
                message != null;
                message = (TextMessage) consumer.receive(PATIENCE_MS)) {
            all.add(message);
        }
        return all;
    }

    private static String text(TextMessage message) {
        try {
            return message.getText();
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isRedelivered(TextMessage message) {
        try {
            return message.getJMSRedelivered();
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }
}
