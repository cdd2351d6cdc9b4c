package io.millrace.jms.message;

import io.millrace.protocol.MessageHeaders;
import io.millrace.protocol.record.RecordReader;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The headers of a received record, decoded when the application asks for the first of them. */
final class ReceivedHeaders {
    private static final byte[] TYPES_KEY = MessageHeaders.TYPES.getBytes(StandardCharsets.US_ASCII);

    private final RecordReader record;
    private final @Nullable String types;
    private final DeliveryFacts facts;

    /**
     * @param record stands on the record
     * @param types the value of the record's types header, or null if a Kafka client made the record
     */
    ReceivedHeaders(RecordReader record, @Nullable String types, DeliveryFacts facts) {
        this.record = record;
        this.types = types;
        this.facts = facts;
    }

    /** The value of the types header, or null if the record does not begin with one of a version that is known. */
    static @Nullable String typesOf(RecordReader record) {
        RecordReader.Headers headers = record.headers();
        if (!headers.next() || !headers.keyIs(TYPES_KEY)) {
            return null;
        }
        String types = text(headers.value());
        return types != null && types.length() >= 4 && types.charAt(0) == MessageHeaders.TYPES_VERSION ? types : null;
    }

    void decodeInto(MillraceMessage message, MessageProperties properties) throws JMSException {
        ByteBuffer key = record.key();
        String group = key == null ? null : text(key);
        if (group != null) {
            properties.put(MessageHeaders.GROUP_ID, group);
        }
        RecordReader.Headers headers = record.headers();
        if (types == null) {
            message.setJMSTimestamp(facts.timestampMs());
            message.setJMSMessageID("ID:" + facts.topicName() + "-" + facts.partition() + "-" + facts.offset());
        } else {
            headers.next();
            decodeOwn(message, properties, headers, types);
        }
        while (headers.next()) {
            putText(properties, headers);
        }
        if (message.getJMSDeliveryTime() == 0) {
            message.setJMSDeliveryTime(message.getJMSTimestamp());
        }
        facts.putInto(properties);
    }

    /** JMS headers, then as many properties as the types header has types. */
    private static void decodeOwn(
            MillraceMessage message, MessageProperties properties, RecordReader.Headers headers, String types)
            throws JMSException {
        int propertiesLeft = types.length() - 4;
        boolean inProperties = false;
        while (headers.next()) {
            String name = text(headers.key());
            if (name == null) {
                continue;
            }
            ByteBuffer value = headers.value();
            if (!inProperties && decodeHeader(message, name, value)) {
                continue;
            }
            inProperties = true;
            if (propertiesLeft == 0) {
                putText(properties, headers);
                return;
            }
            char type = types.charAt(types.length() - propertiesLeft);
            propertiesLeft--;
            properties.put(name, value == null ? null : property(type, text(value)));
        }
    }

    private static boolean decodeHeader(MillraceMessage message, String name, @Nullable ByteBuffer value)
            throws JMSException {
        String text = value == null ? null : text(value);
        switch (name) {
            case MessageHeaders.MESSAGE_ID -> message.setJMSMessageID(text);
            case MessageHeaders.TIMESTAMP -> message.setJMSTimestamp(number(text));
            case MessageHeaders.CORRELATION_ID -> message.setJMSCorrelationID(text);
            case MessageHeaders.CORRELATION_ID_BYTES -> message.setJMSCorrelationIDAsBytes(bytes(value));
            case MessageHeaders.REPLY_TO ->
                message.setJMSReplyTo(text == null ? null : MillraceDestinations.parse(text));
            case MessageHeaders.TYPE -> message.setJMSType(text);
            case MessageHeaders.DELIVERY_MODE ->
                message.setJMSDeliveryMode(
                        "NON_PERSISTENT".equals(text) ? DeliveryMode.NON_PERSISTENT : DeliveryMode.PERSISTENT);
            case MessageHeaders.PRIORITY -> message.setJMSPriority((int) Math.max(0, Math.min(9, number(text))));
            case MessageHeaders.EXPIRATION -> message.setJMSExpiration(number(text));
            case MessageHeaders.DELIVERY_TIME -> message.setJMSDeliveryTime(number(text));
            default -> {
                return false;
            }
        }
        return true;
    }

    /** A header that JMS did not write: a String property where it can be one. */
    private static void putText(MessageProperties properties, RecordReader.Headers headers) {
        String name = text(headers.key());
        ByteBuffer value = headers.value();
        String text = value == null ? null : text(value);
        if (name != null && text != null && !name.isEmpty() && MessageProperties.isLegalName(name)) {
            properties.put(name, text);
        }
    }

    private static @Nullable Object property(char type, @Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return switch (type) {
                case 'z' -> Boolean.valueOf(text);
                case 'b' -> Byte.valueOf(text);
                case 'h' -> Short.valueOf(text);
                case 'i' -> Integer.valueOf(text);
                case 'l' -> Long.valueOf(text);
                case 'f' -> Float.valueOf(text);
                case 'd' -> Double.valueOf(text);
                case 'n' -> null;
                default -> text;
            };
        } catch (NumberFormatException e) {
            return text;
        }
    }

    private static long number(@Nullable String text) {
        try {
            return text == null ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    static byte @Nullable [] bytes(@Nullable ByteBuffer value) {
        if (value == null) {
            return null;
        }
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        return bytes;
    }

    /** The bytes as UTF-8 text, or null if they are none. */
    static @Nullable String text(@Nullable ByteBuffer value) {
        if (value == null) {
            return null;
        }
        String text = value.hasArray()
                ? new String(
                        value.array(),
                        value.arrayOffset() + value.position(),
                        value.remaining(),
                        StandardCharsets.UTF_8)
                : StandardCharsets.UTF_8.decode(value.duplicate()).toString();
        return text.indexOf('\uFFFD') < 0 ? text : strictText(value);
    }

    private static @Nullable String strictText(ByteBuffer value) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(value.duplicate()).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
