package io.millrace.benchmarks.measure;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.StringJoiner;

/** Named numbers of one run, in the order in which they were added. Crosses processes as one line of text. Immutable. */
public record Figures(Map<String, Double> values) {
    public static final Figures NONE = new Figures(Map.of());

    public Figures {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Reads what {@link #toLine} wrote. */
    public static Figures parse(String line) {
        Map<String, Double> values = new LinkedHashMap<>();
        for (String word : line.strip().split("\\s+", -1)) {
            int equals = word.indexOf('=');
            if (equals <= 0) {
                throw new IllegalArgumentException("not name=number: '" + word + "' in '" + line + "'");
            }
            values.put(word.substring(0, equals), Double.valueOf(word.substring(equals + 1)));
        }
        return new Figures(values);
    }

    public String toLine() {
        StringJoiner line = new StringJoiner(" ");
        values.forEach((name, value) -> line.add(name + "=" + value));
        return line.toString();
    }

    public Figures with(String name, double value) {
        if (name.isEmpty() || name.contains("=") || name.contains(" ")) {
            throw new IllegalArgumentException("not a figure's name: '" + name + "'");
        }
        Map<String, Double> added = new LinkedHashMap<>(values);
        added.put(name, value);
        return new Figures(added);
    }

    public Figures with(String name, long value) {
        return with(name, (double) value);
    }

    public Figures with(Figures others) {
        Map<String, Double> added = new LinkedHashMap<>(values);
        added.putAll(others.values);
        return new Figures(added);
    }

    /** The same numbers under names that begin with {@code prefix}; the first letter of each old name becomes upper case. */
    public Figures prefixed(String prefix) {
        Map<String, Double> renamed = new LinkedHashMap<>();
        values.forEach((name, value) ->
                renamed.put(prefix + Character.toUpperCase(name.charAt(0)) + name.substring(1), value));
        return new Figures(renamed);
    }

    public OptionalDouble find(String name) {
        Double value = values.get(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    public double get(String name) {
        return find(name).orElseThrow(() -> new IllegalArgumentException("no figure '" + name + "' in " + values));
    }
}
