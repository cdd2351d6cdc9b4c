package io.millrace.broker.metadata;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object with a version field, as every value of the metadata store is one. A field that is missing or of
 * another type is an {@link IllegalArgumentException} that names it.
 */
final class JsonObject {
    private static final String VERSION = "version";

    private final Map<String, @Nullable Object> fields;

    private JsonObject(Map<String, @Nullable Object> fields) {
        this.fields = fields;
    }

    /** A new object of that version. */
    static JsonObject ofVersion(int version) {
        JsonObject object = new JsonObject(new LinkedHashMap<>());
        return object.with(VERSION, (long) version);
    }

    /**
     * The object of a stored value.
     *
     * @param maxVersion the highest version that the caller understands
     */
    static JsonObject read(StoredValue stored, int maxVersion) {
        try {
            JsonObject object = new JsonObject(asMap(Json.parse(stored.text())));
            long version = object.number(VERSION);
            if (version < 1 || version > maxVersion) {
                throw new IllegalArgumentException("version " + version + " was written by a newer Millrace, this one"
                        + " understands up to " + maxVersion);
            }
            return object;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the metadata at " + stored.path() + " can not be read: " + e.getMessage());
        }
    }

    JsonObject with(String name, @Nullable Object value) {
        fields.put(name, value);
        return this;
    }

    long number(String name) {
        return typed(name, Long.class);
    }

    int integer(String name) {
        return Math.toIntExact(number(name));
    }

    boolean flag(String name) {
        return typed(name, Boolean.class);
    }

    String text(String name) {
        return typed(name, String.class);
    }

    @Nullable
    String nullableText(String name) {
        return fields.get(name) == null ? null : text(name);
    }

    UUID uuid(String name) {
        return UUID.fromString(text(name));
    }

    List<Integer> integers(String name) {
        return integersOf(typed(name, List.class));
    }

    /** Whether there is such a field. */
    boolean has(String name) {
        return fields.get(name) != null;
    }

    List<Long> longs(String name) {
        return ((List<?>) typed(name, List.class))
                .stream().map(item -> (Long) Objects.requireNonNull(item)).toList();
    }

    /** A list of lists of integers. */
    List<List<Integer>> integerLists(String name) {
        return ((List<?>) typed(name, List.class))
                .stream()
                        .map(item -> integersOf((List<?>) Objects.requireNonNull(item)))
                        .toList();
    }

    Map<String, String> texts(String name) {
        Map<String, String> texts = new LinkedHashMap<>();
        asMap(fields.get(name)).forEach((key, value) -> texts.put(key, (String) Objects.requireNonNull(value)));
        return texts;
    }

    /** The JSON text. */
    @Override
    public String toString() {
        return Json.write(fields);
    }

    private <T> T typed(String name, Class<T> type) {
        Object value = fields.get(name);
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException("the field " + name + " is not a " + type.getSimpleName());
        }
        return type.cast(value);
    }

    private static List<Integer> integersOf(List<?> list) {
        return list.stream()
                .map(item -> Math.toIntExact((Long) Objects.requireNonNull(item)))
                .toList();
    }

    @SuppressWarnings("unchecked") // Json.parse() makes maps of this kind only
    private static Map<String, @Nullable Object> asMap(@Nullable Object tree) {
        if (tree instanceof Map<?, ?> map) {
            return (Map<String, @Nullable Object>) map;
        }
        throw new IllegalArgumentException("not an object");
    }
}
