package io.millrace.jms.session;

import io.millrace.jms.MillraceDestination;
import io.millrace.jms.engine.AttachSpec;
import io.millrace.jms.engine.Attachment;
import io.millrace.jms.engine.Delivery;
import io.millrace.jms.engine.Destination;
import io.millrace.jms.engine.Done;
import io.millrace.jms.engine.EngineException;
import io.millrace.jms.message.DeliveryFacts;
import io.millrace.jms.message.MillraceMessage;
import io.millrace.jms.message.MillracePlainMessage;
import io.millrace.jms.transport.Await;
import io.millrace.jms.transport.JmsErrors;
import io.millrace.protocol.SettlementKind;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.QueueReceiver;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer (Jakarta Messaging 3.1, 8), in all three domains: hands out what its {@link ConsumerBuffer} holds, to
 * receive or to a listener, and settles it as the session's mode says. Receiving is for the session's thread, closing
 * for any.
 */
final class MillraceConsumer implements QueueReceiver, TopicSubscriber {
    private static final Logger log = LoggerFactory.getLogger(MillraceConsumer.class);

    /** A listener that fails has its message again at once the first times, then after a pause that grows. */
    private static final int QUICK_RETRIES = 3;

    private static final long MAX_PAUSE_MS = 1_000;

    private final MillraceSession session;
    private final MillraceDestination destination;
    private final String topicName;
    private final AttachSpec spec;
    private final ConsumerBuffer buffer;
    private final AtomicBoolean isClosed = new AtomicBoolean();
    private volatile @Nullable MessageListener listener;
    private boolean isRecovered;
    private boolean isDispatching;
    private boolean endsAfterListener;
    private int failures;

    /** Whether the dispatcher has it in its queue; guarded by the dispatcher's lock. */
    boolean isQueued;

    private MillraceConsumer(
            MillraceSession session, MillraceDestination destination, Destination resolved, AttachSpec spec) {
        this.session = session;
        this.destination = destination;
        this.topicName = resolved.name().topicName();
        this.spec = spec;
        this.buffer = new ConsumerBuffer(
                session.connection().thread(),
                session.gate(),
                this::onLost,
                session.isLazy(),
                spec.prefetch(),
                spec.prefetchBytes());
    }

    /** A consumer that is attached at the broker; it hands out nothing before {@link #start}. */
    static MillraceConsumer attach(MillraceSession session, MillraceDestination destination, AttachSpec spec)
            throws JMSException {
        MillraceConnection connection = session.connection();
        Destination resolved = connection.resolve(destination);
        MillraceConsumer consumer = new MillraceConsumer(session, destination, resolved, spec);
        connection.<Done>await(
                "consuming from " + destination,
                (engine, reply, nowMs) ->
                        consumer.buffer.attached(engine.attach(resolved, spec, consumer.buffer, false, reply, nowMs)));
        return consumer;
    }

    Attachment attachment() {
        return buffer.attachment();
    }

    /** Whether it consumes this durable subscription. */
    boolean isOf(String subscriptionName) {
        return subscriptionName.equals(spec.subscriptionName());
    }

    boolean hasListener() {
        return listener != null;
    }

    // ---- started and stopped by the connection

    void start() {
        session.connection().thread().execute((engine, nowMs) -> engine.setFlowing(buffer.attachment(), true, nowMs));
        buffer.start();
    }

    void stop() {
        buffer.stop();
        session.connection().thread().execute((engine, nowMs) -> engine.setFlowing(buffer.attachment(), false, nowMs));
    }

    /** Waits until each message is either the application's or still in the buffer. */
    void awaitHandedOver() {
        buffer.awaitHandedOver();
    }

    /** On the engine's thread. */
    private void onLost(long messages, long firstOffset, long lastOffset) {
        log.warn(
                "{} messages of {} between offsets {} and {}, which the application has received, were taken back by"
                        + " the broker for other consumers, or deleted, before they were acknowledged: the client was out"
                        + " of the broker's reach for longer than reattach.grace.ms. They may be processed twice.",
                messages,
                destination,
                firstOffset,
                lastOffset);
    }

    // ---- receive

    @Override
    public @Nullable Message receive() throws JMSException {
        return receive(0);
    }

    @Override
    public @Nullable Message receive(long timeoutMs) throws JMSException {
        if (timeoutMs < 0) {
            throw new JMSException("the timeout " + timeoutMs + " is negative");
        }
        return handOut(receiveWithin(timeoutMs));
    }

    @Override
    public @Nullable Message receiveNoWait() throws JMSException {
        return handOut(receiveNow());
    }

    /** The next message, in hand, or null; 0 stands for ever. */
    private @Nullable Received receiveWithin(long timeoutMs) throws JMSException {
        checkReceivable();
        try {
            return buffer.poll(timeoutMs == 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(timeoutMs));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw JmsErrors.interrupted(e);
        }
    }

    private @Nullable Received receiveNow() throws JMSException {
        checkReceivable();
        try {
            return buffer.pollNow(session.connection().settings().requestTimeoutMs());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw JmsErrors.interrupted(e);
        }
    }

    /**
     * The body of the next message, as JMSConsumer has it (8.6): where it is not of the type, the message is as if it had
     * never been received, except under CLIENT_ACKNOWLEDGE.
     *
     * @param timeoutMs 0 for ever, -1 for not at all
     */
    <T> @Nullable T receiveBody(Class<T> type, long timeoutMs) throws JMSException {
        Received received = timeoutMs < 0 ? receiveNow() : receiveWithin(timeoutMs);
        if (received == null) {
            checkNotEnded();
            return null;
        }
        if (session.isClientAcknowledge()) {
            return body(give(received), type);
        }
        try {
            T body;
            try {
                body = body(decode(received), type);
            } catch (JMSException | RuntimeException e) {
                buffer.putBackUnseen(received);
                throw e;
            }
            buffer.settle(received, SettlementKind.ACCEPT);
            return body;
        } finally {
            buffer.handedOver();
        }
    }

    private static <T> @Nullable T body(MillraceMessage message, Class<T> type) throws JMSException {
        if (message instanceof MillracePlainMessage) {
            throw new MessageFormatException("the message is of a type without a body; receive() takes it");
        }
        return message.getBody(type);
    }

    private void checkReceivable() throws JMSException {
        checkOpen();
        session.checkReceivable();
    }

    private void checkNotEnded() throws JMSException {
        EngineException cause = buffer.ended();
        if (cause != null && !isClosed.get()) {
            throw JmsErrors.of("the consumer of " + destination + " has ended", cause);
        }
    }

    private @Nullable Message handOut(@Nullable Received received) throws JMSException {
        if (received == null) {
            checkNotEnded();
            return null;
        }
        return give(received);
    }

    /** Makes a message that is in hand the application's. */
    private MillraceMessage give(Received received) throws JMSException {
        try {
            MillraceMessage message = decode(received);
            if (session.isClientAcknowledge()) {
                session.consumers().unacknowledged().add(this, received);
            } else {
                buffer.settle(received, SettlementKind.ACCEPT);
            }
            return message;
        } finally {
            buffer.handedOver();
        }
    }

    private MillraceMessage decode(Received received) throws JMSException {
        Delivery delivery = received.delivery();
        MillraceMessage message = session.connection()
                .decoder()
                .decode(
                        delivery.record(),
                        new DeliveryFacts(
                                destination,
                                topicName,
                                delivery.source().partition(),
                                delivery.offset(),
                                delivery.timestampMs(),
                                received.deliveryCount()));
        message.setAcknowledger(session);
        return message;
    }

    // ---- listener

    @Override
    public @Nullable MessageListener getMessageListener() throws JMSException {
        checkOpen();
        return listener;
    }

    @Override
    public void setMessageListener(@Nullable MessageListener newListener) throws JMSException {
        checkOpen();
        listener = newListener;
        session.consumers().onListenersChanged();
        buffer.setListener(
                newListener == null ? null : () -> session.dispatcher().wake(this));
    }

    /** Calls the listener with the next message, if there are both. On the dispatcher's thread. */
    boolean dispatchOne() {
        MessageListener target = listener;
        if (target == null || isClosed.get()) {
            return false;
        }
        Received received;
        try {
            received = buffer.pollHere();
        } catch (InterruptedException e) {
            log.warn("The thread that calls listeners was interrupted; it goes on.");
            return true;
        }
        if (received == null) {
            return false;
        }
        isDispatching = true;
        try {
            call(target, received);
        } finally {
            isDispatching = false;
            buffer.handedOver();
        }
        if (endsAfterListener) {
            detachAfterListener();
        }
        return !isClosed.get();
    }

    private void detachAfterListener() {
        try {
            session.consumers().close(this, !session.isClosed());
        } catch (JMSException e) {
            log.warn("The consumer of {}, closed by its listener, could not be ended: {}", destination, e.getMessage());
        }
    }

    private void call(MessageListener target, Received received) {
        MillraceMessage message;
        try {
            message = decode(received);
        } catch (JMSException e) {
            log.error(
                    "A message of {} at offset {} can not be read.",
                    destination,
                    received.delivery().offset(),
                    e);
            buffer.settle(received, SettlementKind.REJECT);
            return;
        }
        boolean isClientAcknowledge = session.isClientAcknowledge();
        if (isClientAcknowledge) {
            session.consumers().unacknowledged().add(this, received);
        }
        isRecovered = false;
        boolean hasFailed = false;
        try {
            target.onMessage(message);
        } catch (RuntimeException | Error e) { // an Error ended the thread, and with it all listeners of the session
            hasFailed = true;
            log.warn(
                    "A listener of {} failed with the message at offset {}, delivery {}.",
                    destination,
                    received.delivery().offset(),
                    received.deliveryCount(),
                    e);
        }
        if (isClientAcknowledge) {
            return;
        }
        if (isRecovered || hasFailed) {
            failures++;
            buffer.putBack(List.of(received));
        } else {
            failures = 0;
            buffer.settle(received, SettlementKind.ACCEPT);
        }
    }

    /** How long to wait before a message that failed is tried again. */
    long pauseMs() {
        int slow = failures - QUICK_RETRIES;
        return slow <= 0 ? 0 : Math.min(MAX_PAUSE_MS, 1L << Math.min(slow + 2, 20));
    }

    /** The session recovers: what the application has is delivered again, the message in its listener too. */
    void recover(List<Received> unacknowledged) {
        isRecovered = true;
        if (!unacknowledged.isEmpty()) {
            buffer.putBack(unacknowledged);
        }
    }

    /** The session recovers, and what is to be delivered first is at the broker: all that is here goes back to it. */
    void recoverAtBroker(List<Received> unacknowledged) {
        isRecovered = true;
        settle(unacknowledged, SettlementKind.FAIL);
        buffer.giveBackAll();
    }

    boolean sharesQueueWith(MillraceConsumer other) {
        return destination.isQueue() && destination.equals(other.destination);
    }

    /** Settles what the application has. */
    void settle(List<Received> messages, SettlementKind kind) {
        messages.forEach(received -> buffer.settle(received, kind));
    }

    /** Hands the engine what was settled so far. On its thread. */
    void report(io.millrace.jms.engine.ConnectionEngine engine, long nowMs) {
        buffer.report(engine, nowMs);
    }

    // ---- the end

    private void checkOpen() throws JMSException {
        if (isClosed.get()) {
            throw new IllegalStateException("the consumer is closed");
        }
        session.checkOpen();
    }

    /** A receive that waits returns null; a listener that runs is waited for, unless it is the one that calls (8.8). */
    @Override
    public void close() throws JMSException {
        if (!isClosed.compareAndSet(false, true)) {
            return;
        }
        buffer.setListener(null);
        buffer.shut();
        if (session.dispatcher().isOwnThread() && isDispatching) {
            // Its message is not settled yet; the consumer ends when its listener has returned.
            endsAfterListener = true;
            return;
        }
        session.dispatcher().awaitListener();
        buffer.awaitHandedOver();
        session.consumers().close(this, !session.isClosed());
    }

    /** Hands out nothing any more; {@link #detach} follows. */
    void closeWithSession() {
        isClosed.set(true);
        buffer.setListener(null);
        buffer.shut();
    }

    /**
     * Takes no message any more and gives back what the application has not seen, but stays attached for what it has not
     * acknowledged. Answers when others can have what was given back.
     */
    Await<Done> closeButLinger() {
        buffer.close();
        Await<Done> reply = new Await<>();
        session.connection().thread().execute((engine, nowMs) -> {
            engine.endFlow(buffer.attachment(), nowMs);
            buffer.report(engine, nowMs);
            engine.awaitSettled(List.of(buffer.attachment()), reply, nowMs);
        });
        return reply;
    }

    /** Tells the broker; what is not settled goes back to it. */
    Await<Done> detach() {
        buffer.close();
        Await<Done> reply = new Await<>();
        session.connection().thread().execute((engine, nowMs) -> {
            buffer.report(engine, nowMs);
            engine.detach(buffer.attachment(), reply, nowMs);
        });
        return reply;
    }

    // ---- what it is

    @Override
    public @Nullable String getMessageSelector() throws JMSException {
        checkOpen();
        return spec.selector();
    }

    @Override
    public boolean getNoLocal() throws JMSException {
        checkOpen();
        return spec.noLocal();
    }

    @Override
    public Queue getQueue() throws JMSException {
        checkOpen();
        if (destination instanceof Queue queue) {
            return queue;
        }
        throw new InvalidDestinationException("the consumer's destination is a topic");
    }

    @Override
    public Topic getTopic() throws JMSException {
        checkOpen();
        if (destination instanceof Topic topic) {
            return topic;
        }
        throw new InvalidDestinationException("the consumer's destination is a queue");
    }

    @Override
    public String toString() {
        return "consumer of " + destination;
    }
}
