package io.millrace.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.ObjectMessage;
import java.io.Serializable;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A message whose body is a serialized object, or null (Jakarta Messaging 3.1, 3.11.4). The object is serialized when it is set, so
 * later changes of it do not show; every {@link #getObject} makes a new one.
 */
public final class MillraceObjectMessage extends MillraceMessage implements ObjectMessage {
    private final ObjectTrust trust;
    private byte @Nullable [] serialized;

    /** A message that deserializes what is trusted. */
    public MillraceObjectMessage(ObjectTrust trust) {
        this.trust = trust;
    }

    @Override
    public void setObject(@Nullable Serializable object) throws JMSException {
        checkBodyWritable();
        serialized = object == null ? null : ObjectTrust.serialize(object);
    }

    @Override
    public @Nullable Serializable getObject() throws JMSException {
        decodeHeaders();
        return bodyObject();
    }

    @Override
    @SuppressWarnings("rawtypes") // as the interface has it
    public boolean isBodyAssignableTo(Class c) throws JMSException {
        try {
            return super.isBodyAssignableTo(c);
        } catch (MessageFormatException e) {
            return false;
        }
    }

    @Override
    char typeCode() {
        return 'O';
    }

    @Override
    byte @Nullable [] encodeBody() {
        return serialized;
    }

    @Override
    void decodeBody(@Nullable ByteBuffer value) {
        serialized = ReceivedHeaders.bytes(value);
    }

    @Override
    @Nullable
    Serializable bodyObject() throws JMSException {
        return serialized == null ? null : trust.deserialize(serialized);
    }

    @Override
    void emptyBody() {
        serialized = null;
    }
}
