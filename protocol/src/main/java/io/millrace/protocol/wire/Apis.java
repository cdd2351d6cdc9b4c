package io.millrace.protocol.wire;

import org.jspecify.annotations.Nullable;

/** All APIs that the schemas know, by key, looked up once. For any thread. */
public final class Apis {
    private static final int KAFKA_KEYS = 256;
    private static final int PRIVATE_KEYS = 256;
    private static final @Nullable Api[] KAFKA = table(0, KAFKA_KEYS);
    private static final @Nullable Api[] PRIVATE = table(Api.FIRST_PRIVATE_KEY, PRIVATE_KEYS);

    private Apis() {}

    /** The API of a key, or null if the schemas have none. */
    public static @Nullable Api find(short key) {
        if (key >= Api.FIRST_PRIVATE_KEY) {
            int index = key - Api.FIRST_PRIVATE_KEY;
            return index < PRIVATE_KEYS ? PRIVATE[index] : null;
        }
        return key >= 0 && key < KAFKA_KEYS ? KAFKA[key] : null;
    }

    /**
     * The API of a key.
     *
     * @throws IllegalArgumentException if the schemas have none
     */
    public static Api get(short key) {
        Api api = find(key);
        if (api == null) {
            throw new IllegalArgumentException("no API has key " + key);
        }
        return api;
    }

    private static @Nullable Api[] table(int first, int size) {
        @Nullable Api[] table = new Api[size];
        for (int i = 0; i < size; i++) {
            table[i] = Api.of((short) (first + i));
        }
        return table;
    }
}
