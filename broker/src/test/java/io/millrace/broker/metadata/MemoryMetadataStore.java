package io.millrace.broker.metadata;

import io.millrace.broker.metadata.StoreException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * A metadata store in memory, which can stop doing what it is asked after a number of writes, as in a crash. Several brokers may
 * have one each over the same values.
 */
final class MemoryMetadataStore implements MetadataStore {
    static final int SESSION_MS = 6000;

    /** What outlives a store. */
    private static final class Shared {
        private final SortedMap<String, StoredValue> values = new TreeMap<>();
        private final SortedMap<String, MemoryMetadataStore> owners = new TreeMap<>();
        private final List<Watch> watches = new ArrayList<>();
        private long changes;
    }

    private record Watch(MemoryMetadataStore by, String path, Consumer<String> changed) {}

    private final Shared shared;
    private final Executor thread;
    private int writesLeft = Integer.MAX_VALUE;
    private boolean full;
    private boolean losesAnswer;
    private Runnable betweenTries = () -> {};
    private boolean isMadeAgain;
    private boolean blind;
    private SessionListener session;

    MemoryMetadataStore(Executor thread) {
        this(thread, new Shared());
    }

    private MemoryMetadataStore(Executor thread, Shared shared) {
        this.thread = thread;
        this.shared = shared;
    }

    /** The same values for the next life of a broker, or for another one. */
    MemoryMetadataStore restarted(Executor next) {
        return new MemoryMetadataStore(next, shared);
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

    /** The next write is done, its answer is lost, and when that has happened it is made again: what the second try says is answered. */
    void makeAgain(Runnable between) {
        isMadeAgain = true;
        betweenTries = between;
    }

    /** From now on watches tell nothing, until they tell that they did not. */
    void blind(boolean isBlind) {
        blind = isBlind;
        if (!isBlind) {
            shared.watches.stream()
                    .filter(watch -> watch.by == this)
                    .forEach(watch -> thread.execute(() -> watch.changed.accept(watch.path)));
        }
    }

    /** What was ephemeral goes, and whoever made it is told if it is there to be told. */
    void expire(boolean isThere) {
        List<String> gone = shared.owners.entrySet().stream()
                .filter(entry -> entry.getValue() == this)
                .map(java.util.Map.Entry::getKey)
                .toList();
        if (!isThere) {
            shared.watches.removeIf(watch -> watch.by == this);
        }
        for (String path : gone) {
            shared.values.remove(path);
            shared.owners.remove(path);
            tellOf(path);
        }
        if (isThere && session != null) {
            SessionListener told = session;
            thread.execute(told::onSessionLost);
            thread.execute(told::onSessionOpened);
        }
    }

    /** What an earlier session left goes. */
    void vanish(String path) {
        shared.values.remove(path);
        shared.owners.remove(path);
        tellOf(path);
    }

    SortedMap<String, StoredValue> values() {
        return shared.values;
    }

    @Override
    public void get(String path, Callback<Optional<StoredValue>> callback) {
        Optional<StoredValue> value = Optional.ofNullable(shared.values.get(path));
        thread.execute(() -> callback.onDone(value));
    }

    @Override
    public void list(String path, Callback<List<StoredValue>> callback) {
        List<StoredValue> found = shared.values.values().stream()
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
        SortedMap<String, StoredValue> changed = new TreeMap<>(shared.values);
        List<Integer> versions = new ArrayList<>();
        try {
            for (StoreWrite write : writes) {
                versions.add(apply(write, changed, shared.changes + 1));
            }
        } catch (StoreException e) {
            thread.execute(() -> callback.onFailed(e));
            return;
        }
        shared.changes++;
        shared.values.clear();
        shared.values.putAll(changed);
        for (StoreWrite write : writes) {
            if (write instanceof StoreWrite.Create create && create.ephemeral()) {
                shared.owners.put(write.path(), this);
            } else if (write instanceof StoreWrite.Delete) {
                shared.owners.remove(write.path());
            }
            if (!(write instanceof StoreWrite.Check)) {
                tellOf(write.path());
            }
        }
        if (isMadeAgain) {
            isMadeAgain = false;
            betweenTries.run();
            write(writes, callback);
            return;
        }
        if (losesAnswer) {
            losesAnswer = false;
            thread.execute(() -> callback.onFailed(new StoreException(Reason.UNAVAILABLE, "the answer is lost")));
            return;
        }
        thread.execute(() -> callback.onDone(versions));
    }

    private void tellOf(String path) {
        for (Watch watch : List.copyOf(shared.watches)) {
            if (!watch.by.blind && (path.equals(watch.path) || path.startsWith(watch.path + "/"))) {
                watch.by.thread.execute(() -> watch.changed.accept(path));
            }
        }
    }

    private static int apply(StoreWrite write, SortedMap<String, StoredValue> values, long change)
            throws StoreException {
        String path = write.path();
        StoredValue present = values.get(path);
        if (write instanceof StoreWrite.Create create) {
            String parent = path.substring(0, path.lastIndexOf('/'));
            check(present == null, Reason.EXISTS, path);
            check(parent.isEmpty() || values.containsKey(parent), Reason.ABSENT, parent);
            values.put(path, new StoredValue(path, create.text(), 0, change, change));
            return 0;
        }
        check(present != null, Reason.ABSENT, path);
        if (write instanceof StoreWrite.Set set) {
            checkVersion(set.expectedVersion(), present);
            int version = present.version() + 1;
            values.put(path, new StoredValue(path, set.text(), version, present.createdAt(), change));
            return version;
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
    public void watch(String path, Consumer<String> changed) {
        shared.watches.add(new Watch(this, path, changed));
    }

    @Override
    public void onSession(SessionListener listener) {
        session = listener;
    }

    @Override
    public int sessionTimeoutMs() {
        return SESSION_MS;
    }

    @Override
    public void close() {}
}
