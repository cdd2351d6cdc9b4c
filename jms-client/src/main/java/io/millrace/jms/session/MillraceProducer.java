package io.millrace.jms.session;

import io.millrace.jms.MillraceDestination;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.QueueSender;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import org.jspecify.annotations.Nullable;

/**
 * A producer (Jakarta Messaging 3.1, 7), in all three domains. Its own part is what a message is sent with; the
 * {@link MessageSender} of its session sends. For the session's thread, closing excepted.
 */
final class MillraceProducer implements QueueSender, TopicPublisher {
    private final MillraceSession session;
    private final @Nullable MillraceDestination destination;
    private volatile boolean isClosed;
    private boolean hasId = true;
    private boolean hasTimestamp = true;
    private int deliveryMode = Message.DEFAULT_DELIVERY_MODE;
    private int priority = Message.DEFAULT_PRIORITY;
    private long timeToLiveMs = Message.DEFAULT_TIME_TO_LIVE;
    private long deliveryDelayMs = Message.DEFAULT_DELIVERY_DELAY;

    MillraceProducer(MillraceSession session, @Nullable MillraceDestination destination) {
        this.session = session;
        this.destination = destination;
    }

    private void checkOpen() throws JMSException {
        if (isClosed) {
            throw new IllegalStateException("the producer is closed");
        }
        session.checkOpen();
    }

    /** The producer's own destination, for the methods that name none (7.1). */
    private MillraceDestination ownDestination() throws JMSException {
        checkOpen();
        if (destination == null) {
            throw new UnsupportedOperationException("the producer has no destination; send names one");
        }
        return destination;
    }

    /** The destination of a method that names one, which is for producers without. */
    private MillraceDestination named(@Nullable Destination to) throws JMSException {
        checkOpen();
        if (destination != null) {
            throw new UnsupportedOperationException("the producer has a destination: " + destination);
        }
        return MillraceSession.own(to);
    }

    private MessageSender.Options options(@Nullable CompletionListener listener) {
        return options(deliveryMode, priority, timeToLiveMs, listener);
    }

    private MessageSender.Options options(
            int mode, int priorityOfMessage, long timeToLive, @Nullable CompletionListener listener) {
        return new MessageSender.Options(
                mode, priorityOfMessage, timeToLive, deliveryDelayMs, hasId, hasTimestamp, listener);
    }

    private static CompletionListener checked(@Nullable CompletionListener listener) {
        if (listener == null) {
            throw new IllegalArgumentException("the completion listener is null");
        }
        return listener;
    }

    // ---- send

    @Override
    public void send(@Nullable Message message) throws JMSException {
        session.sender().send(ownDestination(), message, options(null));
    }

    @Override
    public void send(@Nullable Message message, int mode, int priorityOfMessage, long timeToLive) throws JMSException {
        session.sender().send(ownDestination(), message, options(mode, priorityOfMessage, timeToLive, null));
    }

    @Override
    public void send(@Nullable Destination to, @Nullable Message message) throws JMSException {
        session.sender().send(named(to), message, options(null));
    }

    @Override
    public void send(
            @Nullable Destination to, @Nullable Message message, int mode, int priorityOfMessage, long timeToLive)
            throws JMSException {
        session.sender().send(named(to), message, options(mode, priorityOfMessage, timeToLive, null));
    }

    @Override
    public void send(@Nullable Message message, @Nullable CompletionListener listener) throws JMSException {
        MillraceDestination to = ownDestination();
        session.sender().send(to, message, options(checked(listener)));
    }

    @Override
    public void send(
            @Nullable Message message,
            int mode,
            int priorityOfMessage,
            long timeToLive,
            @Nullable CompletionListener listener)
            throws JMSException {
        MillraceDestination to = ownDestination();
        session.sender().send(to, message, options(mode, priorityOfMessage, timeToLive, checked(listener)));
    }

    @Override
    public void send(@Nullable Destination to, @Nullable Message message, @Nullable CompletionListener listener)
            throws JMSException {
        MillraceDestination own = named(to);
        session.sender().send(own, message, options(checked(listener)));
    }

    @Override
    public void send(
            @Nullable Destination to,
            @Nullable Message message,
            int mode,
            int priorityOfMessage,
            long timeToLive,
            @Nullable CompletionListener listener)
            throws JMSException {
        MillraceDestination own = named(to);
        session.sender().send(own, message, options(mode, priorityOfMessage, timeToLive, checked(listener)));
    }

    @Override
    public void send(@Nullable Queue queue, @Nullable Message message) throws JMSException {
        send((Destination) queue, message);
    }

    @Override
    public void send(@Nullable Queue queue, @Nullable Message message, int mode, int priorityOfMessage, long timeToLive)
            throws JMSException {
        send((Destination) queue, message, mode, priorityOfMessage, timeToLive);
    }

    @Override
    public void publish(@Nullable Message message) throws JMSException {
        send(message);
    }

    @Override
    public void publish(@Nullable Message message, int mode, int priorityOfMessage, long timeToLive)
            throws JMSException {
        send(message, mode, priorityOfMessage, timeToLive);
    }

    @Override
    public void publish(@Nullable Topic topic, @Nullable Message message) throws JMSException {
        send((Destination) topic, message);
    }

    @Override
    public void publish(
            @Nullable Topic topic, @Nullable Message message, int mode, int priorityOfMessage, long timeToLive)
            throws JMSException {
        send((Destination) topic, message, mode, priorityOfMessage, timeToLive);
    }

    // ---- what messages are sent with

    @Override
    public void setDisableMessageID(boolean disable) throws JMSException {
        checkOpen();
        hasId = !disable;
    }

    @Override
    public boolean getDisableMessageID() throws JMSException {
        checkOpen();
        return !hasId;
    }

    @Override
    public void setDisableMessageTimestamp(boolean disable) throws JMSException {
        checkOpen();
        hasTimestamp = !disable;
    }

    @Override
    public boolean getDisableMessageTimestamp() throws JMSException {
        checkOpen();
        return !hasTimestamp;
    }

    @Override
    public void setDeliveryMode(int mode) throws JMSException {
        checkOpen();
        if (mode != DeliveryMode.PERSISTENT && mode != DeliveryMode.NON_PERSISTENT) {
            throw new JMSException("delivery mode " + mode + " is neither PERSISTENT nor NON_PERSISTENT");
        }
        deliveryMode = mode;
    }

    @Override
    public int getDeliveryMode() throws JMSException {
        checkOpen();
        return deliveryMode;
    }

    @Override
    public void setPriority(int newPriority) throws JMSException {
        checkOpen();
        if (newPriority < 0 || newPriority > 9) {
            throw new JMSException("priority " + newPriority + " is not 0 to 9");
        }
        priority = newPriority;
    }

    @Override
    public int getPriority() throws JMSException {
        checkOpen();
        return priority;
    }

    @Override
    public void setTimeToLive(long timeToLive) throws JMSException {
        checkOpen();
        if (timeToLive < 0) {
            throw new JMSException("time to live " + timeToLive + " is negative");
        }
        timeToLiveMs = timeToLive;
    }

    @Override
    public long getTimeToLive() throws JMSException {
        checkOpen();
        return timeToLiveMs;
    }

    @Override
    public void setDeliveryDelay(long delay) throws JMSException {
        checkOpen();
        if (delay < 0) {
            throw new JMSException("delivery delay " + delay + " is negative");
        }
        deliveryDelayMs = delay;
    }

    @Override
    public long getDeliveryDelay() throws JMSException {
        checkOpen();
        return deliveryDelayMs;
    }

    @Override
    public @Nullable Destination getDestination() throws JMSException {
        checkOpen();
        return destination;
    }

    @Override
    public @Nullable Queue getQueue() throws JMSException {
        checkOpen();
        if (destination instanceof Topic) {
            throw new InvalidDestinationException("the producer's destination is a topic");
        }
        return (Queue) destination;
    }

    @Override
    public @Nullable Topic getTopic() throws JMSException {
        checkOpen();
        if (destination instanceof Queue) {
            throw new InvalidDestinationException("the producer's destination is a queue");
        }
        return (Topic) destination;
    }

    /** Waits for the completion listeners of the session, whose sends may be this producer's (7.3.4). */
    @Override
    public void close() throws JMSException {
        if (isClosed) {
            return;
        }
        session.awaitCompletions("the producer's close");
        isClosed = true;
    }
}
