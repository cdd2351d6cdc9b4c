package io.millrace.broker.config;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Settings as given, parsed once; a key that is not among them has its default. Immutable. */
final class ConfigValues {
    private final SortedMap<String, String> given;
    private final Map<ConfigKey<?>, Object> parsed;

    private ConfigValues(SortedMap<String, String> given, Map<ConfigKey<?>, Object> parsed) {
        this.given = Collections.unmodifiableSortedMap(given);
        this.parsed = parsed;
    }

    /**
     * Parses settings by the keys of a registry.
     *
     * @throws ConfigException for an unknown key or a value that is not valid
     */
    static ConfigValues parse(Map<String, String> settings, KeyRegistry registry, String noun) {
        SortedMap<String, String> given = new TreeMap<>(settings);
        Map<ConfigKey<?>, Object> parsed = new HashMap<>();
        given.forEach((name, text) -> {
            ConfigKey<?> key = registry.find(name)
                    .orElseThrow(() -> new ConfigException(
                            "there is no " + noun + " named " + name + "; the nearest is " + registry.nearest(name)));
            parsed.put(key, key.parse(text));
        });
        return new ConfigValues(given, parsed);
    }

    /** The same with another value of one key. */
    ConfigValues with(ConfigKey<?> key, String text) {
        SortedMap<String, String> changed = new TreeMap<>(given);
        changed.put(key.name(), text);
        Map<ConfigKey<?>, Object> values = new HashMap<>(parsed);
        values.put(key, key.parse(text));
        return new ConfigValues(changed, values);
    }

    @SuppressWarnings("unchecked") // parse() put the key's own type beside the key
    <T> T get(ConfigKey<T> key) {
        Object value = parsed.get(key);
        return value == null ? key.defaultValue() : (T) value;
    }

    /** What was given, sorted by name. */
    SortedMap<String, String> given() {
        return given;
    }
}
