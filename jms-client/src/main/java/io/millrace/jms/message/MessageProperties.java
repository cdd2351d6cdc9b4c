package io.millrace.jms.message;

import io.millrace.protocol.MessageHeaders;
import jakarta.jms.JMSException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A message's properties by name, in the order in which they were set (Jakarta Messaging 3.1, 3.5). Not for several threads. */
final class MessageProperties {
    private static final Set<String> RESERVED =
            Set.of("NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE");

    /** Names that records use for headers: a property of such a name would come back as the header. */
    private static final Set<String> HEADERS = Set.of(
            MessageHeaders.TYPES,
            MessageHeaders.MESSAGE_ID,
            MessageHeaders.TIMESTAMP,
            MessageHeaders.CORRELATION_ID,
            MessageHeaders.CORRELATION_ID_BYTES,
            MessageHeaders.REPLY_TO,
            MessageHeaders.TYPE,
            MessageHeaders.DELIVERY_MODE,
            MessageHeaders.PRIORITY,
            MessageHeaders.EXPIRATION,
            MessageHeaders.DELIVERY_TIME);

    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();

    /**
     * Sets a property.
     *
     * @throws IllegalArgumentException if the name is null or empty
     * @throws JMSException if the name or the type of the value is not legal
     */
    void set(@Nullable String name, @Nullable Object value) throws JMSException {
        values.put(checkName(name), Conversions.propertyValue(value));
    }

    /** Sets a property that came with a record, whatever its name. */
    void put(String name, @Nullable Object value) {
        values.put(name, value);
    }

    @Nullable
    Object get(String name) {
        return values.get(name);
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    void remove(String name) {
        values.remove(name);
    }

    void clear() {
        values.clear();
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    Map<String, @Nullable Object> all() {
        return values;
    }

    /** Whether a property can have this name: a Java identifier that selectors do not use as a word of their own. */
    static boolean isLegalName(String name) {
        if (!Character.isJavaIdentifierStart(name.codePointAt(0))
                || !name.codePoints().allMatch(Character::isJavaIdentifierPart)) {
            return false;
        }
        return !RESERVED.contains(name.toUpperCase(Locale.ROOT));
    }

    private static String checkName(@Nullable String name) throws JMSException {
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException("a property's name is neither null nor empty");
        }
        if (!isLegalName(name)) {
            throw new JMSException("the property name '" + name
                    + "' is not legal: a Java identifier is, but for the words of selectors such as NOT or NULL");
        }
        if (HEADERS.contains(name)) {
            throw new JMSException("the property name '" + name + "' is a header's; set it by its own method");
        }
        return name;
    }
}
