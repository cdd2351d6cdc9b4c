package io.millrace.jms.session;

import io.millrace.jms.ConnectionSettings;
import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.io.Serializable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A context of the simplified API (Jakarta Messaging 3.1, 2.8): a session, and a share in a connection that is closed with
 * the last of its contexts. For one thread at a time, closing excepted.
 */
public final class MillraceContext implements JMSContext {
    private final MillraceConnection connection;
    private final MillraceSession session;

    /** How many contexts share the connection. */
    private final AtomicInteger sharers;

    private final AtomicBoolean isClosed = new AtomicBoolean();
    private volatile boolean startsByItself = true;

    private MillraceContext(MillraceConnection connection, AtomicInteger sharers, int mode) throws JMSException {
        this.connection = connection;
        this.session = connection.newSession(Domain.UNIFIED, mode);
        this.sharers = sharers;
        sharers.incrementAndGet();
    }

    /** Connects to a broker. Not part of the API: the connection factory does it. */
    public static MillraceContext open(ConnectionSettings settings, int mode) {
        return Unchecked.get(() -> {
            MillraceConnection connection = MillraceConnection.open(settings, Domain.UNIFIED);
            try {
                return new MillraceContext(connection, new AtomicInteger(), mode);
            } catch (JMSException e) {
                connection.close();
                throw e;
            }
        });
    }

    @Override
    public JMSContext createContext(int mode) {
        return Unchecked.get(() -> {
            session.checkOpen();
            connection.markUsed();
            return new MillraceContext(connection, sharers, mode);
        });
    }

    /** Something of the context is used: from now on the client identifier stays. */
    private MillraceSession used() {
        connection.markUsed();
        return session;
    }

    // ---- the connection, which may outlive this context

    private MillraceConnection open() throws JMSException {
        session.checkOpen();
        return connection;
    }

    @Override
    public @Nullable String getClientID() {
        return Unchecked.find(() -> open().getClientID());
    }

    @Override
    public void setClientID(@Nullable String id) {
        Unchecked.run(() -> open().setClientID(id));
    }

    @Override
    public ConnectionMetaData getMetaData() {
        return Unchecked.get(() -> open().getMetaData());
    }

    @Override
    public @Nullable ExceptionListener getExceptionListener() {
        return Unchecked.find(() -> open().getExceptionListener());
    }

    @Override
    public void setExceptionListener(@Nullable ExceptionListener listener) {
        Unchecked.run(() -> open().setExceptionListener(listener));
    }

    @Override
    public void start() {
        Unchecked.run(() -> open().start());
    }

    @Override
    public void stop() {
        Unchecked.run(() -> open().stop());
    }

    @Override
    public void setAutoStart(boolean autoStart) {
        Unchecked.run(session::checkOpen);
        startsByItself = autoStart;
    }

    @Override
    public boolean getAutoStart() {
        return startsByItself;
    }

    @Override
    public void close() {
        Unchecked.run(() -> {
            session.checkNotInListener("the context's close");
            if (!isClosed.compareAndSet(false, true)) {
                return;
            }
            try {
                session.close();
            } finally {
                if (sharers.decrementAndGet() == 0) {
                    connection.close();
                }
            }
        });
    }

    // ---- messages

    @Override
    public BytesMessage createBytesMessage() {
        return Unchecked.get(() -> used().createBytesMessage());
    }

    @Override
    public MapMessage createMapMessage() {
        return Unchecked.get(() -> used().createMapMessage());
    }

    @Override
    public Message createMessage() {
        return Unchecked.get(() -> used().createMessage());
    }

    @Override
    public ObjectMessage createObjectMessage() {
        return Unchecked.get(() -> used().createObjectMessage());
    }

    @Override
    public ObjectMessage createObjectMessage(@Nullable Serializable object) {
        return Unchecked.get(() -> used().createObjectMessage(object));
    }

    @Override
    public StreamMessage createStreamMessage() {
        return Unchecked.get(() -> used().createStreamMessage());
    }

    @Override
    public TextMessage createTextMessage() {
        return Unchecked.get(() -> used().createTextMessage());
    }

    @Override
    public TextMessage createTextMessage(@Nullable String text) {
        return Unchecked.get(() -> used().createTextMessage(text));
    }

    // ---- the session

    @Override
    public boolean getTransacted() {
        return Unchecked.get(session::getTransacted);
    }

    @Override
    public int getSessionMode() {
        return Unchecked.get(session::getAcknowledgeMode);
    }

    @Override
    public void commit() {
        Unchecked.run(() -> used().commit());
    }

    @Override
    public void rollback() {
        Unchecked.run(() -> used().rollback());
    }

    @Override
    public void recover() {
        Unchecked.run(() -> used().recover());
    }

    @Override
    public void acknowledge() {
        Unchecked.run(() -> used().acknowledge());
    }

    @Override
    public JMSProducer createProducer() {
        return Unchecked.get(() -> {
            session.checkOpen();
            return new MillraceJmsProducer(used());
        });
    }

    @Override
    public Queue createQueue(@Nullable String name) {
        return Unchecked.get(() -> used().createQueue(name));
    }

    @Override
    public Topic createTopic(@Nullable String name) {
        return Unchecked.get(() -> used().createTopic(name));
    }

    @Override
    public TemporaryQueue createTemporaryQueue() {
        return Unchecked.get(() -> used().createTemporaryQueue());
    }

    @Override
    public TemporaryTopic createTemporaryTopic() {
        return Unchecked.get(() -> used().createTemporaryTopic());
    }

    @Override
    public void unsubscribe(@Nullable String name) {
        Unchecked.run(() -> used().unsubscribe(name));
    }

    // ---- consumers, which start the connection unless told not to (6.1.3)

    private JMSConsumer consumer(Unchecked.Getter<MillraceConsumer> create) {
        return Unchecked.get(() -> {
            used();
            MillraceConsumer consumer = create.get();
            startIfWanted();
            return new MillraceJmsConsumer(consumer);
        });
    }

    private QueueBrowser browser(Unchecked.Getter<QueueBrowser> create) {
        return Unchecked.get(() -> {
            used();
            QueueBrowser browser = create.get();
            startIfWanted();
            return browser;
        });
    }

    private void startIfWanted() throws JMSException {
        if (startsByItself) {
            connection.start();
        }
    }

    @Override
    public JMSConsumer createConsumer(@Nullable Destination destination) {
        return consumer(() -> session.createConsumer(destination));
    }

    @Override
    public JMSConsumer createConsumer(@Nullable Destination destination, @Nullable String selector) {
        return consumer(() -> session.createConsumer(destination, selector));
    }

    @Override
    public JMSConsumer createConsumer(@Nullable Destination destination, @Nullable String selector, boolean noLocal) {
        return consumer(() -> session.createConsumer(destination, selector, noLocal));
    }

    @Override
    public JMSConsumer createDurableConsumer(@Nullable Topic topic, @Nullable String name) {
        return consumer(() -> session.createDurableConsumer(topic, name));
    }

    @Override
    public JMSConsumer createDurableConsumer(
            @Nullable Topic topic, @Nullable String name, @Nullable String selector, boolean noLocal) {
        return consumer(() -> session.createDurableConsumer(topic, name, selector, noLocal));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(@Nullable Topic topic, @Nullable String name) {
        return consumer(() -> session.createSharedDurableConsumer(topic, name));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(
            @Nullable Topic topic, @Nullable String name, @Nullable String selector) {
        return consumer(() -> session.createSharedDurableConsumer(topic, name, selector));
    }

    @Override
    public JMSConsumer createSharedConsumer(@Nullable Topic topic, @Nullable String name) {
        return consumer(() -> session.createSharedConsumer(topic, name));
    }

    @Override
    public JMSConsumer createSharedConsumer(@Nullable Topic topic, @Nullable String name, @Nullable String selector) {
        return consumer(() -> session.createSharedConsumer(topic, name, selector));
    }

    @Override
    public QueueBrowser createBrowser(@Nullable Queue queue) {
        return browser(() -> session.createBrowser(queue));
    }

    @Override
    public QueueBrowser createBrowser(@Nullable Queue queue, @Nullable String selector) {
        return browser(() -> session.createBrowser(queue, selector));
    }
}
