package io.millrace.simulation.broker;

import io.millrace.broker.metadata.MetadataStore;
import io.millrace.broker.metadata.StoreException;
import io.millrace.broker.metadata.StoreException.Reason;
import io.millrace.broker.metadata.StoreWrite;
import io.millrace.broker.metadata.StoredValue;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A metadata store under virtual time: calls are done after a drawn while, in their order. Its tree outlives the broker, as an
 * ensemble's does; a write under way when the broker dies is done or is not.
 */
final class SimMetadataStore implements MetadataStore {
    private static final long QUICKEST_NS = 50 * Kernel.MICRO;
    private static final long SLOWEST_NS = 30 * Kernel.MILLI;
    private static final int SESSION_MS = 6000;

    /** What outlives the broker. */
    static final class Tree {
        private final TreeMap<String, Node> nodes = new TreeMap<>();
        private long changes;

        private @Nullable StoredValue valueAt(String path) {
            Node node = nodes.get(path);
            return node == null ? null : node.value;
        }
    }

    private record Node(StoredValue value, @Nullable Life owner) {}

    private record Watch(String path, Consumer<String> changed) {}

    private final Kernel kernel;
    private final Life life;
    private final String name;
    private final Chance chance;
    private final Tree tree;
    private final List<Watch> watches = new ArrayList<>();
    private long busyUntilNs;

    SimMetadataStore(Kernel kernel, Life life, String name, Chance chance, Tree tree) {
        this.kernel = kernel;
        this.life = life;
        this.name = name;
        this.chance = chance;
        this.tree = tree;
        tree.nodes.values().removeIf(node -> node.owner != null && node.owner.hasEnded());
    }

    @Override
    public void get(String path, Callback<Optional<StoredValue>> callback) {
        later(() -> Optional.ofNullable(tree.valueAt(path)), callback);
    }

    @Override
    public void list(String path, Callback<List<StoredValue>> callback) {
        later(() -> childrenOf(path), callback);
    }

    @Override
    public void write(List<StoreWrite> writes, Callback<List<Integer>> callback) {
        List<StoreWrite> all = List.copyOf(writes);
        long halfNs = chance.skewed(QUICKEST_NS, SLOWEST_NS) / 2;
        long doneNs = Math.max(busyUntilNs, kernel.nowNs() + halfNs);
        busyUntilNs = doneNs + halfNs;
        kernel.after(doneNs - kernel.nowNs(), Life.WORLD, name, "write", () -> {
            StoreException refusal = life.hasEnded() && chance.chance(0.5) ? null : check(all);
            List<Integer> versions = refusal == null ? apply(all) : List.of();
            kernel.after(halfNs, life, name, "written", () -> {
                if (refusal == null) {
                    callback.onDone(versions);
                } else {
                    callback.onFailed(refusal);
                }
            });
        });
    }

    @Override
    public void watch(String path, Consumer<String> changed) {
        watches.add(new Watch(path, changed));
    }

    @Override
    public void onSession(SessionListener listener) {} // it never ends before its broker

    @Override
    public int sessionTimeoutMs() {
        return SESSION_MS;
    }

    @Override
    public void close() {
        watches.clear();
        tree.nodes.values().removeIf(node -> node.owner == life);
    }

    private <T> void later(Supplier<T> read, Callback<T> callback) {
        long doneNs = Math.max(busyUntilNs, kernel.nowNs() + chance.skewed(QUICKEST_NS, SLOWEST_NS));
        busyUntilNs = doneNs;
        kernel.after(doneNs - kernel.nowNs(), life, name, "read", () -> callback.onDone(read.get()));
    }

    private List<StoredValue> childrenOf(String path) {
        String prefix = path.endsWith("/") ? path : path + "/";
        List<StoredValue> children = new ArrayList<>();
        for (Node node : tree.nodes.tailMap(prefix, false).values()) {
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

    private @Nullable StoreException check(List<StoreWrite> writes) {
        Set<String> made = new HashSet<>();
        for (StoreWrite write : writes) {
            StoredValue there = tree.valueAt(write.path());
            boolean exists = there != null || made.contains(write.path());
            if (write instanceof StoreWrite.Create) {
                if (exists) {
                    return new StoreException(Reason.EXISTS, "there is something at " + write.path());
                }
                made.add(write.path());
            } else if (there == null) {
                return new StoreException(Reason.ABSENT, "there is nothing at " + write.path());
            } else {
                int expected = expectedVersion(write);
                if (expected != ANY_VERSION && expected != there.version()) {
                    return new StoreException(
                            Reason.OTHER_VERSION,
                            write.path() + " has version " + there.version() + ", expected was " + expected);
                }
            }
        }
        return null;
    }

    private static int expectedVersion(StoreWrite write) {
        if (write instanceof StoreWrite.Set set) {
            return set.expectedVersion();
        }
        return write instanceof StoreWrite.Check check
                ? check.expectedVersion()
                : ((StoreWrite.Delete) write).expectedVersion();
    }

    private List<Integer> apply(List<StoreWrite> writes) {
        List<Integer> versions = new ArrayList<>();
        for (StoreWrite write : writes) {
            String path = write.path();
            if (write instanceof StoreWrite.Create create && create.ephemeral() && life.hasEnded()) {
                versions.add(0); // it came with the end of its session, and went
            } else if (write instanceof StoreWrite.Create create) {
                versions.add(put(path, create.text(), 0, create.ephemeral() ? life : null));
            } else if (write instanceof StoreWrite.Set set) {
                Node old = tree.nodes.get(path);
                int version = old == null ? 0 : old.value.version() + 1;
                versions.add(put(path, set.text(), version, old == null ? null : old.owner));
            } else if (write instanceof StoreWrite.Check) {
                versions.add(0);
                continue;
            } else {
                tree.nodes.remove(path);
                versions.add(0);
            }
            tellOf(path);
        }
        return versions;
    }

    private int put(String path, String text, int version, @Nullable Life owner) {
        tree.changes++;
        Node present = tree.nodes.get(path);
        long createdAt = present == null ? tree.changes : present.value.createdAt();
        tree.nodes.put(path, new Node(new StoredValue(path, text, version, createdAt, tree.changes), owner));
        return version;
    }

    private void tellOf(String path) {
        for (Watch watch : watches) {
            if (path.equals(watch.path) || path.startsWith(watch.path.endsWith("/") ? watch.path : watch.path + "/")) {
                kernel.after(
                        chance.skewed(QUICKEST_NS, SLOWEST_NS), life, name, "watch", () -> watch.changed.accept(path));
            }
        }
    }
}
