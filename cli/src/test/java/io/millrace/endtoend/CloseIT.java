package io.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.admin.MillraceAdmin;
import jakarta.jms.Connection;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Closing and stopping while another thread receives or a listener runs: each message has one owner. */
class CloseIT {
    private static final long TIMEOUT_MS = 20_000;
    private static EmbeddedBroker broker;

    private String name;
    private MillraceConnectionFactory factory;
    private Connection other;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.builder().start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void connect() throws JMSException {
        name = "close-" + UUID.randomUUID();
        factory = new MillraceConnectionFactory(broker.uri() + "?deserializationAllow=*");
        other = factory.createConnection();
        other.start();
    }

    @AfterEach
    void close() throws JMSException {
        other.close();
    }

    /** An object that takes until a test lets it go to be deserialized: so long its message is in hand. */
    static final class Slow implements Serializable {
        private static final long serialVersionUID = 1L;
        private static volatile CountDownLatch isReading;
        private static volatile CountDownLatch mayBeRead;

        static void hold() {
            isReading = new CountDownLatch(1);
            mayBeRead = new CountDownLatch(1);
        }

        private void readObject(ObjectInputStream in) throws IOException {
            isReading.countDown();
            try {
                mayBeRead.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    private long unsettled() throws JMSException {
        try (MillraceAdmin admin = MillraceAdmin.connect(broker.uri())) {
            var description = admin.describeQueue(name);
            return description.waiting() + description.inFlight();
        }
    }

    private Thread start(Callable<?> body, AtomicReference<Throwable> failure) {
        Thread thread = new Thread(() -> {
            try {
                body.call();
            } catch (Exception e) {
                failure.set(e);
            }
        });
        thread.start();
        return thread;
    }

    private void awaitWaiting(Thread thread) {
        Awaitility.await("it waits")
                .atMost(Duration.ofSeconds(10))
                .until(() -> thread.getState() == Thread.State.WAITING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"consumer", "context"})
    void closeWaitsForAMessageInHand(String what) throws Exception {
        // Given
        Slow.hold();
        JMSContext context = factory.createContext();
        context.createProducer().send(context.createQueue(name), new Slow());
        JMSConsumer consumer = context.createConsumer(context.createQueue(name));
        CompletableFuture<Slow> body = CompletableFuture.supplyAsync(() -> consumer.receiveBody(Slow.class));
        assertThat(Slow.isReading.await(TIMEOUT_MS, TimeUnit.MILLISECONDS)).isTrue();

        // When
        AutoCloseable closed = what.equals("consumer") ? consumer : context;
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread closing = start(
                () -> {
                    closed.close();
                    return null;
                },
                failure);
        awaitWaiting(closing);
        Slow.mayBeRead.countDown();

        // Then
        assertThat(body.get(TIMEOUT_MS, TimeUnit.MILLISECONDS)).isNotNull();
        closing.join(TIMEOUT_MS);
        assertThat(closing.isAlive()).isFalse();
        assertThat(failure).hasNullValue();
        assertThat(unsettled()).isZero();
        context.close();
    }

    @Test
    void stopWaitsForAMessageInHand() throws Exception {
        // Given
        Slow.hold();
        JMSContext context = factory.createContext();
        context.createProducer().send(context.createQueue(name), new Slow());
        JMSConsumer consumer = context.createConsumer(context.createQueue(name));
        CompletableFuture<Slow> body = CompletableFuture.supplyAsync(() -> consumer.receiveBody(Slow.class));
        assertThat(Slow.isReading.await(TIMEOUT_MS, TimeUnit.MILLISECONDS)).isTrue();

        // When
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread stopping = start(
                () -> {
                    context.stop();
                    return null;
                },
                failure);
        awaitWaiting(stopping);
        Slow.mayBeRead.countDown();

        // Then
        stopping.join(TIMEOUT_MS);
        assertThat(stopping.isAlive()).isFalse();
        assertThat(failure).hasNullValue();
        assertThat(body.get(TIMEOUT_MS, TimeUnit.MILLISECONDS)).isNotNull();
        context.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"consumer", "session", "connection"})
    void closeWaitsForTheListener(String what) throws Exception {
        // Given
        Connection connection = factory.createConnection();
        Session session = connection.createSession();
        Queue queue = session.createQueue(name);
        for (int i = 0; i < 3; i++) {
            session.createProducer(queue).send(session.createTextMessage("m" + i));
        }
        CountDownLatch isRunning = new CountDownLatch(1);
        CountDownLatch mayReturn = new CountDownLatch(1);
        StringBuffer seen = new StringBuffer();
        MessageConsumer consumer = session.createConsumer(queue);
        consumer.setMessageListener(message -> {
            try {
                seen.append(((TextMessage) message).getText());
                isRunning.countDown();
                mayReturn.await();
            } catch (JMSException | InterruptedException e) {
                seen.append(e);
            }
        });
        connection.start();
        assertThat(isRunning.await(TIMEOUT_MS, TimeUnit.MILLISECONDS)).isTrue();

        // When
        AutoCloseable closed =
                switch (what) {
                    case "consumer" -> consumer;
                    case "session" -> session;
                    default -> connection;
                };
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread closing = start(
                () -> {
                    closed.close();
                    return null;
                },
                failure);
        awaitWaiting(closing);
        mayReturn.countDown();

        // Then
        closing.join(TIMEOUT_MS);
        assertThat(closing.isAlive()).isFalse();
        assertThat(failure).hasNullValue();
        assertThat(seen).hasToString("m0");
        Session next = other.createSession();
        MessageConsumer rest = next.createConsumer(queue);
        for (String text : List.of("m1", "m2")) {
            TextMessage message = (TextMessage) rest.receive(TIMEOUT_MS);
            assertThat(message.getText()).isEqualTo(text);
            assertThat(message.getJMSRedelivered()).isFalse();
        }
        assertThat(rest.receiveNoWait()).isNull();
        connection.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"consumer", "session", "connection"})
    void closeEndsAReceiveThatWaits(String what) throws Exception {
        // Given
        Connection connection = factory.createConnection();
        connection.start();
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(session.createQueue(name));
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicReference<Object> received = new AtomicReference<>("nothing yet");
        Thread receiving = start(
                () -> {
                    received.set(consumer.receive());
                    return null;
                },
                failure);
        Awaitility.await().until(() -> receiving.getState() == Thread.State.TIMED_WAITING);

        // When
        switch (what) {
            case "consumer" -> consumer.close();
            case "session" -> session.close();
            default -> connection.close();
        }

        // Then
        receiving.join(TIMEOUT_MS);
        assertThat(receiving.isAlive()).isFalse();
        assertThat(failure).hasNullValue();
        assertThat(received).hasNullValue();
        connection.close();
    }
}
