package io.millrace.benchmarks.client;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a client process is told to do: named words, handed over as its arguments. Immutable. */
public record JobSpec(Map<String, String> words) {
    public JobSpec {
        words = Map.copyOf(words);
    }

    public static JobSpec parse(List<String> arguments) {
        Map<String, String> words = new LinkedHashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (equals <= 0) {
                throw new IllegalArgumentException("not name=value: '" + argument + "'");
            }
            words.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        return new JobSpec(words);
    }

    public static JobSpec of(String job) {
        return new JobSpec(Map.of("job", job));
    }

    public JobSpec with(String name, Object value) {
        Map<String, String> added = new LinkedHashMap<>(words);
        added.put(name, value.toString());
        return new JobSpec(added);
    }

    public List<String> toArguments() {
        return words.entrySet().stream()
                .map(word -> word.getKey() + "=" + word.getValue())
                .sorted()
                .toList();
    }

    String get(String name) {
        String value = words.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the job lacks '" + name + "': " + words);
        }
        return value;
    }

    String get(String name, String otherwise) {
        return words.getOrDefault(name, otherwise);
    }

    int getInt(String name) {
        return Integer.parseInt(get(name));
    }

    long getLong(String name) {
        return Long.parseLong(get(name));
    }

    boolean getBoolean(String name) {
        return Boolean.parseBoolean(get(name));
    }

    Path getPath(String name) {
        return Path.of(get(name));
    }
}
