package io.millrace.cli;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes maps, collections, strings, numbers and booleans as JSON on one line. */
final class JsonText {
    private JsonText() {}

    static String of(@Nullable Object tree) {
        StringBuilder out = new StringBuilder();
        write(tree, out);
        return out.toString();
    }

    private static void write(@Nullable Object tree, StringBuilder out) {
        if (tree instanceof Map<?, ?> map) {
            String separator = "{";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.append(separator);
                writeString(String.valueOf(entry.getKey()), out);
                out.append(':');
                write(entry.getValue(), out);
                separator = ",";
            }
            out.append(map.isEmpty() ? "{}" : "}");
        } else if (tree instanceof Collection<?> collection) {
            String separator = "[";
            for (Object item : collection) {
                out.append(separator);
                write(item, out);
                separator = ",";
            }
            out.append(collection.isEmpty() ? "[]" : "]");
        } else if (tree == null || tree instanceof Boolean || isFinite(tree)) {
            out.append(tree);
        } else {
            writeString(tree.toString(), out);
        }
    }

    /** JSON has no word for the other numbers. */
    private static boolean isFinite(Object tree) {
        return tree instanceof Number number && Double.isFinite(number.doubleValue());
    }

    private static void writeString(String string, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || Character.isSurrogate(c) || c == '\u2028' || c == '\u2029') {
                        out.append("\\u").append(Integer.toHexString(c | 0x10000), 1, 5);
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
