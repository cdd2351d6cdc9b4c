package io.millrace.jms.message;

import io.millrace.protocol.MessageHeaders;
import io.millrace.protocol.record.EncodedRecord;
import io.millrace.protocol.record.Varints;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns one message into the key, value and headers of a record, as {@link MessageHeaders} describes. Used once. */
final class RecordEncoder {
    private static final byte[] TYPES_KEY = ascii(MessageHeaders.TYPES);
    private static final byte[] MESSAGE_ID_KEY = ascii(MessageHeaders.MESSAGE_ID);
    private static final byte[] TIMESTAMP_KEY = ascii(MessageHeaders.TIMESTAMP);
    private static final byte[] CORRELATION_ID_KEY = ascii(MessageHeaders.CORRELATION_ID);
    private static final byte[] CORRELATION_ID_BYTES_KEY = ascii(MessageHeaders.CORRELATION_ID_BYTES);
    private static final byte[] REPLY_TO_KEY = ascii(MessageHeaders.REPLY_TO);
    private static final byte[] TYPE_KEY = ascii(MessageHeaders.TYPE);
    private static final byte[] DELIVERY_MODE_KEY = ascii(MessageHeaders.DELIVERY_MODE);
    private static final byte[] PRIORITY_KEY = ascii(MessageHeaders.PRIORITY);
    private static final byte[] EXPIRATION_KEY = ascii(MessageHeaders.EXPIRATION);
    private static final byte[] DELIVERY_TIME_KEY = ascii(MessageHeaders.DELIVERY_TIME);
    private static final byte[] NON_PERSISTENT = ascii("NON_PERSISTENT");

    private final ByteBufAllocator allocator;
    private final List<byte[]> keys = new ArrayList<>();
    private final List<byte @Nullable []> values = new ArrayList<>();
    private int sizeBytes;
    private int summaryBits;

    RecordEncoder(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    EncodedRecord encode(MillraceMessage message) throws JMSException {
        byte[] body = message.encodeBody();
        byte[] key = groupOf(message);
        addHeaders(message);
        byte[] types = addProperties(message);
        ByteBuf out = allocator.buffer(sizeBytes + length(body) + length(key) + types.length + 64);
        writeBytes(out, key);
        writeBytes(out, body);
        Varints.write(out, keys.size() + 1L);
        writeBytes(out, TYPES_KEY);
        Varints.write(out, types.length);
        int summaryIndex = out.writerIndex() - out.readerIndex() + 2;
        out.writeBytes(types);
        for (int i = 0; i < keys.size(); i++) {
            writeBytes(out, keys.get(i));
            writeBytes(out, values.get(i));
        }
        return new EncodedRecord(out, message.getJMSTimestamp(), summaryIndex, summaryBits);
    }

    private byte @Nullable [] groupOf(MillraceMessage message) throws JMSException {
        Object group = message.properties().get(MessageHeaders.GROUP_ID);
        if (group == null) {
            return null;
        }
        summaryBits |= MessageHeaders.USES_GROUP;
        return Utf8.encode(group.toString());
    }

    private void addHeaders(MillraceMessage message) throws JMSException {
        addText(MESSAGE_ID_KEY, message.getJMSMessageID());
        if (message.getJMSTimestamp() != 0) {
            add(TIMESTAMP_KEY, ascii(Long.toString(message.getJMSTimestamp())));
        }
        byte[] correlationIdBytes = message.correlationIdBytes();
        if (correlationIdBytes != null) {
            add(CORRELATION_ID_BYTES_KEY, correlationIdBytes);
        } else {
            addText(CORRELATION_ID_KEY, message.getJMSCorrelationID());
        }
        Destination replyTo = message.getJMSReplyTo();
        if (replyTo != null) {
            addText(REPLY_TO_KEY, replyTo.toString());
        }
        addText(TYPE_KEY, message.getJMSType());
        if (message.getJMSDeliveryMode() == DeliveryMode.NON_PERSISTENT) {
            add(DELIVERY_MODE_KEY, NON_PERSISTENT);
        }
        if (message.getJMSPriority() != MillraceMessage.DEFAULT_PRIORITY) {
            add(PRIORITY_KEY, ascii(Integer.toString(message.getJMSPriority())));
            summaryBits |= MessageHeaders.USES_PRIORITY;
        }
        if (message.getJMSExpiration() != 0) {
            add(EXPIRATION_KEY, ascii(Long.toString(message.getJMSExpiration())));
            summaryBits |= MessageHeaders.USES_EXPIRATION;
        }
        // Without a delay the delivery time is the time of the send, which the receiver has already.
        if (message.getJMSDeliveryTime() > message.getJMSTimestamp() && message.getJMSTimestamp() != 0) {
            add(DELIVERY_TIME_KEY, ascii(Long.toString(message.getJMSDeliveryTime())));
            summaryBits |= MessageHeaders.USES_DELAY;
        }
    }

    /** Adds the properties; the value of the types header. */
    private byte[] addProperties(MillraceMessage message) throws JMSException {
        StringBuilder types = new StringBuilder(16);
        types.append(MessageHeaders.TYPES_VERSION).append(message.typeCode()).append("00");
        for (Map.Entry<String, @Nullable Object> property :
                message.properties().all().entrySet()) {
            String name = property.getKey();
            if (DeliveryFacts.isFact(name) || name.equals(MessageHeaders.GROUP_ID)) {
                continue;
            }
            Object value = property.getValue();
            types.append(typeOf(value));
            add(Utf8.encode(name), value == null ? null : Utf8.encode(value.toString()));
        }
        return ascii(types.toString());
    }

    private static char typeOf(@Nullable Object value) {
        if (value == null) {
            return 'n';
        }
        if (value instanceof String) {
            return 's';
        }
        if (value instanceof Integer) {
            return 'i';
        }
        if (value instanceof Long) {
            return 'l';
        }
        if (value instanceof Boolean) {
            return 'z';
        }
        if (value instanceof Double) {
            return 'd';
        }
        if (value instanceof Float) {
            return 'f';
        }
        if (value instanceof Short) {
            return 'h';
        }
        return 'b';
    }

    private void addText(byte[] key, @Nullable String value) throws JMSException {
        if (value != null) {
            add(key, Utf8.encode(value));
        }
    }

    private void add(byte[] key, byte @Nullable [] value) {
        keys.add(key);
        values.add(value);
        sizeBytes += key.length + length(value) + 4;
    }

    private static void writeBytes(ByteBuf out, byte @Nullable [] bytes) {
        if (bytes == null) {
            Varints.write(out, -1);
        } else {
            Varints.write(out, bytes.length);
            out.writeBytes(bytes);
        }
    }

    private static int length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
