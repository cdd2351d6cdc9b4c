package io.millrace.broker.metadata;

import java.util.List;
import java.util.Optional;

/**
 * A small, durable, versioned tree of values shared by the cluster. A write is done when it is on disk. Calls are made on
 * the metadata thread and return at once; callbacks come on the metadata thread, never inside the call. Calls take
 * effect in their order.
 */
public interface MetadataStore extends AutoCloseable {
    /** The version that fits any. */
    int ANY_VERSION = -1;

    /** The value at a path, or nothing. */
    void get(String path, Callback<Optional<StoredValue>> callback);

    /** The values directly below a path, sorted by path; none if there is no such path. */
    void list(String path, Callback<List<StoredValue>> callback);

    /** Does all of these or none, and answers the new versions; a parent must exist before its child. */
    void write(List<StoreWrite> writes, Callback<List<Integer>> callback);

    /** Calls back whenever something at or below the path was changed by anyone, from now on. */
    void watch(String path, Runnable changed);

    /** Ends the session; what is ephemeral goes away. */
    @Override
    void close();

    /** Receives the outcome of a call. */
    interface Callback<T> {
        void onDone(T value);

        void onFailed(StoreException failure);
    }
}
