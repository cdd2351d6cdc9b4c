package io.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that is restarted under its clients: nothing is lost, nothing comes twice, nobody notices but by the delay. */
class ReconnectIT {
    @TempDir
    Path directory;

    private int port;
    private EmbeddedBroker broker;
    private Connection connection;

    @BeforeEach
    void start() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        startBroker();
        connection = connect("");
    }

    @AfterEach
    void stop() throws JMSException {
        connection.close();
        broker.close();
    }

    private void startBroker() {
        broker = EmbeddedBroker.builder().dataDirectory(directory).port(port).start();
    }

    private void restartBroker() {
        broker.close();
        startBroker();
    }

    private Connection connect(String options) throws JMSException {
        Connection made = new MillraceConnectionFactory("millrace://127.0.0.1:" + port + options).createConnection();
        made.start();
        return made;
    }

    private static void send(Session session, Queue queue, int from, int to) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            for (int i = from; i < to; i++) {
                producer.send(session.createTextMessage("m" + i));
            }
        }
    }

    @Test
    void sendsAndReceivesThroughRestarts() throws Exception {
        // Given
        Session sending = connection.createSession();
        Session receiving = connection.createSession();
        Queue queue = sending.createQueue("through");
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        receiving.createConsumer(queue).setMessageListener(message -> {
            try {
                seen.add(((TextMessage) message).getText());
            } catch (JMSException e) {
                seen.add(e.toString());
            }
        });
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicInteger sent = new AtomicInteger();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        Thread sender = new Thread(() -> {
            try (MessageProducer producer = sending.createProducer(queue)) {
                while (!isOver.get()) {
                    producer.send(sending.createTextMessage("m" + sent.get()));
                    sent.incrementAndGet();
                }
            } catch (JMSException e) {
                failures.add(e);
            }
        });
        sender.start();

        // When
        for (int i = 0; i < 3; i++) {
            int before = seen.size();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> seen.size() > before + 50);
            restartBroker();
        }
        isOver.set(true);
        sender.join(30_000);

        // Then
        assertThat(failures).isEmpty();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> seen.size() >= sent.get());
        assertThat(seen).hasSize(sent.get()).doesNotHaveDuplicates();
        assertThat(seen.stream().map(text -> Integer.valueOf(text.substring(1))))
                .isSorted();
    }

    @Test
    void receivesNothingAgainThatItHasProcessed() throws Exception {
        // Given
        Session session = connection.createSession();
        Queue queue = session.createQueue("again");
        send(session, queue, 0, 300);
        MessageConsumer consumer = session.createConsumer(queue);

        // When
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            if (i % 100 == 50) {
                restartBroker();
            }
            Message message = consumer.receive(30_000);
            assertThat(message).as("message %d", i).isNotNull();
            assertThat(message.getJMSRedelivered()).isFalse();
            seen.add(((TextMessage) message).getText());
        }

        // Then
        assertThat(seen).doesNotHaveDuplicates().startsWith("m0").endsWith("m299");
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void acknowledgesWhatItGotBeforeTheRestart() throws Exception {
        // Given
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = session.createQueue("acknowledge");
        send(session, queue, 0, 10);
        MessageConsumer consumer = session.createConsumer(queue);
        Message last = null;
        for (int i = 0; i < 5; i++) {
            last = consumer.receive(10_000);
        }

        // When
        restartBroker();
        last.acknowledge();

        // Then
        connection.close();
        connection = connect("");
        Session next = connection.createSession();
        MessageConsumer rest = next.createConsumer(queue);
        for (int i = 5; i < 10; i++) {
            assertThat(((TextMessage) rest.receive(10_000)).getText()).isEqualTo("m" + i);
        }
        assertThat(rest.receiveNoWait()).isNull();
    }

    @Test
    void aDurableSubscriberComesBack() throws Exception {
        // Given
        connection.close();
        connection = connect("?clientId=me");
        Session session = connection.createSession();
        var topic = session.createTopic("prices");
        MessageConsumer consumer = session.createDurableConsumer(topic, "sub");
        MessageProducer producer = session.createProducer(topic);
        producer.send(session.createTextMessage("a"));
        assertThat(((TextMessage) consumer.receive(10_000)).getText()).isEqualTo("a");

        // When
        restartBroker();
        producer.send(session.createTextMessage("b"));

        // Then
        assertThat(((TextMessage) consumer.receive(30_000)).getText()).isEqualTo("b");
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void aSubscriberThatIsNotDurableGoesOnWhereItWas() throws Exception {
        // Given
        Session session = connection.createSession();
        var topic = session.createTopic("news");
        MessageConsumer consumer = session.createConsumer(topic);
        MessageProducer producer = session.createProducer(topic);
        producer.send(session.createTextMessage("a"));
        assertThat(((TextMessage) consumer.receive(10_000)).getText()).isEqualTo("a");

        // When
        restartBroker();
        producer.send(session.createTextMessage("b"));

        // Then
        assertThat(((TextMessage) consumer.receive(30_000)).getText()).isEqualTo("b");
    }

    @Test
    void sendsWithoutWaitingThroughARestart() throws Exception {
        // Given
        Session session = connection.createSession();
        Queue queue = session.createQueue("unwaited");
        MessageProducer producer = session.createProducer(queue);
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);

        // When
        for (int i = 0; i < 2_000; i++) {
            if (i == 1_000) {
                restartBroker();
            }
            producer.send(session.createTextMessage("m" + i));
        }
        producer.setDeliveryMode(DeliveryMode.PERSISTENT);
        producer.send(session.createTextMessage("last"));

        // Then
        MessageConsumer consumer = session.createConsumer(queue);
        List<String> seen = new ArrayList<>();
        do {
            seen.add(((TextMessage) consumer.receive(30_000)).getText());
        } while (!seen.get(seen.size() - 1).equals("last"));
        assertThat(seen).doesNotHaveDuplicates().contains("m1999");
    }

    @Test
    void saysSoWhenTheBrokerStaysAway() throws Exception {
        // Given
        connection.close();
        connection = connect("?reconnectTimeout=500ms");
        CountDownLatch told = new CountDownLatch(1);
        connection.setExceptionListener(e -> told.countDown());
        Session session = connection.createSession();
        Queue queue = session.createQueue("away");
        MessageProducer producer = session.createProducer(queue);
        MessageConsumer consumer = session.createConsumer(queue);

        // When
        broker.close();

        // Then
        assertThatThrownBy(() -> producer.send(session.createTextMessage("x")))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("reconnectTimeout");
        assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> consumer.receive(10)).isInstanceOf(JMSException.class);
        assertThatThrownBy(session::createTextMessage).isInstanceOf(JMSException.class);
        connection.close();
        startBroker();
        connection = connect("");
    }

    @Test
    void saysThatTheOutcomeIsUnknownWhenASendTakesTooLong() throws Exception {
        // Given
        connection.close();
        connection = connect("?sendTimeout=300ms");
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(session.createQueue("slow"));
        producer.send(session.createTextMessage("a"));

        // When
        broker.close();

        // Then
        assertThatThrownBy(() -> producer.send(session.createTextMessage("x")))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("within 300 ms (sendTimeout)");
        startBroker();
    }

    @Test
    void aBrokerThatIsNotThereIsNamed() throws IOException {
        int unused;
        try (ServerSocket socket = new ServerSocket(0)) {
            unused = socket.getLocalPort();
        }
        assertThatThrownBy(() -> new MillraceConnectionFactory("millrace://127.0.0.1:" + unused).createConnection())
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("127.0.0.1:" + unused + ": connection refused");
    }
}
