package io.millrace.jms.session;

import io.millrace.jms.MillraceDestination;
import io.millrace.jms.message.MillracePlainMessage;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import java.io.Serializable;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A producer of the simplified API (Jakarta Messaging 3.1, 7): what it was given by its fluent methods goes over each
 * message's own. For the session's thread.
 */
final class MillraceJmsProducer implements JMSProducer {
    private final MillraceSession session;

    /** Holds properties and headers, with the rules that messages have for them. */
    private final MillracePlainMessage template = new MillracePlainMessage();

    private boolean hasId = true;
    private boolean hasTimestamp = true;
    private int deliveryMode = Message.DEFAULT_DELIVERY_MODE;
    private int priority = Message.DEFAULT_PRIORITY;
    private long timeToLiveMs = Message.DEFAULT_TIME_TO_LIVE;
    private long deliveryDelayMs = Message.DEFAULT_DELIVERY_DELAY;
    private @Nullable CompletionListener listener;
    private byte @Nullable [] correlationIdBytes;

    MillraceJmsProducer(MillraceSession session) {
        this.session = session;
    }

    // ---- send

    @Override
    public JMSProducer send(@Nullable Destination to, @Nullable Message message) {
        return sending(() -> message == null ? null : decorated(message), to);
    }

    @Override
    public JMSProducer send(@Nullable Destination to, @Nullable String body) {
        return sending(() -> decorated(session.createTextMessage(body)), to);
    }

    @Override
    public JMSProducer send(@Nullable Destination to, @Nullable Map<String, Object> body) {
        return sending(
                () -> {
                    MapMessage message = session.createMapMessage();
                    if (body != null) {
                        for (Map.Entry<String, Object> entry : body.entrySet()) {
                            message.setObject(entry.getKey(), entry.getValue());
                        }
                    }
                    return decorated(message);
                },
                to);
    }

    @Override
    public JMSProducer send(@Nullable Destination to, byte @Nullable [] body) {
        return sending(
                () -> {
                    BytesMessage message = session.createBytesMessage();
                    if (body != null) {
                        message.writeBytes(body);
                    }
                    return decorated(message);
                },
                to);
    }

    @Override
    public JMSProducer send(@Nullable Destination to, @Nullable Serializable body) {
        return sending(() -> decorated(session.createObjectMessage(body)), to);
    }

    private JMSProducer sending(Unchecked.Finder<Message> message, @Nullable Destination to) {
        Unchecked.run(() -> {
            session.checkOpen();
            MillraceDestination own = MillraceSession.own(to);
            MessageSender.Options options = new MessageSender.Options(
                    deliveryMode, priority, timeToLiveMs, deliveryDelayMs, hasId, hasTimestamp, listener);
            session.sender().send(own, message.find(), options);
        });
        return this;
    }

    private Message decorated(Message message) throws JMSException {
        for (Enumeration<String> names = template.getPropertyNames(); names.hasMoreElements(); ) {
            String name = names.nextElement();
            message.setObjectProperty(name, template.getObjectProperty(name));
        }
        if (template.getJMSCorrelationID() != null) {
            message.setJMSCorrelationID(template.getJMSCorrelationID());
        }
        if (correlationIdBytes != null) {
            message.setJMSCorrelationIDAsBytes(correlationIdBytes);
        }
        if (template.getJMSType() != null) {
            message.setJMSType(template.getJMSType());
        }
        if (template.getJMSReplyTo() != null) {
            message.setJMSReplyTo(template.getJMSReplyTo());
        }
        return message;
    }

    // ---- what messages are sent with

    @Override
    public JMSProducer setDisableMessageID(boolean disable) {
        hasId = !disable;
        return this;
    }

    @Override
    public boolean getDisableMessageID() {
        return !hasId;
    }

    @Override
    public JMSProducer setDisableMessageTimestamp(boolean disable) {
        hasTimestamp = !disable;
        return this;
    }

    @Override
    public boolean getDisableMessageTimestamp() {
        return !hasTimestamp;
    }

    @Override
    public JMSProducer setDeliveryMode(int mode) {
        if (mode != DeliveryMode.PERSISTENT && mode != DeliveryMode.NON_PERSISTENT) {
            throw new JMSRuntimeException("delivery mode " + mode + " is neither PERSISTENT nor NON_PERSISTENT");
        }
        deliveryMode = mode;
        return this;
    }

    @Override
    public int getDeliveryMode() {
        return deliveryMode;
    }

    @Override
    public JMSProducer setPriority(int newPriority) {
        if (newPriority < 0 || newPriority > 9) {
            throw new JMSRuntimeException("priority " + newPriority + " is not 0 to 9");
        }
        priority = newPriority;
        return this;
    }

    @Override
    public int getPriority() {
        return priority;
    }

    @Override
    public JMSProducer setTimeToLive(long timeToLive) {
        if (timeToLive < 0) {
            throw new JMSRuntimeException("time to live " + timeToLive + " is negative");
        }
        timeToLiveMs = timeToLive;
        return this;
    }

    @Override
    public long getTimeToLive() {
        return timeToLiveMs;
    }

    @Override
    public JMSProducer setDeliveryDelay(long delay) {
        if (delay < 0) {
            throw new JMSRuntimeException("delivery delay " + delay + " is negative");
        }
        deliveryDelayMs = delay;
        return this;
    }

    @Override
    public long getDeliveryDelay() {
        return deliveryDelayMs;
    }

    @Override
    public JMSProducer setAsync(@Nullable CompletionListener completionListener) {
        listener = completionListener;
        return this;
    }

    @Override
    public @Nullable CompletionListener getAsync() {
        return listener;
    }

    // ---- properties

    private JMSProducer set(String name, @Nullable Object value) {
        Unchecked.run(() -> template.setObjectProperty(name, value));
        return this;
    }

    @Override
    public JMSProducer setProperty(String name, boolean value) {
        return set(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, byte value) {
        return set(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, short value) {
        return set(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, int value) {
        return set(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, long value) {
        return set(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, float value) {
        return set(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, double value) {
        return set(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, @Nullable String value) {
        return set(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, @Nullable Object value) {
        return set(name, value);
    }

    @Override
    public JMSProducer clearProperties() {
        Unchecked.run(template::clearProperties);
        return this;
    }

    @Override
    public boolean propertyExists(String name) {
        return Unchecked.get(() -> template.propertyExists(name));
    }

    @Override
    public boolean getBooleanProperty(String name) {
        return Unchecked.get(() -> template.getBooleanProperty(name));
    }

    @Override
    public byte getByteProperty(String name) {
        return Unchecked.get(() -> template.getByteProperty(name));
    }

    @Override
    public short getShortProperty(String name) {
        return Unchecked.get(() -> template.getShortProperty(name));
    }

    @Override
    public int getIntProperty(String name) {
        return Unchecked.get(() -> template.getIntProperty(name));
    }

    @Override
    public long getLongProperty(String name) {
        return Unchecked.get(() -> template.getLongProperty(name));
    }

    @Override
    public float getFloatProperty(String name) {
        return Unchecked.get(() -> template.getFloatProperty(name));
    }

    @Override
    public double getDoubleProperty(String name) {
        return Unchecked.get(() -> template.getDoubleProperty(name));
    }

    @Override
    public @Nullable String getStringProperty(String name) {
        return Unchecked.find(() -> template.getStringProperty(name));
    }

    @Override
    public @Nullable Object getObjectProperty(String name) {
        return Unchecked.find(() -> template.getObjectProperty(name));
    }

    @Override
    public Set<String> getPropertyNames() {
        return Unchecked.get(
                () -> Collections.unmodifiableSet(new LinkedHashSet<>(Collections.list(template.getPropertyNames()))));
    }

    // ---- headers

    @Override
    public JMSProducer setJMSCorrelationIDAsBytes(byte @Nullable [] id) {
        correlationIdBytes = id == null ? null : id.clone();
        Unchecked.run(() -> template.setJMSCorrelationIDAsBytes(id));
        return this;
    }

    @Override
    public byte @Nullable [] getJMSCorrelationIDAsBytes() {
        return Unchecked.find(template::getJMSCorrelationIDAsBytes);
    }

    @Override
    public JMSProducer setJMSCorrelationID(@Nullable String id) {
        correlationIdBytes = null;
        Unchecked.run(() -> template.setJMSCorrelationID(id));
        return this;
    }

    @Override
    public @Nullable String getJMSCorrelationID() {
        return Unchecked.find(template::getJMSCorrelationID);
    }

    @Override
    public JMSProducer setJMSType(@Nullable String type) {
        Unchecked.run(() -> template.setJMSType(type));
        return this;
    }

    @Override
    public @Nullable String getJMSType() {
        return Unchecked.find(template::getJMSType);
    }

    @Override
    public JMSProducer setJMSReplyTo(@Nullable Destination replyTo) {
        Unchecked.run(() -> template.setJMSReplyTo(replyTo));
        return this;
    }

    @Override
    public @Nullable Destination getJMSReplyTo() {
        return Unchecked.find(template::getJMSReplyTo);
    }
}
