package io.millrace.cli;

import io.millrace.jms.message.MillracePlainMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Properties of a message as the command line gives them, {@code name=value} or {@code name:int=5}. Immutable. */
final class MessageProperties {
    private static final Set<String> TYPES =
            Set.of("string", "boolean", "byte", "short", "int", "long", "float", "double");

    private final Map<String, Object> values;

    private MessageProperties(Map<String, Object> values) {
        this.values = values;
    }

    /**
     * Reads what was given.
     *
     * @throws ParameterException if a message does not take one of them
     */
    static MessageProperties parse(Map<String, String> given, CommandSpec spec) {
        Map<String, Object> values = new LinkedHashMap<>();
        given.forEach((key, text) -> {
            int colon = key.indexOf(':');
            String name = colon < 0 ? key : key.substring(0, colon);
            String type = colon < 0 ? "string" : key.substring(colon + 1);
            try {
                values.put(name, value(type, text));
                check(name, text);
            } catch (IllegalArgumentException | JMSException e) {
                throw new ParameterException(
                        spec.commandLine(), "--property " + key + "=" + text + ": " + reason(type, e));
            }
        });
        return new MessageProperties(values);
    }

    /** Refuses what messages refuse, before anything is sent. */
    private static void check(String name, String text) throws JMSException {
        new MillracePlainMessage().setObjectProperty(name, text);
    }

    private static String reason(String type, Exception refused) {
        if (!TYPES.contains(type)) {
            return "'" + type + "' is no type; TYPE is string, boolean, byte, short, int, long, float or double";
        }
        boolean ofValue = refused instanceof NumberFormatException || type.equals("boolean");
        return ofValue ? "the value is not of the type " + type : String.valueOf(refused.getMessage());
    }

    private static Object value(String type, String text) {
        return switch (type) {
            case "string" -> text;
            case "boolean" -> bool(text);
            case "byte" -> Byte.valueOf(text);
            case "short" -> Short.valueOf(text);
            case "int" -> Integer.valueOf(text);
            case "long" -> Long.valueOf(text);
            case "float" -> Float.valueOf(text);
            case "double" -> Double.valueOf(text);
            default -> throw new IllegalArgumentException(type);
        };
    }

    private static Boolean bool(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException(text);
        }
        return Boolean.valueOf(text);
    }

    void set(Message message) throws JMSException {
        for (Map.Entry<String, Object> property : values.entrySet()) {
            message.setObjectProperty(property.getKey(), property.getValue());
        }
    }
}
