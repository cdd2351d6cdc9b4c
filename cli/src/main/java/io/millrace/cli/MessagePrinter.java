package io.millrace.cli;

import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Prints messages, a line each: the body, or with JSON an object of all that the message says. Bytes are printed as text
 * where they are UTF-8, else as base64. Owned by the thread that receives.
 */
final class MessagePrinter {
    private final PrintWriter out;
    private final boolean json;

    MessagePrinter(PrintWriter out, boolean json) {
        this.out = out;
        this.json = json;
    }

    /**
     * Prints a message and sees to it that it is out.
     *
     * @throws CommandException if nobody reads what is printed
     */
    void print(Message message) throws JMSException, CommandException {
        out.println(json ? JsonWriter.write(object(message)) : line(message));
        if (out.checkError()) {
            throw CommandException.failed("nobody reads the output any more; the last messages stay where they were");
        }
    }

    private static String line(Message message) throws JMSException {
        Object body = body(message);
        if (body instanceof byte[] bytes) {
            return Base64.getEncoder().encodeToString(bytes);
        }
        if (body instanceof Map || body instanceof List) {
            return JsonWriter.write(body);
        }
        return body == null ? "" : body.toString();
    }

    private static Map<String, Object> object(Message message) throws JMSException {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        Object body = body(message);
        object.put("destination", DestinationText.of(message.getJMSDestination()));
        object.put("headers", headers(message));
        object.put("properties", properties(message));
        object.put("type", type(message));
        if (body instanceof byte[]) {
            object.put("encoding", "base64");
        }
        object.put("body", body);
        return object;
    }

    private static Map<String, Object> headers(Message message) throws JMSException {
        Map<String, @Nullable Object> headers = new LinkedHashMap<>();
        headers.put("JMSMessageID", message.getJMSMessageID());
        headers.put("JMSTimestamp", message.getJMSTimestamp());
        headers.put(
                "JMSDeliveryMode",
                message.getJMSDeliveryMode() == DeliveryMode.NON_PERSISTENT ? "NON_PERSISTENT" : "PERSISTENT");
        headers.put("JMSPriority", message.getJMSPriority());
        headers.put("JMSExpiration", message.getJMSExpiration());
        headers.put("JMSDeliveryTime", message.getJMSDeliveryTime());
        headers.put("JMSRedelivered", message.getJMSRedelivered());
        headers.put("JMSCorrelationID", message.getJMSCorrelationID());
        headers.put("JMSType", message.getJMSType());
        headers.put("JMSReplyTo", DestinationText.of(message.getJMSReplyTo()));
        return headers;
    }

    private static Map<String, Object> properties(Message message) throws JMSException {
        Map<String, Object> properties = new LinkedHashMap<>();
        Enumeration<?> names = message.getPropertyNames();
        while (names.hasMoreElements()) {
            String name = (String) names.nextElement();
            properties.put(name, message.getObjectProperty(name));
        }
        return properties;
    }

    private static String type(Message message) {
        if (message instanceof TextMessage) {
            return "text";
        }
        if (message instanceof BytesMessage) {
            return "bytes";
        }
        if (message instanceof MapMessage) {
            return "map";
        }
        if (message instanceof StreamMessage) {
            return "stream";
        }
        return message instanceof ObjectMessage ? "object" : "message";
    }

    private static @Nullable Object body(Message message) throws JMSException {
        if (message instanceof TextMessage text) {
            return text.getText();
        }
        if (message instanceof BytesMessage bytes) {
            return bytes(bytes);
        }
        if (message instanceof MapMessage map) {
            return map(map);
        }
        if (message instanceof StreamMessage stream) {
            return stream(stream);
        }
        return message instanceof ObjectMessage object ? object(object) : null;
    }

    /** A text where it is one, else the bytes. */
    private static Object bytes(BytesMessage message) throws JMSException {
        byte[] bytes = new byte[(int) message.getBodyLength()];
        message.readBytes(bytes);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return bytes;
        }
    }

    private static Map<String, Object> map(MapMessage message) throws JMSException {
        Map<String, Object> map = new LinkedHashMap<>();
        Enumeration<?> names = message.getMapNames();
        while (names.hasMoreElements()) {
            String name = (String) names.nextElement();
            map.put(name, message.getObject(name));
        }
        return map;
    }

    private static List<Object> stream(StreamMessage message) throws JMSException {
        List<Object> items = new ArrayList<>();
        while (true) {
            try {
                items.add(message.readObject());
            } catch (MessageEOFException e) {
                return items;
            }
        }
    }

    /** An object's text, where this command knows its class and may make one. */
    private static String object(ObjectMessage message) {
        try {
            return String.valueOf(message.getObject());
        } catch (JMSException e) {
            return "(" + Failures.oneLine(e.getMessage()) + ")";
        }
    }
}
