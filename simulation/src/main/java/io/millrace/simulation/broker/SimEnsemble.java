package io.millrace.simulation.broker;

import io.millrace.broker.metadata.MetadataStore;
import io.millrace.broker.metadata.StoreException;
import io.millrace.broker.metadata.StoreException.Reason;
import io.millrace.broker.metadata.StoreWrite;
import io.millrace.broker.metadata.StoredValue;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The metadata store that the brokers share, as an ensemble of ZooKeeper is one: a tree of versioned values, and sessions, each of which ends
 * when nothing was heard of its owner for too long, and takes away what is ephemeral. It outlives the brokers and never fails; what fails
 * is the way to it.
 */
public final class SimEnsemble {
    /** The host on which it is reached. */
    public static final String HOST = "store";

    private static final long LOOK_NS = 100 * Kernel.MILLI;
    private static final long NOBODY = 0;

    private final Kernel kernel;
    private final int sessionMs;
    private final TreeMap<String, Node> nodes = new TreeMap<>();
    private final Map<Long, Session> sessions = new TreeMap<>();
    private final List<Consumer<StoredValue>> observers = new ArrayList<>();
    private long changes;

    private record Node(StoredValue value, long owner) {}

    /** Somebody's session. */
    final class Session {
        private final long id;
        private final Consumer<String> changed;
        private long heardNs = kernel.nowNs();
        private boolean expired;

        private Session(long id, Consumer<String> changed) {
            this.id = id;
            this.changed = changed;
        }

        boolean isExpired() {
            return expired;
        }

        /** The owner is alive. */
        void hear() {
            heardNs = kernel.nowNs();
        }

        /** The owner ends it. */
        void close() {
            expire(this);
        }
    }

    /**
     * An empty ensemble.
     *
     * @param sessionMs how long a session outlives its owner's silence
     */
    public SimEnsemble(Kernel kernel, int sessionMs) {
        this.kernel = kernel;
        this.sessionMs = sessionMs;
        look();
    }

    int sessionMs() {
        return sessionMs;
    }

    /** Has somebody outside of the cluster told of each value that is written. */
    public void observe(Consumer<StoredValue> observer) {
        observers.add(observer);
    }

    /** The present in the order of changes. */
    long present() {
        return ++changes;
    }

    /** Opens a session, which is told of every path that was changed. */
    Session open(Consumer<String> changed) {
        Session session = new Session(++changes, changed);
        sessions.put(session.id, session);
        return session;
    }

    private void look() {
        kernel.after(LOOK_NS, Life.WORLD, HOST, "looks after sessions", () -> {
            long nowNs = kernel.nowNs();
            List.copyOf(sessions.values()).stream()
                    .filter(session -> nowNs - session.heardNs > sessionMs * Kernel.MILLI)
                    .forEach(this::expire);
            look();
        });
    }

    private void expire(Session session) {
        session.expired = true;
        if (sessions.remove(session.id) != null) {
            kernel.note(HOST, "ends a session", session.id);
            List<String> gone = nodes.entrySet().stream()
                    .filter(entry -> entry.getValue().owner == session.id)
                    .map(Map.Entry::getKey)
                    .toList();
            gone.forEach(nodes::remove);
            gone.forEach(this::tellOf);
        }
    }

    // ---- values

    @Nullable
    StoredValue get(String path) {
        Node node = nodes.get(path);
        return node == null ? null : node.value;
    }

    /** The values directly below a path. */
    public List<StoredValue> list(String path) {
        String prefix = path.endsWith("/") ? path : path + "/";
        List<StoredValue> children = new ArrayList<>();
        for (Node node : nodes.tailMap(prefix, false).values()) {
            String at = node.value.path();
            if (!at.startsWith(prefix)) {
                break;
            }
            if (at.indexOf('/', prefix.length()) < 0) {
                children.add(node.value);
            }
        }
        return children;
    }

    /** Does all of these or none; answers the new versions. */
    List<Integer> write(List<StoreWrite> writes, Session by) throws StoreException {
        TreeMap<String, Node> changed = new TreeMap<>(nodes);
        List<Integer> versions = new ArrayList<>();
        for (StoreWrite write : writes) {
            versions.add(apply(write, changed, changes + 1, by));
        }
        changes++;
        nodes.clear();
        nodes.putAll(changed);
        for (StoreWrite write : writes) {
            if (!(write instanceof StoreWrite.Check)) {
                tellOf(write.path());
                Node node = nodes.get(write.path());
                if (node != null) {
                    observers.forEach(observer -> observer.accept(node.value));
                }
            }
        }
        return versions;
    }

    private void tellOf(String path) {
        for (Session session : sessions.values()) {
            session.changed.accept(path);
        }
    }

    private static int apply(StoreWrite write, NavigableMap<String, Node> values, long change, Session by)
            throws StoreException {
        String path = write.path();
        Node present = values.get(path);
        if (write instanceof StoreWrite.Create create) {
            require(present == null, Reason.EXISTS, path);
            values.put(
                    path,
                    new Node(
                            new StoredValue(path, create.text(), 0, change, change),
                            create.ephemeral() ? by.id : NOBODY));
            return 0;
        }
        if (present == null) {
            throw new StoreException(Reason.ABSENT, path);
        }
        StoredValue value = present.value;
        if (write instanceof StoreWrite.Set set) {
            requireVersion(set.expectedVersion(), value);
            int version = value.version() + 1;
            values.put(
                    path,
                    new Node(new StoredValue(path, set.text(), version, value.createdAt(), change), present.owner));
            return version;
        }
        if (write instanceof StoreWrite.Check check) {
            requireVersion(check.expectedVersion(), value);
            return 0;
        }
        requireVersion(((StoreWrite.Delete) write).expectedVersion(), value);
        String below = values.higherKey(path + "/");
        require(below == null || !below.startsWith(path + "/"), Reason.UNAVAILABLE, path + " is not empty");
        values.remove(path);
        return 0;
    }

    private static void requireVersion(int expected, StoredValue value) throws StoreException {
        require(
                expected == MetadataStore.ANY_VERSION || expected == value.version(),
                Reason.OTHER_VERSION,
                value.path() + " has version " + value.version() + ", expected was " + expected);
    }

    private static void require(boolean holds, Reason reason, String what) throws StoreException {
        if (!holds) {
            throw new StoreException(reason, what);
        }
    }
}
