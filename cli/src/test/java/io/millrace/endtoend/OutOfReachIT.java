package io.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.admin.MillraceAdmin;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client that is out of the broker's reach for longer than its messages wait for it. */
class OutOfReachIT {
    private static final long TIMEOUT_MS = 20_000;
    private static final String LOST = "DELIVERY_LOST";

    private Wire wire;
    private EmbeddedBroker broker;
    private Connection away;
    private Connection here;

    @BeforeEach
    void start() throws Exception {
        wire = new Wire();
        broker = EmbeddedBroker.builder()
                .property("advertised.listener", wire.address())
                .property("reattach.grace.ms", "100")
                .start();
        wire.leadTo(URI.create(broker.uri()).getPort());
        away = connect("millrace://" + wire.address());
        here = connect(broker.uri() + "?prefetch=1");
    }

    private static Connection connect(String uri) throws JMSException {
        Connection connection = new MillraceConnectionFactory(uri).createConnection();
        connection.start();
        return connection;
    }

    @AfterEach
    void stop() throws Exception {
        wire.join();
        away.close();
        here.close();
        broker.close();
        wire.close();
    }

    private void send(Queue queue, int count) throws JMSException {
        try (Session session = here.createSession()) {
            for (int i = 0; i < count; i++) {
                session.createProducer(queue).send(session.createTextMessage("m" + i));
            }
        }
    }

    private static String text(Message message) throws JMSException {
        assertThat(message).as("a message in time").isNotNull();
        return ((TextMessage) message).getText();
    }

    private long unsettled(String queue) throws JMSException {
        try (MillraceAdmin admin = MillraceAdmin.connect(broker.uri())) {
            var description = admin.describeQueue(queue);
            return description.waiting() + description.inFlight();
        }
    }

    /** Another consumer takes the first message that the one who is away held, and no other. */
    private void takeFirst(Queue queue) throws JMSException {
        Session session = here.createSession();
        MessageConsumer consumer = session.createConsumer(queue);
        Message taken = consumer.receive(TIMEOUT_MS);
        assertThat(text(taken)).isEqualTo("m0");
        assertThat(taken.getJMSRedelivered()).isTrue();
        session.close();
    }

    @Test
    void acknowledgeSaysThatMessagesWereLost() throws Exception {
        // Given
        Session session = away.createSession(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = session.createQueue("lost");
        send(queue, 3);
        MessageConsumer consumer = session.createConsumer(queue);
        consumer.receive(TIMEOUT_MS);
        Message last = consumer.receive(TIMEOUT_MS);
        assertThat(text(last)).isEqualTo("m1");
        wire.cut();
        takeFirst(queue);
        wire.join();

        // Then
        assertThatThrownBy(last::acknowledge)
                .isInstanceOfSatisfying(
                        JMSException.class, e -> assertThat(e.getErrorCode()).isEqualTo(LOST))
                .hasMessageContaining("taken back by the broker")
                .hasMessageContaining("recover()");
        assertThat(unsettled("lost")).isEqualTo(2);
        session.recover();
        Message again = consumer.receive(TIMEOUT_MS);
        assertThat(text(again)).isEqualTo("m1");
        assertThat(again.getJMSRedelivered()).isTrue();
        Message next = consumer.receive(TIMEOUT_MS);
        assertThat(text(next)).isEqualTo("m2");
        next.acknowledge();
        assertThat(unsettled("lost")).isZero();
    }

    @Test
    void acknowledgeWhileOutOfReachWaitsAndSaysWhatWasLost() throws Exception {
        // Given
        Session session = away.createSession(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = session.createQueue("meanwhile");
        send(queue, 3);
        MessageConsumer consumer = session.createConsumer(queue);
        consumer.receive(TIMEOUT_MS);
        Message last = consumer.receive(TIMEOUT_MS);
        wire.cut();
        takeFirst(queue);

        // When
        CompletableFuture<String> acknowledged = CompletableFuture.supplyAsync(() -> {
            try {
                last.acknowledge();
                return "done";
            } catch (JMSException e) {
                return e.getErrorCode();
            }
        });
        wire.join();

        // Then
        assertThat(acknowledged.get(TIMEOUT_MS, TimeUnit.MILLISECONDS)).isEqualTo(LOST);
        assertThat(unsettled("meanwhile")).isEqualTo(2);
        last.acknowledge();
        assertThat(unsettled("meanwhile")).isEqualTo(1);
    }

    @Test
    void nothingIsAcknowledgedTogetherWithWhatWasLost() throws Exception {
        // Given
        Session session = away.createSession(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = session.createQueue("together");
        send(queue, 3);
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(text(consumer.receive(TIMEOUT_MS))).isEqualTo("m0");
        wire.cut();
        takeFirst(queue);
        wire.join();
        Message fresh = consumer.receive(TIMEOUT_MS);
        assertThat(text(fresh)).isEqualTo("m1");

        // When
        assertThatThrownBy(fresh::acknowledge)
                .isInstanceOfSatisfying(
                        JMSException.class, e -> assertThat(e.getErrorCode()).isEqualTo(LOST));

        // Then
        assertThat(unsettled("together")).isEqualTo(2);
        fresh.acknowledge();
        assertThat(unsettled("together")).isEqualTo(1);
    }

    @Test
    void acknowledgeOfWhatIsStillOursSucceeds() throws Exception {
        // Given
        Session session = away.createSession(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = session.createQueue("ours");
        send(queue, 2);
        MessageConsumer consumer = session.createConsumer(queue);
        Message message = consumer.receive(TIMEOUT_MS);
        wire.cut();
        wire.join();

        // When
        message.acknowledge();

        // Then
        assertThat(unsettled("ours")).isEqualTo(1);
        assertThat(text(consumer.receive(TIMEOUT_MS))).isEqualTo("m1");
    }

    @Test
    void aListenerHasNothingAgainThatWasLostMeanwhile() throws Exception {
        // Given
        Session session = away.createSession();
        Queue queue = session.createQueue("listener");
        send(queue, 2);
        CountDownLatch hasFirst = new CountDownLatch(1);
        CountDownLatch mayFail = new CountDownLatch(1);
        StringBuffer seen = new StringBuffer();
        session.createConsumer(queue).setMessageListener(message -> {
            try {
                seen.append(text(message)).append(' ');
                if (text(message).equals("m0")) {
                    hasFirst.countDown();
                    mayFail.await();
                    throw new IllegalStateException("on purpose");
                }
            } catch (JMSException | InterruptedException e) {
                seen.append(e);
            }
        });
        assertThat(hasFirst.await(TIMEOUT_MS, TimeUnit.MILLISECONDS)).isTrue();
        wire.cut();
        takeFirst(queue);

        // When
        wire.join();
        mayFail.countDown();

        // Then
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> unsettled("listener") == 0);
        assertThat(seen.toString()).isEqualTo("m0 m1 ");
    }
}
