package io.millrace.benchmarks.client;

import io.millrace.benchmarks.measure.Latency;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One JMS producer on a connection of its own. Without a window each send waits for the broker as the provider's defaults
 * say; with one, sends have a completion listener and at most so many are unconfirmed. Owned by one thread.
 */
final class QueueSender implements AutoCloseable {
    /** How a sender sends. A window of 0 means without completion listener. */
    record Manner(String queue, int sizeBytes, boolean persistent, int window) {}

    private static final long COMPLETION_TIMEOUT_S = 60;

    private final int number;
    private final Manner manner;
    private final Connection connection;
    private final Session session;
    private final MessageProducer producer;
    private final byte[] body;
    private final Latency latency = new Latency();
    private final Semaphore window;
    private final AtomicReference<@Nullable Exception> refused = new AtomicReference<>();
    private long sent;

    QueueSender(ConnectionFactory factory, int number, Manner manner) throws JMSException {
        this.number = number;
        this.manner = manner;
        this.body = Stamp.newBody(manner.sizeBytes());
        this.window = new Semaphore(manner.window());
        this.connection = factory.createConnection();
        this.session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        this.producer = session.createProducer(session.createQueue(manner.queue()));
        producer.setDeliveryMode(manner.persistent() ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT);
    }

    /** Sends the next message; its latency is recorded if {@code measured}. */
    void send(boolean measured) throws JMSException, InterruptedException {
        if (manner.window() > 0) {
            sendWithinWindow(measured);
        } else {
            long sentNs = System.nanoTime();
            producer.send(newMessage(sentNs));
            if (measured) {
                latency.record(System.nanoTime() - sentNs);
            }
        }
        sent++;
    }

    /** How many were sent, confirmed or not. */
    long sent() {
        return sent;
    }

    /** Waits until every send is confirmed. */
    void awaitCompletions() throws InterruptedException {
        if (!window.tryAcquire(manner.window(), COMPLETION_TIMEOUT_S, TimeUnit.SECONDS)) {
            checkRefused();
            throw new LoadFailure((manner.window() - window.availablePermits()) + " sends of producer " + number
                    + " were not confirmed within " + COMPLETION_TIMEOUT_S + " s");
        }
        window.release(manner.window());
        checkRefused();
    }

    void addLatencyTo(Latency sum) {
        synchronized (latency) {
            sum.add(latency);
        }
    }

    @Override
    public void close() throws JMSException {
        connection.close();
    }

    private void sendWithinWindow(boolean measured) throws JMSException, InterruptedException {
        if (!window.tryAcquire(COMPLETION_TIMEOUT_S, TimeUnit.SECONDS)) {
            throw new LoadFailure(
                    "no send of producer " + number + " was confirmed for " + COMPLETION_TIMEOUT_S + " s");
        }
        checkRefused();
        long sentNs = System.nanoTime();
        producer.send(newMessage(sentNs), new Completion(sentNs, measured));
    }

    private BytesMessage newMessage(long sentNs) throws JMSException {
        new Stamp(number, sent, sentNs).write(body);
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(body);
        return message;
    }

    private void checkRefused() {
        Exception cause = refused.get();
        if (cause != null) {
            throw new LoadFailure("a send of producer " + number + " was refused: " + cause, cause);
        }
    }

    /** Called on the provider's threads. */
    private final class Completion implements CompletionListener {
        private final long sentNs;
        private final boolean measured;

        Completion(long sentNs, boolean measured) {
            this.sentNs = sentNs;
            this.measured = measured;
        }

        @Override
        public void onCompletion(Message message) {
            if (measured) {
                synchronized (latency) {
                    latency.record(System.nanoTime() - sentNs);
                }
            }
            window.release();
        }

        @Override
        public void onException(Message message, Exception exception) {
            refused.compareAndSet(null, exception);
            window.release();
        }
    }
}
