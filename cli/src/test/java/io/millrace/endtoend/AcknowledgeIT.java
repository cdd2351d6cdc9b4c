package io.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.admin.MillraceAdmin;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who has a message, and who gets it next. */
class AcknowledgeIT {
    private static final long TIMEOUT_MS = 10_000;
    private static EmbeddedBroker broker;

    private String name;
    private Connection connection;

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
        name = "ack-" + UUID.randomUUID();
        connection = new MillraceConnectionFactory(broker.uri()).createConnection();
        connection.start();
    }

    @AfterEach
    void close() throws JMSException {
        connection.close();
    }

    private void send(int count) throws JMSException {
        try (Session session = connection.createSession();
                MessageProducer producer = session.createProducer(session.createQueue(name))) {
            for (int i = 0; i < count; i++) {
                producer.send(session.createTextMessage("m" + i));
            }
        }
    }

    private static String text(Message message) throws JMSException {
        assertThat(message).as("a message within 10 s").isNotNull();
        return ((TextMessage) message).getText();
    }

    private static List<String> texts(MessageConsumer consumer, int count) throws JMSException {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(text(consumer.receive(TIMEOUT_MS)));
        }
        return texts;
    }

    private long waiting() throws JMSException {
        try (MillraceAdmin admin = MillraceAdmin.connect(broker.uri())) {
            var description = admin.describeQueue(name);
            return description.waiting() + description.inFlight();
        }
    }

    @Test
    void autoAcknowledgesWhatWasReceived() throws JMSException {
        // Given
        send(3);
        try (Session session = connection.createSession()) {
            assertThat(texts(session.createConsumer(session.createQueue(name)), 2))
                    .containsExactly("m0", "m1");
        }

        // When
        Session next = connection.createSession();
        MessageConsumer consumer = next.createConsumer(next.createQueue(name));

        // Then
        Message message = consumer.receive(TIMEOUT_MS);
        assertThat(text(message)).isEqualTo("m2");
        assertThat(message.getJMSRedelivered()).isFalse();
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void dupsOkAcknowledgesAtTheLatestWhenClosed() throws JMSException {
        // Given
        send(3);
        try (Session session = connection.createSession(Session.DUPS_OK_ACKNOWLEDGE)) {
            texts(session.createConsumer(session.createQueue(name)), 3);
        }

        // Then
        assertThat(waiting()).isZero();
    }

    @Test
    void clientAcknowledgesAllThatTheSessionConsumed() throws JMSException {
        // Given
        send(3);
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(session.createQueue(name));
        Message first = consumer.receive(TIMEOUT_MS);
        texts(consumer, 2);
        assertThat(waiting()).isEqualTo(3);

        // When
        first.acknowledge();

        // Then
        assertThat(waiting()).isZero();
    }

    @Test
    void closingWithoutAcknowledgeDeliversAgain() throws JMSException {
        // Given
        send(3);
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        texts(session.createConsumer(session.createQueue(name)), 2);
        session.close();

        // When
        Session next = connection.createSession();
        MessageConsumer consumer = next.createConsumer(next.createQueue(name));

        // Then
        for (int i = 0; i < 3; i++) {
            Message message = consumer.receive(TIMEOUT_MS);
            assertThat(text(message)).isEqualTo("m" + i);
            assertThat(message.getJMSRedelivered()).isEqualTo(i < 2);
            assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(i < 2 ? 2 : 1);
        }
    }

    @Test
    void aClosedConsumerThatHoldsMessagesTakesNoMore() throws JMSException {
        // Given
        send(6);
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer closed = session.createConsumer(session.createQueue(name));
        assertThat(texts(closed, 1)).containsExactly("m0");

        // When
        closed.close();

        // Then
        long bytes = deliveryLogBytes();
        for (int i = 0; i < 50; i++) {
            assertThat(waiting()).isEqualTo(6); // many trips to the broker, which has to write nothing
        }
        assertThat(deliveryLogBytes()).isEqualTo(bytes);
    }

    private long deliveryLogBytes() throws JMSException {
        try (MillraceAdmin admin = MillraceAdmin.connect(broker.uri())) {
            return admin.describeQueue(name).partitions().get(0).deliveryLogBytes();
        }
    }

    @Test
    void recoverBringsWhatAClosedConsumerHadIntoItsOrder() throws JMSException {
        // Given
        send(6);
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer first = session.createConsumer(session.createQueue(name));
        assertThat(texts(first, 2)).containsExactly("m0", "m1");
        first.close();
        MessageConsumer second = session.createConsumer(session.createQueue(name));
        assertThat(texts(second, 2)).containsExactly("m2", "m3");

        // When
        session.recover();

        // Then
        assertThat(texts(second, 6)).containsExactly("m0", "m1", "m2", "m3", "m4", "m5");
    }

    @Test
    void recoverDeliversAgainInOrder() throws JMSException {
        // Given
        send(5);
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(session.createQueue(name));
        texts(consumer, 3);

        // When
        session.recover();

        // Then
        for (int i = 0; i < 5; i++) {
            Message message = consumer.receive(TIMEOUT_MS);
            assertThat(text(message)).isEqualTo("m" + i);
            assertThat(message.getJMSRedelivered()).isEqualTo(i < 3);
            assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(i < 3 ? 2 : 1);
            message.acknowledge();
        }
        assertThat(waiting()).isZero();
    }

    @Test
    void acknowledgesForAConsumerThatIsClosed() throws JMSException {
        // Given
        send(3);
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(session.createQueue(name));
        Message message = consumer.receive(TIMEOUT_MS);
        consumer.close();

        // When
        message.acknowledge();

        // Then
        assertThat(texts(session.createConsumer(session.createQueue(name)), 2)).containsExactly("m1", "m2");
    }

    @Test
    void aClosedConsumerGivesBackWhatNobodySaw() throws JMSException {
        // Given
        send(3);
        Session session = connection.createSession();
        Queue queue = session.createQueue(name);
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(text(consumer.receive(TIMEOUT_MS))).isEqualTo("m0");
        consumer.close();

        // When
        MessageConsumer next = session.createConsumer(queue);

        // Then
        Message message = next.receive(TIMEOUT_MS);
        assertThat(text(message)).isEqualTo("m1");
        assertThat(message.getJMSRedelivered()).isFalse();
    }

    @Test
    void acknowledgeOfAClosedSessionIsRefused() throws JMSException {
        // Given
        send(1);
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Message message = session.createConsumer(session.createQueue(name)).receive(TIMEOUT_MS);
        session.close();

        // Then
        assertThat(text(message)).isEqualTo("m0");
        assertThatThrownBy(message::acknowledge).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void deliversToAListenerInOrderAndSettles() throws Exception {
        // Given
        send(200);
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch all = new CountDownLatch(200);
        Session session = connection.createSession();

        // When
        session.createConsumer(session.createQueue(name)).setMessageListener(message -> {
            try {
                seen.add(text(message));
            } catch (JMSException e) {
                seen.add(e.toString());
            }
            all.countDown();
        });

        // Then
        assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 200; i++) {
            assertThat(seen.get(i)).isEqualTo("m" + i);
        }
        session.close();
        assertThat(waiting()).isZero();
    }

    @Test
    void deliversAgainToAListenerThatFails() throws Exception {
        // Given
        send(2);
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        Session session = connection.createSession();

        // When
        session.createConsumer(session.createQueue(name)).setMessageListener(message -> {
            try {
                int delivery = message.getIntProperty("JMSXDeliveryCount");
                seen.add(text(message) + " " + delivery + " " + message.getJMSRedelivered());
                if (delivery < 3) {
                    throw new java.lang.IllegalStateException("on purpose");
                }
            } catch (JMSException e) {
                seen.add(e.toString());
            }
        });

        // Then
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> seen.size() >= 6);
        assertThat(seen)
                .containsExactly("m0 1 false", "m0 2 true", "m0 3 true", "m1 1 false", "m1 2 true", "m1 3 true");
    }

    @Test
    void recoversWithinAListener() throws Exception {
        // Given
        send(3);
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);

        // When
        session.createConsumer(session.createQueue(name)).setMessageListener(message -> {
            try {
                String text = text(message) + " " + message.getIntProperty("JMSXDeliveryCount");
                seen.add(text);
                if (text.equals("m1 1")) {
                    session.recover();
                } else if (text.startsWith("m2")) {
                    message.acknowledge();
                }
            } catch (JMSException e) {
                seen.add(e.toString());
            }
        });

        // Then
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> seen.size() >= 5);
        assertThat(seen).containsExactly("m0 1", "m1 1", "m0 2", "m1 2", "m2 1");
    }

    @Test
    void aListenerMayCloseItsOwnConsumer() throws Exception {
        // Given
        send(3);
        CountDownLatch closed = new CountDownLatch(1);
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(session.createQueue(name));

        // When
        consumer.setMessageListener(message -> {
            try {
                consumer.close();
                closed.countDown();
            } catch (JMSException e) {
                throw new java.lang.IllegalStateException(e);
            }
        });

        // Then
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        Session next = connection.createSession();
        assertThat(texts(next.createConsumer(next.createQueue(name)), 2)).containsExactly("m1", "m2");
    }

    @Test
    void aListenerMayNotCloseItsSessionOrConnection() throws Exception {
        // Given
        send(1);
        List<Throwable> refused = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch done = new CountDownLatch(1);
        Session session = connection.createSession();

        // When
        session.createConsumer(session.createQueue(name)).setMessageListener(message -> {
            for (AutoCloseable call : List.<AutoCloseable>of(session::close, connection::close, connection::stop)) {
                try {
                    call.close();
                } catch (Exception e) {
                    refused.add(e);
                }
            }
            done.countDown();
        });

        // Then
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(refused).hasSize(3).allMatch(e -> e instanceof IllegalStateException);
    }

    @Test
    void stopHoldsMessagesBack() throws JMSException {
        // Given
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(session.createQueue(name));
        send(2);
        assertThat(text(consumer.receive(TIMEOUT_MS))).isEqualTo("m0");

        // When
        connection.stop();

        // Then
        assertThat(consumer.receive(100)).isNull();
        assertThat(consumer.receiveNoWait()).isNull();
        connection.start();
        assertThat(text(consumer.receive(TIMEOUT_MS))).isEqualTo("m1");
    }

    @Test
    void receiveReturnsNullWhenItsConsumerIsClosed() throws Exception {
        // Given
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(session.createQueue(name));
        List<Object> results = Collections.synchronizedList(new ArrayList<>());
        Thread receiver = new Thread(() -> {
            try {
                results.add(String.valueOf(consumer.receive()));
            } catch (JMSException e) {
                results.add(e);
            }
        });
        receiver.start();
        Awaitility.await().until(() -> receiver.getState() == Thread.State.TIMED_WAITING);

        // When
        consumer.close();

        // Then
        receiver.join(TIMEOUT_MS);
        assertThat(results).containsExactly("null");
    }

    @Test
    void sharesAQueueAmongConsumers() throws Exception {
        // Given
        int count = 300;
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 3; i++) {
            Session session = connection.createSession();
            session.createConsumer(session.createQueue(name)).setMessageListener(message -> {
                try {
                    seen.add(text(message));
                } catch (JMSException e) {
                    seen.add(e.toString());
                }
            });
        }

        // When
        send(count);

        // Then
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> seen.size() >= count);
        assertThat(seen).hasSize(count).doesNotHaveDuplicates();
    }
}
