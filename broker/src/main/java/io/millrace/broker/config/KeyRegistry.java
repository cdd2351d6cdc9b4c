package io.millrace.broker.config;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The keys of one kind of settings, found by name; knows the nearest key to a misspelt one. Immutable. */
final class KeyRegistry {
    private final Map<String, ConfigKey<?>> byName;

    KeyRegistry(List<ConfigKey<?>> keys) {
        Map<String, ConfigKey<?>> map = new TreeMap<>();
        for (ConfigKey<?> key : keys) {
            if (map.put(key.name(), key) != null) {
                throw new IllegalArgumentException("two keys are named " + key.name());
            }
        }
        this.byName = Collections.unmodifiableMap(map);
    }

    /** All keys, sorted by name. */
    Collection<ConfigKey<?>> keys() {
        return byName.values();
    }

    Optional<ConfigKey<?>> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The known name with the fewest edits from the given one. */
    String nearest(String name) {
        String best = "";
        int bestDistance = Integer.MAX_VALUE;
        for (String known : byName.keySet()) {
            int distance = editDistance(name, known);
            if (distance < bestDistance) {
                best = known;
                bestDistance = distance;
            }
        }
        return best;
    }

    /** Levenshtein's distance, one row at a time. */
    private static int editDistance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
