package io.millrace.jms.session;

import io.millrace.jms.MillraceDestination;
import io.millrace.jms.MillraceQueue;
import io.millrace.jms.MillraceTopic;
import io.millrace.jms.engine.AttachSpec;
import io.millrace.jms.engine.Done;
import io.millrace.jms.message.Acknowledger;
import io.millrace.jms.message.MillraceBytesMessage;
import io.millrace.jms.message.MillraceMapMessage;
import io.millrace.jms.message.MillraceObjectMessage;
import io.millrace.jms.message.MillracePlainMessage;
import io.millrace.jms.message.MillraceStreamMessage;
import io.millrace.jms.message.MillraceTextMessage;
import io.millrace.jms.transport.JmsErrors;
import io.millrace.protocol.SubscriptionKind;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicSession;
import java.io.Serializable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A session (Jakarta Messaging 3.1, 6.2), in all three domains: makes messages, producers and consumers, and acknowledges
 * for all its consumers together. For one thread at a time, closing excepted, which is for any.
 */
public final class MillraceSession implements QueueSession, TopicSession, Acknowledger {
    private final MillraceConnection connection;
    private final Domain domain;
    private final int mode;
    private final MessageSender sender;
    private final Dispatcher dispatcher;
    private final Completions completions;
    private final SessionConsumers consumers;
    private final SettlementGate gate = new SettlementGate();
    private final AtomicBoolean isClosed = new AtomicBoolean();

    MillraceSession(MillraceConnection connection, Domain domain, int mode, int number) {
        this.connection = connection;
        this.domain = domain;
        this.mode = mode;
        this.dispatcher = new Dispatcher("millrace-session-" + number);
        this.completions = new Completions("millrace-completions-" + number);
        this.consumers = new SessionConsumers(connection);
        this.sender = new MessageSender(connection, number, completions);
    }

    // ---- what its parts use

    MillraceConnection connection() {
        return connection;
    }

    MessageSender sender() {
        return sender;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    SessionConsumers consumers() {
        return consumers;
    }

    SettlementGate gate() {
        return gate;
    }

    boolean isClientAcknowledge() {
        return mode == Session.CLIENT_ACKNOWLEDGE;
    }

    boolean isLazy() {
        return mode == Session.DUPS_OK_ACKNOWLEDGE;
    }

    boolean isClosed() {
        return isClosed.get();
    }

    void checkOpen() throws JMSException {
        if (isClosed.get()) {
            throw new IllegalStateException("the session is closed");
        }
        connection.checkOpen();
    }

    /** Refuses what would wait for the listener that calls it. */
    void checkNotInListener(String method) throws IllegalStateException {
        if (dispatcher.isOwnThread()) {
            throw new IllegalStateException(method + " may not be called from a message listener of the session");
        }
        if (completions.isOwnThread()) {
            throw new IllegalStateException(method + " may not be called from a completion listener of the session");
        }
    }

    /** Refuses to receive where a listener is set: the session has one thread only (6.2.4). */
    void checkReceivable() throws JMSException {
        if (consumers.hasListeners()) {
            throw new IllegalStateException("a consumer of the session has a message listener");
        }
    }

    /** Waits until no listener runs and no message is on its way to the application. */
    void awaitHandedOver() {
        dispatcher.awaitListener();
        consumers.awaitHandedOver();
    }

    // ---- messages

    @Override
    public BytesMessage createBytesMessage() throws JMSException {
        checkOpen();
        return new MillraceBytesMessage();
    }

    @Override
    public MapMessage createMapMessage() throws JMSException {
        checkOpen();
        return new MillraceMapMessage();
    }

    @Override
    public Message createMessage() throws JMSException {
        checkOpen();
        return new MillracePlainMessage();
    }

    @Override
    public ObjectMessage createObjectMessage() throws JMSException {
        checkOpen();
        return new MillraceObjectMessage(connection.trust());
    }

    @Override
    public ObjectMessage createObjectMessage(@Nullable Serializable object) throws JMSException {
        ObjectMessage message = createObjectMessage();
        message.setObject(object);
        return message;
    }

    @Override
    public StreamMessage createStreamMessage() throws JMSException {
        checkOpen();
        return new MillraceStreamMessage();
    }

    @Override
    public TextMessage createTextMessage() throws JMSException {
        checkOpen();
        return new MillraceTextMessage();
    }

    @Override
    public TextMessage createTextMessage(@Nullable String text) throws JMSException {
        TextMessage message = createTextMessage();
        message.setText(text);
        return message;
    }

    // ---- destinations

    @Override
    public Queue createQueue(@Nullable String name) throws JMSException {
        checkOpen();
        domain.checkQueues("createQueue");
        try {
            return new MillraceQueue(name);
        } catch (IllegalArgumentException e) {
            throw new InvalidDestinationException(e.getMessage());
        }
    }

    @Override
    public Topic createTopic(@Nullable String name) throws JMSException {
        checkOpen();
        domain.checkTopics("createTopic");
        try {
            return new MillraceTopic(name);
        } catch (IllegalArgumentException e) {
            throw new InvalidDestinationException(e.getMessage());
        }
    }

    @Override
    public TemporaryQueue createTemporaryQueue() throws JMSException {
        checkOpen();
        domain.checkQueues("createTemporaryQueue");
        throw JmsErrors.notSupportedYet("temporary queues");
    }

    @Override
    public TemporaryTopic createTemporaryTopic() throws JMSException {
        checkOpen();
        domain.checkTopics("createTemporaryTopic");
        throw JmsErrors.notSupportedYet("temporary topics");
    }

    /** The destination as ours; null and other providers' are refused (6.2.7). */
    static MillraceDestination own(@Nullable Destination destination) throws InvalidDestinationException {
        if (destination instanceof MillraceDestination own) {
            return own;
        }
        throw new InvalidDestinationException(
                destination == null
                        ? "the destination is null"
                        : "a " + destination.getClass().getName() + " is not a destination of Millrace");
    }

    // ---- producers

    @Override
    public MillraceProducer createProducer(@Nullable Destination destination) throws JMSException {
        checkOpen();
        MillraceDestination own = destination == null ? null : own(destination);
        if (own != null) {
            connection.resolve(own);
        }
        return new MillraceProducer(this, own);
    }

    @Override
    public MillraceProducer createSender(@Nullable Queue queue) throws JMSException {
        return createProducer(queue);
    }

    @Override
    public MillraceProducer createPublisher(@Nullable Topic topic) throws JMSException {
        return createProducer(topic);
    }

    // ---- consumers

    @Override
    public MillraceConsumer createConsumer(@Nullable Destination destination) throws JMSException {
        return createConsumer(destination, null, false);
    }

    @Override
    public MillraceConsumer createConsumer(@Nullable Destination destination, @Nullable String selector)
            throws JMSException {
        return createConsumer(destination, selector, false);
    }

    @Override
    public MillraceConsumer createConsumer(
            @Nullable Destination destination, @Nullable String selector, boolean noLocal) throws JMSException {
        checkOpen();
        MillraceDestination own = own(destination);
        refuseSelector(selector);
        SubscriptionKind kind = own.isQueue() ? SubscriptionKind.QUEUE : SubscriptionKind.NON_DURABLE;
        return consume(own, spec(kind, null, noLocal && !own.isQueue()));
    }

    @Override
    public MillraceConsumer createReceiver(@Nullable Queue queue) throws JMSException {
        return createConsumer(queue);
    }

    @Override
    public MillraceConsumer createReceiver(@Nullable Queue queue, @Nullable String selector) throws JMSException {
        return createConsumer(queue, selector);
    }

    @Override
    public MillraceConsumer createSubscriber(@Nullable Topic topic) throws JMSException {
        return createConsumer(topic);
    }

    @Override
    public MillraceConsumer createSubscriber(@Nullable Topic topic, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return createConsumer(topic, selector, noLocal);
    }

    @Override
    public MillraceConsumer createDurableSubscriber(@Nullable Topic topic, @Nullable String name) throws JMSException {
        return createDurableConsumer(topic, name, null, false);
    }

    @Override
    public MillraceConsumer createDurableSubscriber(
            @Nullable Topic topic, @Nullable String name, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return createDurableConsumer(topic, name, selector, noLocal);
    }

    @Override
    public MillraceConsumer createDurableConsumer(@Nullable Topic topic, @Nullable String name) throws JMSException {
        return createDurableConsumer(topic, name, null, false);
    }

    /** A consumer of an unshared durable subscription, which is made if it does not exist (4.2.4). */
    @Override
    public MillraceConsumer createDurableConsumer(
            @Nullable Topic topic, @Nullable String name, @Nullable String selector, boolean noLocal)
            throws JMSException {
        checkOpen();
        domain.checkTopics("createDurableConsumer");
        MillraceDestination own = own(topic);
        String subscription = checkSubscription(name);
        refuseSelector(selector);
        if (connection.getClientID() == null) {
            throw new IllegalStateException("an unshared durable subscription needs a client identifier");
        }
        connection.endUnacknowledged(subscription);
        return consume(own, spec(SubscriptionKind.DURABLE, subscription, noLocal));
    }

    @Override
    public MillraceConsumer createSharedConsumer(@Nullable Topic topic, @Nullable String name) throws JMSException {
        return createSharedConsumer(topic, name, null);
    }

    @Override
    public MillraceConsumer createSharedConsumer(
            @Nullable Topic topic, @Nullable String name, @Nullable String selector) throws JMSException {
        checkOpen();
        domain.checkTopics("createSharedConsumer");
        own(topic);
        checkSubscription(name);
        throw JmsErrors.notSupportedYet("shared subscriptions");
    }

    @Override
    public MillraceConsumer createSharedDurableConsumer(@Nullable Topic topic, @Nullable String name)
            throws JMSException {
        return createSharedDurableConsumer(topic, name, null);
    }

    @Override
    public MillraceConsumer createSharedDurableConsumer(
            @Nullable Topic topic, @Nullable String name, @Nullable String selector) throws JMSException {
        checkOpen();
        domain.checkTopics("createSharedDurableConsumer");
        own(topic);
        checkSubscription(name);
        throw JmsErrors.notSupportedYet("shared durable subscriptions");
    }

    private static String checkSubscription(@Nullable String name) throws JMSException {
        if (name == null || name.isEmpty()) {
            throw new JMSException("the name of a subscription is not null and not empty");
        }
        return name;
    }

    private static void refuseSelector(@Nullable String selector) throws JMSException {
        if (selector != null && !selector.isBlank()) {
            throw JmsErrors.notSupportedYet("message selectors");
        }
    }

    private AttachSpec spec(SubscriptionKind kind, @Nullable String subscription, boolean noLocal) {
        return new AttachSpec(
                kind,
                subscription,
                null,
                noLocal,
                connection.settings().prefetch(),
                connection.settings().prefetchBytes());
    }

    private MillraceConsumer consume(MillraceDestination destination, AttachSpec spec) throws JMSException {
        MillraceConsumer consumer = MillraceConsumer.attach(this, destination, spec);
        consumers.add(consumer);
        if (isClosed.get()) {
            consumer.close();
            throw new IllegalStateException("the session is closed");
        }
        return consumer;
    }

    /** Deletes a durable subscription (4.2.4). */
    @Override
    public void unsubscribe(@Nullable String name) throws JMSException {
        checkOpen();
        domain.checkTopics("unsubscribe");
        if (name == null || name.isEmpty()) {
            throw new InvalidDestinationException("the name of a subscription is not null and not empty");
        }
        connection.<Done>await(
                "unsubscribing " + name, (engine, reply, nowMs) -> engine.unsubscribe(name, reply, nowMs));
    }

    @Override
    public QueueBrowser createBrowser(@Nullable Queue queue) throws JMSException {
        return createBrowser(queue, null);
    }

    @Override
    public QueueBrowser createBrowser(@Nullable Queue queue, @Nullable String selector) throws JMSException {
        checkOpen();
        domain.checkQueues("createBrowser");
        MillraceDestination own = own(queue);
        refuseSelector(selector);
        return new MillraceBrowser(this, own, connection.resolve(own));
    }

    // ---- acknowledgement

    @Override
    public boolean getTransacted() throws JMSException {
        checkOpen();
        return mode == Session.SESSION_TRANSACTED;
    }

    @Override
    public int getAcknowledgeMode() throws JMSException {
        checkOpen();
        return mode;
    }

    @Override
    public void commit() throws JMSException {
        checkOpen();
        throw new IllegalStateException("the session is not transacted");
    }

    @Override
    public void rollback() throws JMSException {
        checkOpen();
        throw new IllegalStateException("the session is not transacted");
    }

    /** What Message.acknowledge does: answers when all that the session has consumed is settled durably (6.2.10). */
    @Override
    public void acknowledge() throws JMSException {
        checkOpen();
        if (!isClientAcknowledge()) {
            return;
        }
        consumers.acknowledge();
    }

    /** Delivers again, in order and marked as redelivered, what was not acknowledged (6.2.11). */
    @Override
    public void recover() throws JMSException {
        checkOpen();
        consumers.recover();
    }

    // ---- the end

    /** Waits until the completion listeners of all sends so far were called. */
    void awaitCompletions(String method) throws JMSException {
        if (completions.isOwnThread()) {
            throw new IllegalStateException(method + " may not be called from a completion listener of the session");
        }
        try {
            completions.awaitAll(connection.settings().closeTimeoutMs());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw JmsErrors.interrupted(e);
        }
    }

    /** Ends consumers and producers, and waits for what is under way (6.2.14). A second call does nothing. */
    @Override
    public void close() throws JMSException {
        checkNotInListener("the session's close");
        end();
    }

    void end() throws JMSException {
        if (!isClosed.compareAndSet(false, true)) {
            return;
        }
        try {
            consumers.closeWithSession();
            dispatcher.close();
            consumers.awaitHandedOver();
            awaitCompletions("close");
            consumers.endAll();
        } finally {
            connection.remove(this);
        }
    }

    // ---- the application server facility (chapter 11), which is optional

    @Override
    public @Nullable MessageListener getMessageListener() throws JMSException {
        checkOpen();
        return null;
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) throws JMSException {
        checkOpen();
        if (listener != null) {
            throw JmsErrors.notSupportedYet("message listeners of a session, which only connection consumers use");
        }
    }

    @Override
    public void run() {
        // Without connection consumers there is never anything to run.
    }
}
