package io.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An application's listener may throw what it likes, Errors too: the session goes on and can be closed. */
@Timeout(30)
class ListenerFailureIT {
    private static EmbeddedBroker broker;

    private Connection connection;
    private Session session;
    private Queue queue;

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
        connection = new MillraceConnectionFactory(broker.uri()).createConnection();
        connection.start();
        session = connection.createSession();
        queue = session.createQueue("failing-" + UUID.randomUUID());
    }

    @AfterEach
    void close() throws JMSException {
        connection.close();
    }

    @Test
    void deliversAgainWhatAMessageListenerAnsweredWithAnError() throws Exception {
        // Given
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        session.createConsumer(queue).setMessageListener(message -> {
            String text = textOf(message);
            heard.add(text);
            if (text.equals("a 1")) {
                throw new AssertionError("planted");
            }
        });
        // When
        MessageProducer producer = session.createProducer(queue);
        producer.send(session.createTextMessage("a"));
        producer.send(session.createTextMessage("b"));
        // Then
        for (String text : List.of("a 1", "a 2", "b 1")) {
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(text);
        }
    }

    @Test
    void completesTheNextSendAfterAnErrorOfACompletionListener() throws Exception {
        // Given
        BlockingQueue<String> completed = new LinkedBlockingQueue<>();
        CompletionListener listener = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                completed.add("done");
                throw new AssertionError("planted");
            }

            @Override
            public void onException(Message message, Exception exception) {
                completed.add(exception.toString());
            }
        };
        // When
        MessageProducer producer = session.createProducer(queue);
        producer.send(session.createTextMessage("a"), listener);
        producer.send(session.createTextMessage("b"), listener);
        // Then
        assertThat(completed.poll(10, TimeUnit.SECONDS)).isEqualTo("done");
        assertThat(completed.poll(10, TimeUnit.SECONDS)).isEqualTo("done");
        session.close();
    }

    private static String textOf(Message message) {
        try {
            return message.getBody(String.class) + " " + message.getIntProperty("JMSXDeliveryCount");
        } catch (JMSException e) {
            return e.toString();
        }
    }
}
