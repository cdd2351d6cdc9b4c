package io.millrace.jms.session;

import io.millrace.jms.ConnectionSettings;
import io.millrace.jms.MillraceDestination;
import io.millrace.jms.engine.ConnectionEngine;
import io.millrace.jms.engine.Destination;
import io.millrace.jms.engine.Done;
import io.millrace.jms.engine.EngineException;
import io.millrace.jms.engine.Reply;
import io.millrace.jms.message.MessageDecoder;
import io.millrace.jms.message.ObjectTrust;
import io.millrace.jms.transport.Await;
import io.millrace.jms.transport.EngineThread;
import io.millrace.jms.transport.JmsErrors;
import io.millrace.protocol.DestinationName;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection (Jakarta Messaging 3.1, 6.1), in all three domains: an engine that talks to the brokers, and the sessions
 * that use it. It outlives the loss of its broker up to reconnectTimeout. For any thread.
 */
public final class MillraceConnection implements Connection, QueueConnection, TopicConnection {
    private static final Logger log = LoggerFactory.getLogger(MillraceConnection.class);
    private static final int ID_RADIX = 36;

    private final ConnectionSettings settings;
    private final Domain domain;
    private final EngineThread thread;
    private final SendWindow window;
    private final ObjectTrust trust;
    private final MessageDecoder decoder;
    private final String messageIdPrefix;
    private final int firstSessionsPlace;
    private final Set<MillraceSession> sessions = ConcurrentHashMap.newKeySet();
    private final Map<MillraceDestination, Destination> destinations = new ConcurrentHashMap<>();
    private final AtomicInteger sessionNumbers = new AtomicInteger();
    private final AtomicBoolean isClosed = new AtomicBoolean();
    private final AtomicReference<@Nullable EngineException> lastTold = new AtomicReference<>();

    /** Orders start, stop and the making of consumers. */
    private final Object lifecycle = new Object();

    private volatile boolean isStarted;
    private volatile boolean isUsed;
    private volatile @Nullable String clientId;
    private volatile @Nullable ExceptionListener exceptionListener;
    private volatile @Nullable EngineException failure;

    private MillraceConnection(ConnectionSettings settings, Domain domain) {
        this.settings = settings;
        this.domain = domain;
        this.window = new SendWindow(settings.sendWindow(), settings.sendWindowBytes());
        this.trust = ObjectTrust.allow(settings.deserializationAllow());
        this.decoder = new MessageDecoder(trust);
        this.clientId = settings.clientId();
        UUID random = UUID.randomUUID();
        long id = random.getMostSignificantBits() ^ random.getLeastSignificantBits();
        this.messageIdPrefix = "ID:" + Long.toUnsignedString(id, ID_RADIX) + "-";
        this.firstSessionsPlace = (int) Math.floorMod(id, (long) Integer.MAX_VALUE);
        this.thread = EngineThread.start(settings.engineConfig(), this::onLost);
    }

    /** Connects to a broker. Not part of the API: the connection factory does it. */
    public static MillraceConnection open(ConnectionSettings settings, Domain domain) throws JMSException {
        MillraceConnection connection = new MillraceConnection(settings, domain);
        try {
            connection.<Done>await("connecting", ConnectionEngine::open);
        } catch (JMSException e) {
            connection.isClosed.set(true);
            connection.thread.end();
            throw e;
        }
        return connection;
    }

    // ---- what sessions use

    ConnectionSettings settings() {
        return settings;
    }

    EngineThread thread() {
        return thread;
    }

    SendWindow window() {
        return window;
    }

    ObjectTrust trust() {
        return trust;
    }

    MessageDecoder decoder() {
        return decoder;
    }

    String messageIdPrefix() {
        return messageIdPrefix;
    }

    /**
     * Which of some partitions a session sends to: sessions of a connection take one after the other, and each connection
     * begins at a random one, or many connections of one session each would all use the same.
     */
    int partitionOf(int sessionNumber, int partitions) {
        return (firstSessionsPlace % partitions + sessionNumber % partitions) % partitions;
    }

    Object lifecycle() {
        return lifecycle;
    }

    boolean isStarted() {
        return isStarted;
    }

    void checkOpen() throws JMSException {
        if (isClosed.get()) {
            throw new IllegalStateException("the connection is closed");
        }
        EngineException lost = failure;
        if (lost != null) {
            throw JmsErrors.of(lost);
        }
    }

    /** A command of the engine that answers. */
    interface Command<T> {
        void run(ConnectionEngine engine, Reply<T> reply, long nowMs);
    }

    /** Runs a command and waits for its answer. */
    <T> T await(String what, Command<T> command) throws JMSException {
        return await(what, 0, command);
    }

    <T> T await(String what, long timeoutMs, Command<T> command) throws JMSException {
        Await<T> reply = new Await<>();
        thread.execute((engine, nowMs) -> command.run(engine, reply, nowMs));
        return reply.get(what, timeoutMs);
    }

    /** The engine's view of a destination, which is created where that is allowed. */
    Destination resolve(MillraceDestination destination) throws JMSException {
        Destination known = destinations.get(destination);
        if (known != null) {
            return known;
        }
        checkOpen();
        DestinationName name = destination.isQueue()
                ? DestinationName.queue(destination.getName())
                : DestinationName.topic(destination.getName());
        Destination resolved =
                await("looking for " + name, (engine, reply, nowMs) -> engine.resolve(name, reply, nowMs));
        destinations.put(destination, resolved);
        return resolved;
    }

    /** Ends what lingers of an earlier consumer of a durable subscription. */
    void endUnacknowledged(String subscriptionName) throws JMSException {
        for (MillraceSession session : sessions) {
            session.consumers().endLingering(subscriptionName);
        }
    }

    void remove(MillraceSession session) {
        sessions.remove(session);
    }

    void markUsed() {
        isUsed = true;
    }

    // ---- failures

    private void onLost(EngineException cause) {
        failure = cause;
        log.warn("Connection lost for good: {}", cause.getMessage());
        tellListener(cause);
    }

    /** Tells the ExceptionListener, on a thread of its own. Returns false if there is none. */
    boolean tellListener(EngineException cause) {
        ExceptionListener listener = exceptionListener;
        if (listener == null) {
            return false;
        }
        if (isClosed.get() || lastTold.getAndSet(cause) == cause) {
            return true;
        }
        Thread teller = new Thread(
                () -> {
                    try {
                        listener.onException(JmsErrors.of(cause));
                    } catch (RuntimeException e) {
                        log.warn("The ExceptionListener failed.", e);
                    }
                },
                "millrace-exception-listener");
        teller.setDaemon(true);
        teller.start();
        return true;
    }

    // ---- Connection

    @Override
    public MillraceSession createSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return createSession(domain, transacted ? Session.SESSION_TRANSACTED : acknowledgeMode);
    }

    @Override
    public MillraceSession createSession(int sessionMode) throws JMSException {
        return createSession(domain, sessionMode);
    }

    @Override
    public MillraceSession createSession() throws JMSException {
        return createSession(Session.AUTO_ACKNOWLEDGE);
    }

    private MillraceSession createSession(Domain of, int mode) throws JMSException {
        markUsed();
        return newSession(of, mode);
    }

    MillraceSession newSession(Domain of, int mode) throws JMSException {
        checkOpen();
        switch (mode) {
            case Session.AUTO_ACKNOWLEDGE, Session.CLIENT_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE -> {}
            case Session.SESSION_TRANSACTED -> throw JmsErrors.notSupportedYet("transacted sessions");
            default ->
                throw new JMSException("acknowledge mode " + mode
                        + " is none of AUTO_ACKNOWLEDGE, CLIENT_ACKNOWLEDGE, DUPS_OK_ACKNOWLEDGE, SESSION_TRANSACTED");
        }
        MillraceSession session = new MillraceSession(this, of, mode, sessionNumbers.getAndIncrement());
        sessions.add(session);
        if (isClosed.get()) {
            session.close();
            throw new IllegalStateException("the connection is closed");
        }
        return session;
    }

    @Override
    public @Nullable String getClientID() throws JMSException {
        checkOpen();
        return clientId;
    }

    /** Claims a client identifier at the broker, before the connection is used for anything else (6.1.2). */
    @Override
    public void setClientID(@Nullable String id) throws JMSException {
        checkOpen();
        if (id == null || id.isEmpty()) {
            throw new InvalidClientIDException("a client identifier is not null and not empty");
        }
        if (clientId != null) {
            throw new IllegalStateException("the connection has the client identifier '" + clientId + "' already");
        }
        if (isUsed) {
            throw new IllegalStateException(
                    "the client identifier has to be set before the connection is used for anything else");
        }
        this.<Done>await(
                "claiming the client identifier", (engine, reply, nowMs) -> engine.claimClientId(id, reply, nowMs));
        clientId = id;
    }

    @Override
    public ConnectionMetaData getMetaData() throws JMSException {
        checkOpen();
        return MillraceConnectionMetaData.INSTANCE;
    }

    @Override
    public @Nullable ExceptionListener getExceptionListener() throws JMSException {
        checkOpen();
        return exceptionListener;
    }

    /** Told when the connection is lost for good, or a NON_PERSISTENT message was refused (6.1.7). */
    @Override
    public void setExceptionListener(@Nullable ExceptionListener listener) throws JMSException {
        checkOpen();
        exceptionListener = listener;
    }

    @Override
    public void start() throws JMSException {
        checkOpen();
        markUsed();
        synchronized (lifecycle) {
            isStarted = true;
            sessions.forEach(session -> session.consumers().start());
        }
    }

    /** From the return on no message is handed out and no listener runs (6.1.5). */
    @Override
    public void stop() throws JMSException {
        checkOpen();
        checkNotInListener("stop");
        markUsed();
        synchronized (lifecycle) {
            isStarted = false;
            sessions.forEach(session -> session.consumers().stop());
        }
        sessions.forEach(MillraceSession::awaitHandedOver);
    }

    private void checkNotInListener(String method) throws IllegalStateException {
        for (MillraceSession session : sessions) {
            session.checkNotInListener("the connection's " + method);
        }
    }

    /** Ends the sessions, waits for what is under way, and disconnects (6.1.8). A second call does nothing. */
    @Override
    public void close() throws JMSException {
        checkNotInListener("close");
        if (!isClosed.compareAndSet(false, true)) {
            return;
        }
        JMSException problem = null;
        for (MillraceSession session : sessions) {
            try {
                session.end();
            } catch (JMSException e) {
                problem = e;
            }
        }
        Await<Done> closed = new Await<>();
        thread.execute((engine, nowMs) -> engine.close(closed, nowMs));
        try {
            if (!closed.isAnswered(settings.closeTimeoutMs())) {
                thread.execute(ConnectionEngine::abort);
                problem = new JMSException(
                        "the broker did not answer within " + settings.closeTimeoutMs()
                                + " ms (closeTimeout); the connection is closed, and whether the last messages arrived is unknown");
            }
        } finally {
            thread.end();
        }
        if (problem != null) {
            throw problem;
        }
    }

    // ---- the domains' own methods

    @Override
    public QueueSession createQueueSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return createSession(Domain.QUEUE, transacted ? Session.SESSION_TRANSACTED : acknowledgeMode);
    }

    @Override
    public TopicSession createTopicSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return createSession(Domain.TOPIC, transacted ? Session.SESSION_TRANSACTED : acknowledgeMode);
    }

    // ---- the application server facility (chapter 11), which is optional

    @Override
    public ConnectionConsumer createConnectionConsumer(
            jakarta.jms.@Nullable Destination destination,
            @Nullable String selector,
            @Nullable ServerSessionPool pool,
            int maxMessages)
            throws JMSException {
        throw noConnectionConsumers(destination);
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            @Nullable Queue queue, @Nullable String selector, @Nullable ServerSessionPool pool, int maxMessages)
            throws JMSException {
        throw noConnectionConsumers(queue);
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            @Nullable Topic topic, @Nullable String selector, @Nullable ServerSessionPool pool, int maxMessages)
            throws JMSException {
        throw noConnectionConsumers(topic);
    }

    @Override
    public ConnectionConsumer createSharedConnectionConsumer(
            @Nullable Topic topic,
            @Nullable String subscriptionName,
            @Nullable String selector,
            @Nullable ServerSessionPool pool,
            int maxMessages)
            throws JMSException {
        domain.checkTopics("createSharedConnectionConsumer");
        throw noConnectionConsumers(topic);
    }

    @Override
    public ConnectionConsumer createDurableConnectionConsumer(
            @Nullable Topic topic,
            @Nullable String subscriptionName,
            @Nullable String selector,
            @Nullable ServerSessionPool pool,
            int maxMessages)
            throws JMSException {
        domain.checkTopics("createDurableConnectionConsumer");
        throw noConnectionConsumers(topic);
    }

    @Override
    public ConnectionConsumer createSharedDurableConnectionConsumer(
            @Nullable Topic topic,
            @Nullable String subscriptionName,
            @Nullable String selector,
            @Nullable ServerSessionPool pool,
            int maxMessages)
            throws JMSException {
        domain.checkTopics("createSharedDurableConnectionConsumer");
        throw noConnectionConsumers(topic);
    }

    private JMSException noConnectionConsumers(jakarta.jms.@Nullable Destination destination) throws JMSException {
        checkOpen();
        if (destination == null) {
            return new InvalidDestinationException("the destination is null");
        }
        return JmsErrors.notSupportedYet("connection consumers");
    }
}
