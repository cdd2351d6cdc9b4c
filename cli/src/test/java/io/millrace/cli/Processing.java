package io.millrace.cli;

import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An application in a process of its own that prints each text once it has processed it, until it is killed. */
final class Processing {
    private static boolean works;

    private Processing() {}

    /**
     * Runs.
     *
     * @param arguments URL, queue, and {@code listener} or {@code receive} (AUTO_ACKNOWLEDGE) or {@code client}
     *     (CLIENT_ACKNOWLEDGE); whether each message takes some ms
     */
    public static void main(String[] arguments) throws Exception {
        Connection connection = new MillraceConnectionFactory(arguments[0]).createConnection();
        works = Boolean.parseBoolean(arguments[3]);
        boolean client = arguments[2].equals("client");
        Session session =
                connection.createSession(false, client ? Session.CLIENT_ACKNOWLEDGE : Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(session.createQueue(arguments[1]));
        connection.start();
        if (arguments[2].equals("listener")) {
            consumer.setMessageListener(Processing::process);
            new CountDownLatch(1).await();
        }
        while (true) {
            Message message = consumer.receive();
            process(message);
            if (client) {
                message.acknowledge();
            }
        }
    }

    private static void process(Message message) {
        try {
            if (works) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(25));
            }
            System.out.println(((TextMessage) message).getText());
            System.out.flush();
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }
}
