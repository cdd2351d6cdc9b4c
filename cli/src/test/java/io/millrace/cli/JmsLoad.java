package io.millrace.cli;

import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * JMS applications that send and receive until they are told to stop, each on a thread and a connection of its own, and write what they do
 * into a {@link History}. A producer sends numbered texts one after another; a send that fails is one of which nobody knows, and the
 * producer goes on with the next, on a new connection if need be. Destinations are {@code queue:NAME} and {@code topic:NAME}. Owned by the
 * test's thread.
 */
final class JmsLoad implements AutoCloseable {
    private static final String QUEUE = "queue:";
    private static final int MOST_IN_A_BATCH = 5;
    private static final long RECEIVE_MS = 200;
    private static final long RETRY_MS = 50;

    private final String url;
    private final History history;
    private final AtomicBoolean producing = new AtomicBoolean(true);
    private final AtomicBoolean consuming = new AtomicBoolean(true);
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Throwable> surprises = new ConcurrentLinkedQueue<>();
    private final List<Thread> producers = new ArrayList<>();
    private final List<Thread> consumers = new ArrayList<>();
    private final List<Listener> listeners = new ArrayList<>();

    JmsLoad(String url, History history) {
        this.url = url;
        this.history = history;
    }

    // ---- who takes part

    /** Producers of a destination, from one more than there are on. */
    JmsLoad producers(String destination, int count) {
        for (int i = 0; i < count; i++) {
            String name = "p" + producers.size();
            producers.add(start(name, () -> produce(name, destination)));
        }
        return this;
    }

    /** A consumer of a queue that receives; with CLIENT_ACKNOWLEDGE, several messages at a time. */
    JmsLoad consumer(String name, String queue, int acknowledgeMode) {
        boolean client = acknowledgeMode == Session.CLIENT_ACKNOWLEDGE;
        consumers.add(start(name, () -> new Receiver(name, queue, client).run()));
        return this;
    }

    /** A consumer of a queue with a message listener. */
    JmsLoad listener(String name, String queue) throws JMSException {
        listeners.add(new Listener(name, queue, queue, null));
        return this;
    }

    /** A durable subscription, which is there when this returns, with a message listener. */
    JmsLoad durable(String subscription, String topic) throws JMSException {
        listeners.add(new Listener(subscription, topic, subscription, subscription));
        history.subscribed(subscription, topic);
        return this;
    }

    // ---- how it goes

    /** Why operations failed; the applications went on. */
    List<Throwable> failures() {
        return List.copyOf(failures);
    }

    /** Whatever else was thrown. */
    List<Throwable> surprises() {
        return List.copyOf(surprises);
    }

    /** Has the producers stop after the message that they are at. */
    void stopProducing() throws InterruptedException {
        producing.set(false);
        join(producers);
    }

    /** Has the consumers settle what they have and close. */
    void stopConsuming() throws Exception {
        consuming.set(false);
        join(consumers);
        for (Listener listener : listeners) {
            listener.close();
        }
        listeners.clear();
    }

    /** Receives and settles what is left in a queue, as a consumer of its own; how many messages that were. */
    int drain(String queue, Duration silence) throws JMSException {
        int count = 0;
        try (Connection connection = connect();
                Session session = connection.createSession(false, Session.CLIENT_ACKNOWLEDGE);
                MessageConsumer consumer = session.createConsumer(queueOf(session, queue))) {
            connection.start();
            for (Message message = consumer.receive(silence.toMillis());
                    message != null;
                    message = consumer.receive(silence.toMillis())) {
                String text = received("drain", queue, message);
                History.Operation settling = history.settle("drain", queue, text);
                message.acknowledge();
                settling.ok();
                count++;
            }
        }
        return count;
    }

    @Override
    public void close() throws Exception {
        stopProducing();
        stopConsuming();
    }

    // ---- producers

    private void produce(String name, String destination) {
        int next = 0;
        while (producing.get()) {
            try (Connection connection = connect();
                    Session session = connection.createSession();
                    MessageProducer out = session.createProducer(
                            isQueue(destination) ? queueOf(session, destination) : topicOf(session, destination))) {
                while (producing.get()) {
                    String text = name + ":" + next++;
                    send(session, out, history.send(name, destination, text), text);
                }
            } catch (JMSException e) {
                onFailure(e);
            }
        }
    }

    private static void send(Session session, MessageProducer out, History.Operation sending, String text)
            throws JMSException {
        try {
            out.send(session.createTextMessage(text));
            sending.ok();
        } catch (JMSException e) {
            sending.unknown();
            throw e;
        }
    }

    // ---- consumers

    private String received(String name, String subscription, Message message) throws JMSException {
        String text = ((TextMessage) message).getText();
        history.received(name, subscription, text, message.getIntProperty("JMSXDeliveryCount"));
        return text;
    }

    /** Receives on its own thread, again on a new connection when one is lost for good. */
    private final class Receiver {
        private final String name;
        private final String queue;
        private final boolean client;
        private final List<History.Operation> unconfirmed = new ArrayList<>();
        private final List<String> batch = new ArrayList<>();
        private Message last;
        private int most;

        Receiver(String name, String queue, boolean client) {
            this.name = name;
            this.queue = queue;
            this.client = client;
        }

        void run() {
            while (consuming.get()) {
                try {
                    try (Connection connection = connect();
                            Session session = connection.createSession(
                                    false, client ? Session.CLIENT_ACKNOWLEDGE : Session.AUTO_ACKNOWLEDGE);
                            MessageConsumer consumer = session.createConsumer(queueOf(session, queue))) {
                        connection.start();
                        receive(consumer);
                    }
                    unconfirmed.forEach(History.Operation::ok); // closing waits until settlements are durable
                } catch (JMSException e) {
                    onFailure(e);
                    unconfirmed.forEach(History.Operation::unknown);
                }
                unconfirmed.clear();
                batch.clear();
                last = null;
            }
        }

        private void receive(MessageConsumer consumer) throws JMSException {
            while (consuming.get()) {
                Message message = consumer.receive(RECEIVE_MS);
                if (message != null) {
                    take(message);
                }
                if (message == null || batch.size() > most) {
                    acknowledge();
                }
            }
            acknowledge();
        }

        private void take(Message message) throws JMSException {
            String text = received(name, queue, message);
            if (client) {
                last = message;
                batch.add(text);
            } else {
                unconfirmed.add(history.settle(name, queue, text));
            }
        }

        private void acknowledge() throws JMSException {
            if (last == null) {
                return;
            }
            most = (most + 1) % MOST_IN_A_BATCH;
            List<History.Operation> settling = batch.stream()
                    .map(text -> history.settle(name, queue, text))
                    .toList();
            batch.clear();
            try {
                last.acknowledge();
                settling.forEach(History.Operation::ok);
            } catch (JMSException e) {
                settling.forEach(History.Operation::unknown);
                throw e;
            }
            last = null;
        }
    }

    /** Has its messages brought; a connection that is lost for good is a surprise. */
    private final class Listener implements AutoCloseable {
        private final String name;
        private final String subscription;
        private final Connection connection;
        private final List<History.Operation> unconfirmed = new ArrayList<>();

        Listener(String name, String destination, String subscription, String durableName) throws JMSException {
            this.name = name;
            this.subscription = subscription;
            this.connection = connect();
            if (durableName != null) {
                connection.setClientID(name);
            }
            connection.setExceptionListener(surprises::add);
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageConsumer consumer = durableName == null
                    ? session.createConsumer(queueOf(session, destination))
                    : session.createDurableConsumer(topicOf(session, destination), durableName);
            consumer.setMessageListener(this::onMessage);
            connection.start();
        }

        private void onMessage(Message message) {
            try {
                String text = received(name, subscription, message);
                synchronized (unconfirmed) {
                    unconfirmed.add(history.settle(name, subscription, text));
                }
            } catch (JMSException e) {
                surprises.add(e);
            }
        }

        @Override
        public void close() throws JMSException {
            connection.close();
            unconfirmed.forEach(History.Operation::ok);
        }
    }

    // ---- JMS

    private Connection connect() throws JMSException {
        return new MillraceConnectionFactory(url).createConnection();
    }

    private static boolean isQueue(String destination) {
        return destination.startsWith(QUEUE);
    }

    private static Queue queueOf(Session session, String destination) throws JMSException {
        return session.createQueue(destination.substring(QUEUE.length()));
    }

    private static Topic topicOf(Session session, String destination) throws JMSException {
        return session.createTopic(destination.substring("topic:".length()));
    }

    private void onFailure(JMSException failure) {
        failures.add(failure);
        LockSupport.parkNanos(Duration.ofMillis(RETRY_MS).toNanos()); // whoever is gone may need a moment to come back
    }

    private Thread start(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setUncaughtExceptionHandler((which, surprise) -> surprises.add(surprise));
        thread.start();
        return thread;
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
