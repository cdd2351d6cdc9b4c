package io.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.MillraceQueue;
import io.millrace.jms.MillraceTopic;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueRequestor;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the API refuses, and when: closed objects, wrong domains, bad arguments, what is not supported yet. */
class ApiRulesIT {
    private static final long TIMEOUT_MS = 10_000;
    private static EmbeddedBroker broker;

    private Connection connection;
    private Session session;
    private Queue queue;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.builder().user("me", "secret").start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void connect() throws JMSException {
        connection = new MillraceConnectionFactory(broker.uri()).createConnection("me", "secret");
        session = connection.createSession();
        queue = session.createQueue("rules-" + UUID.randomUUID());
    }

    @AfterEach
    void close() throws JMSException {
        connection.close();
    }

    /** A call that has to fail. */
    interface Call {
        void run() throws Exception;
    }

    private static void refusedAsClosed(Call... calls) {
        for (Call call : calls) {
            assertThatThrownBy(call::run).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aWrongPasswordIsASecurityException() {
        MillraceConnectionFactory factory = new MillraceConnectionFactory(broker.uri());
        assertThatThrownBy(() -> factory.createConnection("me", "wrong")).isInstanceOf(JMSSecurityException.class);
        assertThatThrownBy(() -> factory.createConnection("you", "secret")).isInstanceOf(JMSSecurityException.class);
    }

    @Test
    void closedObjectsRefuseEverythingButClose() throws JMSException {
        MessageProducer producer = session.createProducer(queue);
        MessageConsumer consumer = session.createConsumer(queue);
        QueueBrowser browser = session.createBrowser(queue);
        TextMessage message = session.createTextMessage("x");

        producer.close();
        producer.close();
        refusedAsClosed(() -> producer.send(message), producer::getPriority, () -> producer.setPriority(1));
        consumer.close();
        consumer.close();
        refusedAsClosed(
                consumer::receive,
                () -> consumer.receive(1),
                consumer::receiveNoWait,
                consumer::getMessageSelector,
                () -> consumer.setMessageListener(null));
        browser.close();
        browser.close();
        refusedAsClosed(browser::getEnumeration, browser::getQueue);
        session.close();
        session.close();
        refusedAsClosed(
                session::createTextMessage,
                () -> session.createProducer(queue),
                () -> session.createConsumer(queue),
                session::recover,
                session::getTransacted,
                session::getAcknowledgeMode);
        connection.close();
        connection.close();
        refusedAsClosed(
                connection::createSession,
                connection::start,
                connection::stop,
                connection::getMetaData,
                connection::getClientID);
        assertThat(message.getText()).isEqualTo("x");
    }

    @Test
    void domainsRefuseEachOthersMethods() throws JMSException {
        MillraceConnectionFactory factory = new MillraceConnectionFactory(broker.uri());
        try (QueueConnection queues = factory.createQueueConnection("me", "secret");
                TopicConnection topics = factory.createTopicConnection("me", "secret")) {
            QueueSession queueSession = queues.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
            refusedAsClosed(
                    () -> queueSession.createTopic("t"),
                    () -> queueSession.createDurableSubscriber(new MillraceTopic("t"), "s"),
                    () -> queueSession.createDurableConsumer(new MillraceTopic("t"), "s"),
                    queueSession::createTemporaryTopic,
                    () -> queueSession.unsubscribe("s"));
            TopicSession topicSession = topics.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
            refusedAsClosed(
                    () -> topicSession.createQueue("q"),
                    () -> topicSession.createBrowser(queue),
                    topicSession::createTemporaryQueue);
            refusedAsClosed(() -> queues.createDurableConnectionConsumer(new MillraceTopic("t"), "s", null, null, 1));
        }
    }

    @Test
    void badDestinationsAreRefused() throws JMSException {
        Destination foreign = new Destination() {};
        assertThatThrownBy(() -> session.createConsumer(null)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createConsumer(foreign)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createBrowser(null)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createProducer(foreign)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createQueue("")).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createQueue(null)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createTopic(null)).isInstanceOf(InvalidDestinationException.class);
        MessageProducer anonymous = session.createProducer(null);
        MessageProducer bound = session.createProducer(queue);
        Message message = session.createMessage();
        assertThatThrownBy(() -> anonymous.send((Destination) null, message))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> anonymous.send(message)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> bound.send(queue, message)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> bound.send((Message) null)).isInstanceOf(MessageFormatException.class);
        try (JMSContext context = new MillraceConnectionFactory(broker.uri()).createContext("me", "secret")) {
            assertThatThrownBy(() -> context.createProducer().send(null, "x"))
                    .isInstanceOf(InvalidDestinationRuntimeException.class);
            assertThatThrownBy(() -> context.createConsumer(null))
                    .isInstanceOf(InvalidDestinationRuntimeException.class);
        }
    }

    @Test
    void destinationsAreNotCreatedWhereThatIsSwitchedOff() throws JMSException {
        MillraceConnectionFactory factory = new MillraceConnectionFactory(broker.uri() + "?createDestinations=false");
        try (Connection strict = factory.createConnection("me", "secret");
                Session strictSession = strict.createSession()) {
            assertThatThrownBy(() -> strictSession.createProducer(queue))
                    .isInstanceOf(InvalidDestinationException.class);
            session.createProducer(queue);
            strictSession.createProducer(queue);
        }
    }

    @Test
    void producersCheckWhatTheyAreGiven() throws JMSException {
        MessageProducer producer = session.createProducer(queue);
        assertThat(producer.getDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
        assertThat(producer.getPriority()).isEqualTo(4);
        assertThat(producer.getTimeToLive()).isZero();
        assertThat(producer.getDeliveryDelay()).isZero();
        assertThatThrownBy(() -> producer.setPriority(10)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> producer.setPriority(-1)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> producer.setDeliveryMode(0)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> producer.setTimeToLive(-1)).isInstanceOf(JMSException.class);
        Message message = session.createMessage();
        assertThatThrownBy(() -> producer.send(message, 5, 4, 0)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> producer.send(message, DeliveryMode.PERSISTENT, 11, 0))
                .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> producer.send(message, (CompletionListener) null))
                .isInstanceOf(IllegalArgumentException.class);
        producer.setDisableMessageID(true);
        producer.setDisableMessageTimestamp(true);
        producer.send(message);
        assertThat(message.getJMSMessageID()).isNull();
        assertThat(message.getJMSTimestamp()).isZero();
    }

    @Test
    void whatIsNotThereYetSaysSo() throws JMSException {
        MillraceTopic topic = new MillraceTopic("t");
        List<Call> calls = List.of(
                () -> connection.createSession(true, Session.SESSION_TRANSACTED),
                () -> connection.createSession(Session.SESSION_TRANSACTED),
                () -> session.createConsumer(queue, "a = 1"),
                () -> session.createBrowser(queue, "a = 1"),
                () -> session.createSharedConsumer(topic, "s"),
                () -> session.createSharedDurableConsumer(topic, "s"),
                session::createTemporaryQueue,
                session::createTemporaryTopic,
                () -> {
                    MessageProducer producer = session.createProducer(queue);
                    producer.setDeliveryDelay(5);
                    producer.send(session.createMessage());
                });
        for (Call call : calls) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(JMSException.class)
                    .hasMessageStartingWith("not supported yet: ");
        }
        assertThatThrownBy(session::commit).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(session::rollback).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> connection.createSession(false, 77)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> new QueueRequestor(
                        new MillraceConnectionFactory(broker.uri())
                                .createQueueConnection("me", "secret")
                                .createQueueSession(false, Session.AUTO_ACKNOWLEDGE),
                        queue))
                .isInstanceOf(JMSException.class);
    }

    @Test
    void metaDataSaysWhatItIs() throws JMSException {
        ConnectionMetaData data = connection.getMetaData();
        assertThat(data.getJMSVersion()).isEqualTo("3.1");
        assertThat(data.getJMSMajorVersion()).isEqualTo(3);
        assertThat(data.getJMSMinorVersion()).isEqualTo(1);
        assertThat(data.getJMSProviderName()).isEqualTo("Millrace");
        assertThat(data.getProviderVersion())
                .startsWith(data.getProviderMajorVersion() + "." + data.getProviderMinorVersion());
        List<Object> names = new ArrayList<>(Collections.list((Enumeration<?>) data.getJMSXPropertyNames()));
        assertThat(names).contains("JMSXGroupID", "JMSXGroupSeq", "JMSXDeliveryCount");
    }

    @Test
    void receiveIsRefusedBesideAListener() throws JMSException {
        MessageConsumer listening = session.createConsumer(queue);
        MessageConsumer other = session.createConsumer(session.createQueue("other"));
        listening.setMessageListener(message -> {});
        assertThatThrownBy(() -> other.receive(1)).isInstanceOf(IllegalStateException.class);
        listening.setMessageListener(null);
        connection.start();
        assertThat(other.receiveNoWait()).isNull();
    }

    @Test
    void browsesWithoutConsuming() throws JMSException {
        // Given
        MessageProducer producer = session.createProducer(queue);
        for (int i = 0; i < 1_200; i++) {
            producer.send(session.createTextMessage("m" + i), DeliveryMode.NON_PERSISTENT, 4, 0);
        }
        producer.send(session.createTextMessage("last"));
        QueueBrowser browser = session.createBrowser(queue);
        assertThat(browser.getQueue()).isEqualTo(queue);

        for (int round = 0; round < 2; round++) {
            // When
            List<String> texts = new ArrayList<>();
            for (Enumeration<?> all = browser.getEnumeration(); all.hasMoreElements(); ) {
                texts.add(((TextMessage) all.nextElement()).getText());
            }

            // Then
            assertThat(texts).hasSize(1_201).startsWith("m0", "m1").endsWith("m1199", "last");
        }
        connection.start();
        assertThat(((TextMessage) session.createConsumer(queue).receive(TIMEOUT_MS)).getText())
                .isEqualTo("m0");
    }

    @Test
    void completesAsynchronousSendsInOrderOnAnotherThread() throws Exception {
        // Given
        int count = 500;
        List<String> completed = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch all = new CountDownLatch(count);
        MessageProducer producer = session.createProducer(queue);

        // When
        for (int i = 0; i < count; i++) {
            producer.send(session.createTextMessage("m" + i), new CompletionListener() {
                @Override
                public void onCompletion(Message message) {
                    try {
                        completed.add(((TextMessage) message).getText());
                    } catch (JMSException e) {
                        completed.add(e.toString());
                    }
                    threads.add(Thread.currentThread());
                    all.countDown();
                }

                @Override
                public void onException(Message message, Exception exception) {
                    completed.add(exception.toString());
                    all.countDown();
                }
            });
        }

        // Then
        assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(completed).hasSize(count);
        for (int i = 0; i < count; i++) {
            assertThat(completed.get(i)).isEqualTo("m" + i);
        }
        assertThat(threads).doesNotContain(Thread.currentThread());
        connection.start();
        MessageConsumer consumer = session.createConsumer(queue);
        for (int i = 0; i < count; i++) {
            assertThat(((TextMessage) consumer.receive(TIMEOUT_MS)).getText()).isEqualTo("m" + i);
        }
    }

    @Test
    void aCompletionListenerMayNotCloseWhatItWaitsFor() throws Exception {
        // Given
        MessageProducer producer = session.createProducer(queue);
        List<Exception> refused = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch done = new CountDownLatch(1);

        // When
        producer.send(session.createMessage(), new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                for (AutoCloseable call : List.<AutoCloseable>of(producer, session, connection)) {
                    try {
                        call.close();
                    } catch (Exception e) {
                        refused.add(e);
                    }
                }
                done.countDown();
            }

            @Override
            public void onException(Message message, Exception exception) {
                done.countDown();
            }
        });

        // Then
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(refused).hasSize(3).allMatch(e -> e instanceof IllegalStateException);
    }

    @Test
    void contextsShareAConnectionUntilTheLastIsClosed() {
        JMSContext first = new MillraceConnectionFactory(broker.uri()).createContext("me", "secret");
        JMSContext second = first.createContext(JMSContext.CLIENT_ACKNOWLEDGE);
        assertThat(second.getSessionMode()).isEqualTo(JMSContext.CLIENT_ACKNOWLEDGE);
        first.close();
        first.close();
        for (Runnable call : List.<Runnable>of(
                first::createTextMessage,
                first::getClientID,
                () -> first.setClientID("id"),
                first::getMetaData,
                first::getExceptionListener,
                () -> first.setExceptionListener(null),
                first::start,
                first::stop)) {
            assertThatThrownBy(call::run).isInstanceOf(IllegalStateRuntimeException.class);
        }
        second.createProducer().send(queue, "x");
        second.close();
        assertThatThrownBy(() -> second.createContext(JMSContext.AUTO_ACKNOWLEDGE))
                .isInstanceOf(IllegalStateRuntimeException.class);
        assertThatThrownBy(() -> new MillraceConnectionFactory(broker.uri()).createContext("me", "secret", 9))
                .isInstanceOf(JMSRuntimeException.class);
    }

    @Test
    void acceptsTheQueueOfAnotherObject() throws JMSException {
        assertThat(new MillraceQueue(queue.getQueueName())).isEqualTo(queue).hasSameHashCodeAs(queue);
        assertThat(new MillraceQueue("a")).isNotEqualTo(new MillraceTopic("a"));
    }
}
