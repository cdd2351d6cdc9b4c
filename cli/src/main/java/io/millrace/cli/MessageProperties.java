package io.millrace.cli;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Properties of a message as the command line gives them, {@code name=value} or {@code name:int=5}. Immutable. */
final class MessageProperties {
    private final Map<String, Object> values;

    private MessageProperties(Map<String, Object> values) {
        this.values = values;
    }

    /**
     * Reads what was given.
     *
     * @throws ParameterException if a value is none of its type
     */
    static MessageProperties parse(Map<String, String> given, CommandSpec spec) {
        Map<String, Object> values = new LinkedHashMap<>();
        given.forEach((key, text) -> {
            int colon = key.indexOf(':');
            String name = colon < 0 ? key : key.substring(0, colon);
            String type = colon < 0 ? "string" : key.substring(colon + 1);
            try {
                values.put(name, value(type, text));
            } catch (IllegalArgumentException e) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--property " + key + "=" + text + ": the value is not of the type " + type);
            }
        });
        return new MessageProperties(values);
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
