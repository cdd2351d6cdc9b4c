package io.millrace.broker.session;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All APIs that are served, by key. Immutable, for any thread. */
public final class ApiTable {
    private final SortedMap<Short, ServedApi> byKey;

    ApiTable(List<ServedApi> apis) {
        SortedMap<Short, ServedApi> map = new TreeMap<>();
        for (ServedApi api : apis) {
            if (map.put(api.key(), api) != null) {
                throw new IllegalArgumentException("API " + api.key() + " is served twice");
            }
        }
        this.byKey = Collections.unmodifiableSortedMap(map);
    }

    /** The API of that key, or null if it is not served. */
    @Nullable
    ServedApi find(short key) {
        return byKey.get(key);
    }

    /** All APIs, by key. */
    public Collection<ServedApi> all() {
        return byKey.values();
    }
}
