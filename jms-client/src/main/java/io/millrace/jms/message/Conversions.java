package io.millrace.jms.message;

import jakarta.jms.MessageFormatException;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The conversion tables of properties (Jakarta Messaging 3.1, 3.5.4) and of the values of map and stream messages (3.11.3).
 * A null read as a number does what that number's {@code valueOf((String) null)} does.
 */
final class Conversions {
    private Conversions() {}

    static boolean toBoolean(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Boolean b) {
            return b;
        }
        if (value == null || value instanceof String) {
            return Boolean.parseBoolean((String) value);
        }
        throw refused(value, "boolean");
    }

    static byte toByte(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte b) {
            return b;
        }
        if (value == null || value instanceof String) {
            return Byte.parseByte(number(value));
        }
        throw refused(value, "byte");
    }

    static short toShort(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte || value instanceof Short) {
            return ((Number) value).shortValue();
        }
        if (value == null || value instanceof String) {
            return Short.parseShort(number(value));
        }
        throw refused(value, "short");
    }

    static int toInt(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte || value instanceof Short || value instanceof Integer) {
            return ((Number) value).intValue();
        }
        if (value == null || value instanceof String) {
            return Integer.parseInt(number(value));
        }
        throw refused(value, "int");
    }

    static long toLong(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte || value instanceof Short || value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        if (value == null || value instanceof String) {
            return Long.parseLong(number(value));
        }
        throw refused(value, "long");
    }

    static float toFloat(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Float f) {
            return f;
        }
        if (value == null) {
            throw new NullPointerException("null read as float");
        }
        if (value instanceof String s) {
            return Float.parseFloat(s);
        }
        throw refused(value, "float");
    }

    static double toDouble(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Float || value instanceof Double) {
            return ((Number) value).doubleValue();
        }
        if (value == null) {
            throw new NullPointerException("null read as double");
        }
        if (value instanceof String s) {
            return Double.parseDouble(s);
        }
        throw refused(value, "double");
    }

    static char toChar(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Character c) {
            return c;
        }
        if (value == null) {
            throw new NullPointerException("null read as char");
        }
        throw refused(value, "char");
    }

    static byte @Nullable [] toBytes(@Nullable Object value) throws MessageFormatException {
        if (value == null) {
            return null;
        }
        if (value instanceof byte[] bytes) {
            return bytes.clone();
        }
        throw refused(value, "byte[]");
    }

    static @Nullable String toText(@Nullable Object value) throws MessageFormatException {
        if (value instanceof byte[]) {
            throw refused(value, "String");
        }
        return value == null ? null : value.toString();
    }

    /**
     * A part of an array.
     *
     * @throws IndexOutOfBoundsException if the array has no such part
     */
    static byte[] range(byte[] value, int offset, int length) {
        int from = Objects.checkFromIndexSize(offset, length, value.length);
        return Arrays.copyOfRange(value, from, from + length);
    }

    /** A value that a map or stream message may hold; arrays are copied. */
    static @Nullable Object bodyValue(@Nullable Object value) throws MessageFormatException {
        if (value instanceof byte[] bytes) {
            return bytes.clone();
        }
        if (value instanceof Character || isPropertyValue(value)) {
            return value;
        }
        throw unsupported(value, "byte[], Character, Boolean, Byte, Short, Integer, Long, Float, Double and String");
    }

    /** A value that a property may hold. */
    static @Nullable Object propertyValue(@Nullable Object value) throws MessageFormatException {
        if (isPropertyValue(value)) {
            return value;
        }
        throw unsupported(value, "Boolean, Byte, Short, Integer, Long, Float, Double and String");
    }

    private static boolean isPropertyValue(@Nullable Object value) {
        return value == null
                || value instanceof String
                || value instanceof Boolean
                || value instanceof Byte
                || value instanceof Short
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Float
                || value instanceof Double;
    }

    private static String number(@Nullable Object value) {
        if (value == null) {
            throw new NumberFormatException("null read as a number");
        }
        return (String) value;
    }

    private static MessageFormatException refused(Object value, String type) {
        return new MessageFormatException(
                "a value of type " + value.getClass().getSimpleName() + " can not be read as " + type);
    }

    private static MessageFormatException unsupported(@Nullable Object value, String types) {
        return new MessageFormatException("a value of type "
                + (value == null ? "null" : value.getClass().getName()) + " can not be held; what can: " + types);
    }
}
