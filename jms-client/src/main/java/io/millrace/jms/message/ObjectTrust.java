package io.millrace.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;

/**
 * Which classes object messages may deserialize. Deserializing whatever somebody sent lets the sender run code, so only basic classes
 * and those that the application names are trusted. Immutable, for any thread.
 */
public final class ObjectTrust {
    /** The option that names further classes, in every error. */
    private static final String OPTION = "deserializationAllow";

    private static final String BASIC =
            "java.lang.*;java.util.*;java.util.concurrent.*;java.util.concurrent.atomic.*;java.math.*;java.time.*;";

    private final ObjectInputFilter filter;

    private ObjectTrust(String patterns) {
        this.filter = ObjectInputFilter.Config.createFilter(patterns);
    }

    /**
     * Trusts basic classes and those named: classes, or packages with all below them, separated by commas; {@code *} for all.
     */
    public static ObjectTrust allow(String names) {
        if (names.trim().equals("*")) {
            return new ObjectTrust("*");
        }
        StringBuilder patterns = new StringBuilder(BASIC);
        for (String name : names.split(",", -1)) {
            String trimmed = name.trim().replaceAll("\\.\\*+$", "");
            if (!trimmed.isEmpty()) {
                patterns.append(trimmed)
                        .append(';')
                        .append(trimmed)
                        .append("$*;")
                        .append(trimmed)
                        .append(".**;");
            }
        }
        return new ObjectTrust(patterns.append("!*").toString());
    }

    static byte[] serialize(Serializable object) throws JMSException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        } catch (IOException e) {
            throw failure("the object can not be serialized: " + e, e);
        }
        return bytes.toByteArray();
    }

    Serializable deserialize(byte[] bytes) throws JMSException {
        try (ObjectInputStream in = new ContextObjectInputStream(bytes)) {
            in.setObjectInputFilter(filter);
            return (Serializable) in.readObject();
        } catch (InvalidClassException e) {
            throw failure(
                    "the object is of a class that is not trusted, or is another version of it (" + e.getMessage()
                            + "); the connection option " + OPTION + " names classes and packages to trust",
                    e);
        } catch (IOException | ClassNotFoundException | ClassCastException e) {
            throw failure("the object can not be deserialized: " + e, e);
        }
    }

    private static MessageFormatException failure(String message, Exception cause) {
        MessageFormatException failure = new MessageFormatException(message);
        failure.setLinkedException(cause);
        failure.initCause(cause);
        return failure;
    }

    /** Finds classes by the thread's context class loader first, as applications in a container expect. */
    private static final class ContextObjectInputStream extends ObjectInputStream {
        ContextObjectInputStream(byte[] bytes) throws IOException {
            super(new ByteArrayInputStream(bytes));
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            ClassLoader context = Thread.currentThread().getContextClassLoader();
            if (context != null) {
                try {
                    return Class.forName(description.getName(), false, context);
                } catch (ClassNotFoundException e) {
                    // the loader below may know it, primitives among them
                    return super.resolveClass(description);
                }
            }
            return super.resolveClass(description);
        }
    }
}
