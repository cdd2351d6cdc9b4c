package io.millrace.broker.metadata;

import io.millrace.broker.metadata.StoreException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** A metadata store in memory, which can stop doing what it is asked after a number of writes, as in a crash. */
final class MemoryMetadataStore implements MetadataStore {
    private final SortedMap<String, StoredValue> values;
    private final Executor thread;
    private int writesLeft = Integer.MAX_VALUE;
    private boolean full;
    private boolean losesAnswer;

    MemoryMetadataStore(Executor thread) {
        this(thread, new TreeMap<>());
    }

    private MemoryMetadataStore(Executor thread, SortedMap<String, StoredValue> values) {
        this.thread = thread;
        this.values = values;
    }

    /** The same values for the next life of a broker. */
    MemoryMetadataStore restarted(Executor next) {
        return new MemoryMetadataStore(next, values);
    }

    /** From the write after these on, nothing is done or answered. */
    void crashAfterWrites(int count) {
        writesLeft = count;
    }

    /** From now on every write is refused, or not any more. */
    void full(boolean isFull) {
        full = isFull;
    }

    /** The next write is done, and nobody learns of it. */
    void loseAnswer() {
        losesAnswer = true;
    }

    SortedMap<String, StoredValue> values() {
        return values;
    }

    @Override
    public void get(String path, Callback<Optional<StoredValue>> callback) {
        Optional<StoredValue> value = Optional.ofNullable(values.get(path));
        thread.execute(() -> callback.onDone(value));
    }

    @Override
    public void list(String path, Callback<List<StoredValue>> callback) {
        List<StoredValue> found = values.values().stream()
                .filter(value ->
                        value.path().startsWith(path + "/") && value.path().indexOf('/', path.length() + 1) < 0)
                .toList();
        thread.execute(() -> callback.onDone(found));
    }

    @Override
    public void write(List<StoreWrite> writes, Callback<List<Integer>> callback) {
        if (writesLeft == 0) {
            return;
        }
        writesLeft--;
        if (full) {
            thread.execute(() -> callback.onFailed(new StoreException(Reason.NO_ROOM, "full")));
            return;
        }
        SortedMap<String, StoredValue> changed = new TreeMap<>(values);
        List<Integer> versions = new ArrayList<>();
        try {
            for (StoreWrite write : writes) {
                versions.add(apply(write, changed));
            }
        } catch (StoreException e) {
            thread.execute(() -> callback.onFailed(e));
            return;
        }
        values.clear();
        values.putAll(changed);
        if (losesAnswer) {
            losesAnswer = false;
            thread.execute(() -> callback.onFailed(new StoreException(Reason.UNAVAILABLE, "the answer is lost")));
            return;
        }
        thread.execute(() -> callback.onDone(versions));
    }

    private static int apply(StoreWrite write, SortedMap<String, StoredValue> values) throws StoreException {
        String path = write.path();
        StoredValue present = values.get(path);
        if (write instanceof StoreWrite.Create create) {
            String parent = path.substring(0, path.lastIndexOf('/'));
            check(present == null, Reason.EXISTS, path);
            check(parent.isEmpty() || values.containsKey(parent), Reason.ABSENT, parent);
            values.put(path, new StoredValue(path, create.text(), 0, 1, 1));
            return 0;
        }
        check(present != null, Reason.ABSENT, path);
        if (write instanceof StoreWrite.Set set) {
            checkVersion(set.expectedVersion(), present);
            values.put(path, new StoredValue(path, set.text(), present.version() + 1, 1, 1));
            return present.version() + 1;
        }
        if (write instanceof StoreWrite.Check check) {
            checkVersion(check.expectedVersion(), present);
            return 0;
        }
        checkVersion(((StoreWrite.Delete) write).expectedVersion(), present);
        check(values.keySet().stream().noneMatch(other -> other.startsWith(path + "/")), Reason.EXISTS, path);
        values.remove(path);
        return 0;
    }

    private static void checkVersion(int expected, StoredValue present) throws StoreException {
        check(expected == ANY_VERSION || expected == present.version(), Reason.OTHER_VERSION, present.path());
    }

    private static void check(boolean holds, Reason reason, String path) throws StoreException {
        if (!holds) {
            throw new StoreException(reason, path);
        }
    }

    @Override
    public void watch(String path, Consumer<String> changed) {}

    @Override
    public void onSession(SessionListener listener) {}

    @Override
    public int sessionTimeoutMs() {
        return 6000;
    }

    @Override
    public void close() {}
}
