package io.millrace.broker.metadata;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Operations that take several steps, run one after another for each key. An operation is handed what it must run once
 * when it is through. Owned by the metadata thread.
 */
final class KeyedQueue<K> {
    private final Map<K, Deque<Consumer<Runnable>>> waiting = new HashMap<>();

    /** Runs the operation now, or after those of its key that were submitted before. */
    void submit(K key, Consumer<Runnable> operation) {
        Deque<Consumer<Runnable>> queue = waiting.get(key);
        if (queue != null) {
            queue.add(operation);
            return;
        }
        waiting.put(key, new ArrayDeque<>());
        operation.accept(() -> next(key));
    }

    private void next(K key) {
        Deque<Consumer<Runnable>> queue = waiting.get(key);
        if (queue == null) {
            throw new IllegalStateException("an operation on " + key + " ended twice");
        }
        Consumer<Runnable> operation = queue.poll();
        if (operation == null) {
            waiting.remove(key);
        } else {
            operation.accept(() -> next(key));
        }
    }
}
