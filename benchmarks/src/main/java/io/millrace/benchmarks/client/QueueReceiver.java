package io.millrace.benchmarks.client;

import io.millrace.benchmarks.measure.Latency;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;

/** One JMS consumer that receives with AUTO_ACKNOWLEDGE and enters each message into the audit. Owned by one thread. */
final class QueueReceiver implements AutoCloseable {
    private final Connection connection;
    private final MessageConsumer consumer;
    private final DeliveryAudit.Reader audit;
    private final boolean mayBeRedelivered;
    private final byte[] body;
    private final Latency latency = new Latency();

    /**
     * Starts the connection and closes it in the end.
     *
     * @param mayBeRedelivered whether brokers stop meanwhile: what one had sent may come from another, flagged, but not twice
     */
    QueueReceiver(
            Connection connection, String queue, int sizeBytes, DeliveryAudit.Reader audit, boolean mayBeRedelivered)
            throws JMSException {
        this.connection = connection;
        this.audit = audit;
        this.mayBeRedelivered = mayBeRedelivered;
        this.body = new byte[sizeBytes];
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        this.consumer = session.createConsumer(session.createQueue(queue));
        connection.start();
    }

    /** Receives one message; false when none came in time. Its way from the sender is recorded if {@code measured}. */
    boolean receive(long timeoutMs, boolean measured) throws JMSException {
        Message message = consumer.receive(timeoutMs);
        if (message == null) {
            return false;
        }
        if (!(message instanceof BytesMessage bytes)) {
            throw new LoadFailure("received a " + message.getClass().getName() + " instead of a BytesMessage");
        }
        if (bytes.getBodyLength() != body.length || bytes.readBytes(body) != body.length) {
            throw new LoadFailure("received " + bytes.getBodyLength() + " bytes instead of " + body.length);
        }
        Stamp stamp = Stamp.read(body);
        if (measured) {
            latency.record(System.nanoTime() - stamp.sentNs());
        }
        if (message.getJMSRedelivered() && !mayBeRedelivered) {
            throw new LoadFailure("redelivered without a reason: " + stamp);
        }
        audit.onMessage(stamp);
        return true;
    }

    void addLatencyTo(Latency sum) {
        sum.add(latency);
    }

    @Override
    public void close() throws JMSException {
        connection.close();
    }
}
