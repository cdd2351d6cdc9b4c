package io.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.MillraceTopic;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Subscriptions, durable and not, and the client identifiers they belong to. */
class TopicsIT {
    private static final long TIMEOUT_MS = 10_000;
    private static EmbeddedBroker broker;

    private String clientId;
    private Topic topic;
    private JMSContext publisher;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.builder().start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void connect() {
        clientId = "client-" + UUID.randomUUID();
        topic = new MillraceTopic("topic-" + UUID.randomUUID());
        publisher = new MillraceConnectionFactory(broker.uri()).createContext();
    }

    @AfterEach
    void close() {
        publisher.close();
    }

    private void publish(String... texts) {
        for (String text : texts) {
            publisher.createProducer().send(topic, text);
        }
    }

    private JMSContext subscriber() {
        return new MillraceConnectionFactory(broker.uri() + "?clientId=" + clientId).createContext();
    }

    private static String next(JMSConsumer consumer) {
        return consumer.receiveBody(String.class, TIMEOUT_MS);
    }

    @Test
    void everySubscriberHasEveryMessageFromItsBeginningOn() {
        // Given
        publish("before");
        JMSConsumer first = publisher.createConsumer(topic);
        JMSConsumer second = publisher.createConsumer(topic);

        // When
        publish("a", "b");

        // Then
        for (JMSConsumer consumer : new JMSConsumer[] {first, second}) {
            assertThat(next(consumer)).isEqualTo("a");
            assertThat(next(consumer)).isEqualTo("b");
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    @Test
    void holdsMessagesForASubscriberThatIsNotStarted() {
        try (JMSContext context = new MillraceConnectionFactory(broker.uri()).createContext()) {
            // Given
            context.setAutoStart(false);
            JMSConsumer consumer = context.createConsumer(topic);
            publish("a");
            assertThat(consumer.receive(50)).isNull();

            // When
            context.start();

            // Then
            assertThat(next(consumer)).isEqualTo("a");
        }
    }

    @Test
    void aDurableSubscriptionKeepsWhatItsSubscriberMissed() {
        // Given
        try (JMSContext context = subscriber()) {
            JMSConsumer consumer = context.createDurableConsumer(topic, "sub");
            publish("a");
            assertThat(next(consumer)).isEqualTo("a");
        }

        // When
        publish("b", "c");

        // Then
        try (JMSContext context = subscriber()) {
            JMSConsumer consumer = context.createDurableConsumer(topic, "sub");
            assertThat(next(consumer)).isEqualTo("b");
            assertThat(next(consumer)).isEqualTo("c");
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    @Test
    void unsubscribeForgetsTheSubscription() {
        try (JMSContext context = subscriber()) {
            // Given
            context.createDurableConsumer(topic, "sub").close();
            publish("lost");

            // When
            context.unsubscribe("sub");

            // Then
            JMSConsumer consumer = context.createDurableConsumer(topic, "sub");
            publish("new");
            assertThat(next(consumer)).isEqualTo("new");
        }
    }

    @Test
    void unsubscribeOfAnActiveOrUnknownSubscriptionIsRefused() throws JMSException {
        try (Connection connection =
                new MillraceConnectionFactory(broker.uri() + "?clientId=" + clientId).createConnection()) {
            Session session = connection.createSession();
            session.createDurableConsumer(topic, "active");
            assertThatThrownBy(() -> session.unsubscribe("active")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> session.unsubscribe("unknown")).isInstanceOf(InvalidDestinationException.class);
        }
    }

    @Test
    void aSecondConsumerOfADurableSubscriptionIsRefused() throws JMSException {
        try (Connection connection =
                new MillraceConnectionFactory(broker.uri() + "?clientId=" + clientId).createConnection()) {
            Session session = connection.createSession();
            session.createDurableConsumer(topic, "sub");
            assertThatThrownBy(() -> session.createDurableConsumer(topic, "sub"))
                    .isInstanceOf(JMSException.class);
        }
    }

    @Test
    void anotherTopicUnderTheSameNameBeginsAnew() {
        Topic other = new MillraceTopic("other-" + UUID.randomUUID());
        try (JMSContext context = subscriber()) {
            // Given
            context.createDurableConsumer(topic, "sub").close();
            publish("old");

            // When
            JMSConsumer consumer = context.createDurableConsumer(other, "sub");
            publisher.createProducer().send(other, "new");

            // Then
            assertThat(next(consumer)).isEqualTo("new");
            consumer.close();
            JMSConsumer back = context.createDurableConsumer(topic, "sub");
            assertThat(back.receiveNoWait()).isNull();
        }
    }

    @Test
    void noClientIdentifierNoDurableSubscription() {
        assertThatThrownBy(() -> publisher.createDurableConsumer(topic, "sub"))
                .isInstanceOf(IllegalStateRuntimeException.class);
    }

    @Test
    void durableMessagesThatWereNotAcknowledgedComeAgain() throws JMSException {
        MillraceConnectionFactory factory = new MillraceConnectionFactory(broker.uri() + "?clientId=" + clientId);
        try (Connection connection = factory.createConnection()) {
            // Given
            connection.start();
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = session.createDurableConsumer(topic, "sub");
            publish("a", "b");
            assertThat(consumer.receive(TIMEOUT_MS)).isNotNull();
            consumer.close();

            // When
            MessageConsumer again = session.createDurableConsumer(topic, "sub");

            // Then
            Message first = again.receive(TIMEOUT_MS);
            assertThat(first.getBody(String.class)).isEqualTo("a");
            assertThat(first.getJMSRedelivered()).isTrue();
            assertThat(again.receive(TIMEOUT_MS).getBody(String.class)).isEqualTo("b");
        }
    }

    @Test
    void recoverOfATopicSubscriberKeepsTheOrder() throws JMSException {
        try (TopicConnection connection = new MillraceConnectionFactory(broker.uri()).createTopicConnection()) {
            // Given
            connection.start();
            TopicSession session = connection.createTopicSession(false, Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = session.createSubscriber(topic);
            publish("a", "b", "c");
            consumer.receive(TIMEOUT_MS);
            consumer.receive(TIMEOUT_MS);

            // When
            session.recover();

            // Then
            for (String text : new String[] {"a", "b", "c"}) {
                Message message = consumer.receive(TIMEOUT_MS);
                assertThat(message.getBody(String.class)).isEqualTo(text);
                assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(text.equals("c") ? 1 : 2);
            }
        }
    }

    @Test
    void aClientIdentifierBelongsToOneConnection() throws JMSException {
        MillraceConnectionFactory factory = new MillraceConnectionFactory(broker.uri());
        try (Connection first = factory.createConnection();
                Connection second = factory.createConnection()) {
            first.setClientID(clientId);
            assertThat(first.getClientID()).isEqualTo(clientId);
            assertThatThrownBy(() -> second.setClientID(clientId)).isInstanceOf(InvalidClientIDException.class);
            first.close();
            second.setClientID(clientId);
        }
    }

    @Test
    void aClientIdentifierComesBeforeEverythingElse() throws JMSException {
        MillraceConnectionFactory factory = new MillraceConnectionFactory(broker.uri());
        try (Connection connection = factory.createConnection()) {
            assertThat(connection.getClientID()).isNull();
            assertThatThrownBy(() -> connection.setClientID("")).isInstanceOf(InvalidClientIDException.class);
            assertThatThrownBy(() -> connection.setClientID(null)).isInstanceOf(InvalidClientIDException.class);
            connection.createSession();
            assertThatThrownBy(() -> connection.setClientID(clientId)).isInstanceOf(IllegalStateException.class);
        }
        factory.setClientId(clientId);
        try (Connection connection = factory.createConnection()) {
            assertThatThrownBy(() -> connection.setClientID("x")).isInstanceOf(IllegalStateException.class);
        }
        try (JMSContext context = new MillraceConnectionFactory(broker.uri()).createContext()) {
            context.setClientID(clientId);
            assertThat(context.getClientID()).isEqualTo(clientId);
        }
    }
}
