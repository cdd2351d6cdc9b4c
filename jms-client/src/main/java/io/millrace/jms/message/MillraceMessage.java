package io.millrace.jms.message;

import io.millrace.jms.MillraceDestination;
import io.millrace.protocol.MessageHeaders;
import io.millrace.protocol.record.EncodedRecord;
import io.netty.buffer.ByteBufAllocator;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message: headers, properties, and in its subclasses a body (Jakarta Messaging 3.1, chapter 3). A received message
 * decodes its headers and properties when they are first asked for. Not for several threads at once; while an asynchronous
 * send has it, every access is refused.
 */
public abstract class MillraceMessage implements Message {
    private final MessageProperties properties = new MessageProperties();
    private @Nullable ReceivedHeaders pending;
    private @Nullable Acknowledger acknowledger;
    private boolean propertiesReadOnly;
    private boolean bodyReadOnly;
    private volatile boolean sending;

    private @Nullable String messageId;
    private long timestampMs;
    private @Nullable String correlationId;
    private byte @Nullable [] correlationIdBytes;
    private @Nullable Destination replyTo;
    private @Nullable Destination destination;
    private int deliveryMode = DeliveryMode.PERSISTENT;
    private boolean redelivered;
    private @Nullable String type;
    private long expirationMs;
    private long deliveryTimeMs;
    private int priority = DEFAULT_PRIORITY;

    MillraceMessage() {}

    // ---- what the subclasses have

    /** The letter of the message's type in {@link MessageHeaders#TYPES}. */
    abstract char typeCode();

    /** The body as a record's value, or null for none; the caller does not change it. */
    abstract byte @Nullable [] encodeBody() throws JMSException;

    /** Takes the value of a received record: a view of bytes that nobody changes. */
    abstract void decodeBody(@Nullable ByteBuffer value) throws JMSException;

    /** The body as what {@code getBody} answers with, or null if there is none. */
    abstract @Nullable Object bodyObject() throws JMSException;

    /** Empties the body and makes it writable. */
    abstract void emptyBody();

    // ---- for the session

    /** The message as a record; the caller releases its body. */
    public final EncodedRecord encode(ByteBufAllocator allocator) throws JMSException {
        decodeHeaders();
        return new RecordEncoder(allocator).encode(this);
    }

    /** Says what {@code acknowledge()} does; null for nothing. */
    public final void setAcknowledger(@Nullable Acknowledger acknowledger) {
        this.acknowledger = acknowledger;
    }

    /** Says whether an asynchronous send has the message: then nobody else may touch it (7.3.9). */
    public final void setSending(boolean sending) {
        this.sending = sending;
    }

    /** Makes the message what a receiver gets: headers decoded later, properties and body not writable. */
    final void received(ReceivedHeaders headers, DeliveryFacts facts) {
        pending = headers;
        propertiesReadOnly = true;
        bodyReadOnly = true;
        destination = facts.destination();
        redelivered = facts.deliveryCount() > 1;
    }

    final MessageProperties properties() throws JMSException {
        decodeHeaders();
        return properties;
    }

    final byte @Nullable [] correlationIdBytes() {
        return correlationIdBytes;
    }

    final void checkNotSending() throws JMSException {
        if (sending) {
            throw new IllegalStateException(
                    "the message is being sent asynchronously; wait for the completion listener");
        }
    }

    final void decodeHeaders() throws JMSException {
        checkNotSending();
        ReceivedHeaders headers = pending;
        if (headers != null) {
            pending = null;
            headers.decodeInto(this, properties);
        }
    }

    final void checkBodyReadable() throws JMSException {
        checkNotSending();
        if (!bodyReadOnly) {
            throw new MessageNotReadableException("the body is being written; reset() makes it readable");
        }
    }

    final void checkBodyWritable() throws JMSException {
        checkNotSending();
        if (bodyReadOnly) {
            throw new MessageNotWriteableException("the body of a received message is read-only until clearBody()");
        }
    }

    final boolean isBodyReadOnly() {
        return bodyReadOnly;
    }

    final void setBodyReadOnly(boolean readOnly) {
        bodyReadOnly = readOnly;
    }

    // ---- headers

    @Override
    public final @Nullable String getJMSMessageID() throws JMSException {
        decodeHeaders();
        return messageId;
    }

    @Override
    public final void setJMSMessageID(@Nullable String id) throws JMSException {
        decodeHeaders();
        messageId = id;
    }

    @Override
    public final long getJMSTimestamp() throws JMSException {
        decodeHeaders();
        return timestampMs;
    }

    @Override
    public final void setJMSTimestamp(long timestamp) throws JMSException {
        decodeHeaders();
        timestampMs = timestamp;
    }

    @Override
    public final byte @Nullable [] getJMSCorrelationIDAsBytes() throws JMSException {
        decodeHeaders();
        if (correlationIdBytes != null) {
            return correlationIdBytes.clone();
        }
        return correlationId == null ? null : correlationId.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public final void setJMSCorrelationIDAsBytes(byte @Nullable [] id) throws JMSException {
        decodeHeaders();
        correlationIdBytes = id == null ? null : id.clone();
        correlationId = null;
    }

    @Override
    public final void setJMSCorrelationID(@Nullable String id) throws JMSException {
        decodeHeaders();
        correlationId = id;
        correlationIdBytes = null;
    }

    @Override
    public final @Nullable String getJMSCorrelationID() throws JMSException {
        decodeHeaders();
        if (correlationIdBytes != null) {
            return new String(correlationIdBytes, StandardCharsets.UTF_8);
        }
        return correlationId;
    }

    @Override
    public final @Nullable Destination getJMSReplyTo() throws JMSException {
        decodeHeaders();
        return replyTo;
    }

    @Override
    public final void setJMSReplyTo(@Nullable Destination replyTo) throws JMSException {
        decodeHeaders();
        this.replyTo = replyTo == null ? null : MillraceDestinations.of(replyTo);
    }

    @Override
    public final @Nullable Destination getJMSDestination() throws JMSException {
        checkNotSending();
        return destination;
    }

    @Override
    public final void setJMSDestination(@Nullable Destination destination) throws JMSException {
        checkNotSending();
        this.destination = destination;
    }

    @Override
    public final int getJMSDeliveryMode() throws JMSException {
        decodeHeaders();
        return deliveryMode;
    }

    @Override
    public final void setJMSDeliveryMode(int mode) throws JMSException {
        decodeHeaders();
        if (mode != DeliveryMode.PERSISTENT && mode != DeliveryMode.NON_PERSISTENT) {
            throw new JMSException("delivery mode " + mode + " is neither PERSISTENT (2) nor NON_PERSISTENT (1)");
        }
        deliveryMode = mode;
    }

    @Override
    public final boolean getJMSRedelivered() throws JMSException {
        checkNotSending();
        return redelivered;
    }

    @Override
    public final void setJMSRedelivered(boolean redelivered) throws JMSException {
        checkNotSending();
        this.redelivered = redelivered;
    }

    @Override
    public final @Nullable String getJMSType() throws JMSException {
        decodeHeaders();
        return type;
    }

    @Override
    public final void setJMSType(@Nullable String type) throws JMSException {
        decodeHeaders();
        this.type = type;
    }

    @Override
    public final long getJMSExpiration() throws JMSException {
        decodeHeaders();
        return expirationMs;
    }

    @Override
    public final void setJMSExpiration(long expiration) throws JMSException {
        decodeHeaders();
        expirationMs = expiration;
    }

    @Override
    public final long getJMSDeliveryTime() throws JMSException {
        decodeHeaders();
        return deliveryTimeMs;
    }

    @Override
    public final void setJMSDeliveryTime(long deliveryTime) throws JMSException {
        decodeHeaders();
        deliveryTimeMs = deliveryTime;
    }

    @Override
    public final int getJMSPriority() throws JMSException {
        decodeHeaders();
        return priority;
    }

    @Override
    public final void setJMSPriority(int priority) throws JMSException {
        decodeHeaders();
        if (priority < 0 || priority > 9) {
            throw new JMSException("priority " + priority + " is not 0 to 9");
        }
        this.priority = priority;
    }

    // ---- properties

    @Override
    public final void clearProperties() throws JMSException {
        decodeHeaders();
        properties.clear();
        propertiesReadOnly = false;
    }

    @Override
    public final boolean propertyExists(String name) throws JMSException {
        return properties().has(name);
    }

    @Override
    public final boolean getBooleanProperty(String name) throws JMSException {
        return Conversions.toBoolean(properties().get(name));
    }

    @Override
    public final byte getByteProperty(String name) throws JMSException {
        return Conversions.toByte(properties().get(name));
    }

    @Override
    public final short getShortProperty(String name) throws JMSException {
        return Conversions.toShort(properties().get(name));
    }

    @Override
    public final int getIntProperty(String name) throws JMSException {
        return Conversions.toInt(properties().get(name));
    }

    @Override
    public final long getLongProperty(String name) throws JMSException {
        return Conversions.toLong(properties().get(name));
    }

    @Override
    public final float getFloatProperty(String name) throws JMSException {
        return Conversions.toFloat(properties().get(name));
    }

    @Override
    public final double getDoubleProperty(String name) throws JMSException {
        return Conversions.toDouble(properties().get(name));
    }

    @Override
    public final @Nullable String getStringProperty(String name) throws JMSException {
        return Conversions.toText(properties().get(name));
    }

    @Override
    public final @Nullable Object getObjectProperty(String name) throws JMSException {
        return properties().get(name);
    }

    @Override
    public final Enumeration<String> getPropertyNames() throws JMSException {
        List<String> names = new ArrayList<>(properties().all().keySet());
        return Collections.enumeration(names);
    }

    @Override
    public final void setBooleanProperty(String name, boolean value) throws JMSException {
        setProperty(name, value);
    }

    @Override
    public final void setByteProperty(String name, byte value) throws JMSException {
        setProperty(name, value);
    }

    @Override
    public final void setShortProperty(String name, short value) throws JMSException {
        setProperty(name, value);
    }

    @Override
    public final void setIntProperty(String name, int value) throws JMSException {
        setProperty(name, value);
    }

    @Override
    public final void setLongProperty(String name, long value) throws JMSException {
        setProperty(name, value);
    }

    @Override
    public final void setFloatProperty(String name, float value) throws JMSException {
        setProperty(name, value);
    }

    @Override
    public final void setDoubleProperty(String name, double value) throws JMSException {
        setProperty(name, value);
    }

    @Override
    public final void setStringProperty(String name, @Nullable String value) throws JMSException {
        setProperty(name, value);
    }

    @Override
    public final void setObjectProperty(String name, @Nullable Object value) throws JMSException {
        setProperty(name, value);
    }

    private void setProperty(@Nullable String name, @Nullable Object value) throws JMSException {
        decodeHeaders();
        if (propertiesReadOnly) {
            throw new MessageNotWriteableException(
                    "the properties of a received message are read-only until clearProperties()");
        }
        properties.set(name, value);
    }

    // ---- body and acknowledgement

    /** Acknowledges all that the message's session has consumed, where the session's mode is CLIENT_ACKNOWLEDGE (6.2.10). */
    @Override
    public final void acknowledge() throws JMSException {
        if (acknowledger != null) {
            acknowledger.acknowledge();
        }
    }

    @Override
    public final void clearBody() throws JMSException {
        checkNotSending();
        emptyBody();
        bodyReadOnly = false;
    }

    @Override
    public <T> @Nullable T getBody(Class<T> c) throws JMSException {
        checkNotSending();
        Object body = bodyObject();
        if (body == null) {
            return null;
        }
        if (!c.isInstance(body)) {
            throw new MessageFormatException(
                    "the body is of type " + body.getClass().getName() + ", which is no " + c.getName());
        }
        return c.cast(body);
    }

    @Override
    @SuppressWarnings("rawtypes") // as the interface has it
    public boolean isBodyAssignableTo(Class c) throws JMSException {
        checkNotSending();
        Object body = bodyObject();
        return body == null || c.isInstance(body);
    }

    /** The type and the destination; nothing of properties or body. */
    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[" + (messageId == null ? "" : messageId + ", ")
                + (destination instanceof MillraceDestination d ? d : "no destination") + "]";
    }
}
