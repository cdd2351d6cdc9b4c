package io.millrace.broker.metadata;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

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

    /**
     * Tells from now on of every path at or below this one that may have been changed, by anyone. It may tell late and
     * twice; after it could not see for a while it names the path itself, which then stands for all below it.
     */
    void watch(String path, Consumer<String> changed);

    /** Tells from now on when the session ends and when a new one is there. */
    void onSession(SessionListener listener);

    /** How long a session outlives its owner's silence. */
    int sessionTimeoutMs();

    /** Ends the session; what is ephemeral goes away. */
    @Override
    void close();

    /** Receives the outcome of a call. */
    interface Callback<T> {
        void onDone(T value);

        void onFailed(StoreException failure);
    }

    /** Is told of the life of the session that ephemeral values belong to. Called on the metadata thread. */
    interface SessionListener {
        /** The session has ended, or nobody can say that it has not: what was ephemeral goes away. */
        void onSessionLost();

        /** After a loss the store is connected again, in a new session. */
        void onSessionOpened();
    }
}
