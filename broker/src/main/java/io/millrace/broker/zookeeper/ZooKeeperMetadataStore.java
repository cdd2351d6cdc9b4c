package io.millrace.broker.zookeeper;

import io.millrace.broker.metadata.MetadataStore;
import io.millrace.broker.metadata.StoreException;
import io.millrace.broker.metadata.StoreException.Reason;
import io.millrace.broker.metadata.StoreWrite;
import io.millrace.broker.metadata.StoredValue;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.curator.framework.AuthInfo;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.framework.api.BackgroundCallback;
import org.apache.curator.framework.api.CuratorEvent;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.curator.framework.api.transaction.CuratorTransactionResult;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.BoundedExponentialBackoffRetry;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metadata store in ZooKeeper. A call that a lost connection left open is made again for some ten seconds; a write
 * that had been done by then is found out by what stands there. After each time without a connection watches are set again, and
 * what they watch is reported as changed, since nobody knows what happened meanwhile. Owned by the metadata thread, on which its callbacks come.
 */
public final class ZooKeeperMetadataStore implements MetadataStore {
    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperMetadataStore.class);
    private static final int SESSION_TIMEOUT_MS = 60_000;
    private static final int CONNECTION_TIMEOUT_MS = 10_000;
    private static final int FIRST_CONNECTION_TIMEOUT_MS = 15_000;
    private static final int RETRIES = 15;
    private static final int FIRST_RETRY_MS = 50;
    private static final int LAST_RETRY_MS = 1000;
    /**
     * A ZooKeeper whose log can not be written stops for good, so nothing is asked of it on a full disk. What takes things
     * away may still be written when nothing new is taken.
     */
    private static final long ROOM_TO_CREATE_BYTES = 8 * 1024 * 1024;

    private static final long ROOM_TO_CHANGE_BYTES = 1024 * 1024;

    private final CuratorFramework client;
    private final Executor thread;
    private final LongSupplier usableBytes;
    private final Map<String, Watcher> watches = new LinkedHashMap<>();
    private @Nullable SessionListener session;
    private boolean sessionLost;

    private ZooKeeperMetadataStore(CuratorFramework client, Executor thread, LongSupplier usableBytes) {
        this.client = client;
        this.thread = thread;
        this.usableBytes = usableBytes;
    }

    /** The store in an embedded server; returns when it is connected. */
    public static ZooKeeperMetadataStore connect(EmbeddedZooKeeper server, Executor thread) {
        return connect(server, thread, server::usableBytes);
    }

    static ZooKeeperMetadataStore connect(EmbeddedZooKeeper server, Executor thread, LongSupplier usableBytes) {
        CuratorFramework client = client(
                server.connectString(),
                SESSION_TIMEOUT_MS,
                CONNECTION_TIMEOUT_MS,
                server.secret().credentials());
        ZooKeeperMetadataStore store = new ZooKeeperMetadataStore(client, thread, usableBytes);
        client.getConnectionStateListenable().addListener((c, state) -> store.onState(state), thread);
        client.start();
        awaitConnection(client);
        return store;
    }

    /**
     * @param credentials what is written belongs to; to everybody if empty
     */
    static CuratorFramework client(String connect, int sessionTimeoutMs, int connectionTimeoutMs, byte[] credentials) {
        ZKClientConfig config = new ZKClientConfig();
        config.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, "false");
        CuratorFrameworkFactory.Builder builder = CuratorFrameworkFactory.builder()
                .connectString(connect)
                .sessionTimeoutMs(sessionTimeoutMs)
                .connectionTimeoutMs(connectionTimeoutMs)
                .retryPolicy(new BoundedExponentialBackoffRetry(FIRST_RETRY_MS, LAST_RETRY_MS, RETRIES))
                .zkClientConfig(config)
                .ensembleTracker(false);
        if (credentials.length > 0) {
            builder.authorization(List.of(new AuthInfo("digest", credentials))).aclProvider(new OwnerOnly());
        }
        return builder.build();
    }

    /**
     * The store in an ensemble; returns when it is connected.
     *
     * @throws IOException if no server of the ensemble answers in time
     */
    public static ZooKeeperMetadataStore connect(Ensemble ensemble, Executor thread) throws IOException {
        if (!ensemble.chroot().isEmpty()) {
            makeChroot(ensemble);
        }
        CuratorFramework client = ensemble.client(ensemble.servers() + ensemble.chroot());
        ZooKeeperMetadataStore store = new ZooKeeperMetadataStore(client, thread, () -> Long.MAX_VALUE);
        client.getConnectionStateListenable().addListener((c, state) -> store.onState(state), thread);
        client.start();
        awaitConnection(client, ensemble);
        store.tellWhatWasGranted(ensemble.sessionTimeoutMs());
        return store;
    }

    /** The root of a connection must be there before it is used. */
    private static void makeChroot(Ensemble ensemble) throws IOException {
        try (CuratorFramework client = ensemble.client(ensemble.servers())) {
            client.start();
            awaitConnection(client, ensemble);
            client.create().creatingParentsIfNeeded().forPath(ensemble.chroot());
        } catch (KeeperException.NodeExistsException e) {
            LOG.debug("{} is there", ensemble.chroot());
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(
                    "the path " + ensemble.chroot() + " of the ZooKeeper ensemble " + ensemble.servers()
                            + " can not be made: " + e.getMessage(),
                    e);
        }
    }

    private static void awaitConnection(CuratorFramework client, Ensemble ensemble) throws IOException {
        try {
            if (!client.blockUntilConnected(FIRST_CONNECTION_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
                client.close();
                List<String> unknown = ensemble.unknownHosts();
                throw new IOException("no server of the ZooKeeper ensemble " + ensemble.servers() + " answered within "
                        + FIRST_CONNECTION_TIMEOUT_MS / 1000 + " s; a majority of it must be up"
                        + (unknown.isEmpty() ? "" : ", and these hosts are unknown: " + unknown));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            client.close();
            throw new InterruptedIOException("interrupted while the ZooKeeper ensemble was waited for");
        }
    }

    private void tellWhatWasGranted(int askedMs) {
        int grantedMs = sessionTimeoutMs();
        if (grantedMs > askedMs) {
            LOG.warn(
                    "the ZooKeeper ensemble grants sessions of {} ms, {} ms were asked for: a host that goes silent is"
                            + " waited for that much longer",
                    grantedMs,
                    askedMs);
        }
    }

    /** A call that finds Curator without a connection is put off for a whole second. */
    private static void awaitConnection(CuratorFramework client) {
        try {
            if (!client.blockUntilConnected(CONNECTION_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
                LOG.warn("no connection to ZooKeeper within {} ms; trying on", CONNECTION_TIMEOUT_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void get(String path, Callback<Optional<StoredValue>> callback) {
        BackgroundCallback answer = onThread(event -> {
            switch (codeOf(event)) {
                case OK -> callback.onDone(Optional.of(value(event)));
                case NONODE -> callback.onDone(Optional.empty());
                default -> callback.onFailed(failure(codeOf(event), path));
            }
        });
        attempt(callback, path, () -> client.getData().inBackground(answer).forPath(path));
    }

    @Override
    public void list(String path, Callback<List<StoredValue>> callback) {
        BackgroundCallback answer = onThread(event -> {
            switch (codeOf(event)) {
                case OK -> getAll(path, event.getChildren(), callback);
                case NONODE -> callback.onDone(List.of());
                default -> callback.onFailed(failure(codeOf(event), path));
            }
        });
        attempt(callback, path, () -> client.getChildren().inBackground(answer).forPath(path));
    }

    @Override
    public void write(List<StoreWrite> writes, Callback<List<Integer>> callback) {
        String first = writes.get(0).path();
        if (!hasRoomFor(writes)) {
            thread.execute(() -> callback.onFailed(new StoreException(
                    Reason.NO_ROOM, "the disk of the metadata is nearly full; nothing was written to " + first)));
            return;
        }
        BackgroundCallback answer = onThread(event -> {
            if (codeOf(event) == Code.OK) {
                callback.onDone(versions(event.getOpResults()));
            } else {
                settle(writes, refusal(event), callback);
            }
        });
        attempt(callback, first, () -> {
            List<CuratorOp> operations = new ArrayList<>();
            for (StoreWrite write : writes) {
                operations.add(operation(write));
            }
            client.transaction().inBackground(answer).forOperations(operations);
        });
    }

    @Override
    public void watch(String path, Consumer<String> changed) {
        Watcher watcher = event -> onEvent(path, event, changed);
        watches.put(path, watcher);
        setWatch(path, watcher);
    }

    /** Events of the connection itself come to every watcher, without a path. */
    private void onEvent(String watched, WatchedEvent event, Consumer<String> changed) {
        if (event.getType() == Watcher.Event.EventType.None) {
            if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                thread.execute(() -> changed.accept(watched));
            }
            return;
        }
        String path = event.getPath();
        thread.execute(() -> changed.accept(path == null ? watched : path));
    }

    private void setWatch(String path, Watcher watcher) {
        Callback<Optional<StoredValue>> nobody = new Callback<>() {
            @Override
            public void onDone(Optional<StoredValue> value) {}

            @Override
            public void onFailed(StoreException failure) {
                LOG.warn("no watch on the metadata at {}: {}", path, failure.getMessage());
            }
        };
        attempt(nobody, path, () -> client.watchers()
                .add()
                .withMode(AddWatchMode.PERSISTENT_RECURSIVE)
                .inBackground(onThread(event -> {
                    if (codeOf(event) != Code.OK) {
                        LOG.warn("no watch on the metadata at {}: {}", path, codeOf(event));
                    }
                }))
                .usingWatcher(watcher)
                .forPath(path));
    }

    @Override
    public void onSession(SessionListener listener) {
        session = listener;
    }

    @Override
    public int sessionTimeoutMs() {
        int granted = client.getZookeeperClient().getLastNegotiatedSessionTimeoutMs();
        return granted > 0 ? granted : SESSION_TIMEOUT_MS; // never connected, so nobody knows
    }

    @Override
    public void close() {
        client.close();
    }

    private boolean hasRoomFor(List<StoreWrite> writes) {
        boolean createsOnly = writes.stream().allMatch(write -> write instanceof StoreWrite.Create);
        return usableBytes.getAsLong() >= (createsOnly ? ROOM_TO_CREATE_BYTES : ROOM_TO_CHANGE_BYTES);
    }

    private void getAll(String path, List<String> names, Callback<List<StoredValue>> callback) {
        if (names.isEmpty()) {
            callback.onDone(List.of());
            return;
        }
        Gathering gathering = new Gathering(names.size(), callback);
        for (String name : names) {
            get(path + "/" + name, gathering);
        }
    }

    /** A write that seems to be refused may be one that was done before its connection was lost. */
    private void settle(List<StoreWrite> writes, StoreException refusal, Callback<List<Integer>> callback) {
        if (refusal.reason() != Reason.EXISTS || !(writes.get(0) instanceof StoreWrite.Create create)) {
            callback.onFailed(refusal);
            return;
        }
        get(create.path(), new Callback<>() {
            @Override
            public void onDone(Optional<StoredValue> present) {
                boolean ours = !create.text().isEmpty()
                        && present.map(StoredValue::text).equals(Optional.of(create.text()));
                if (ours) {
                    callback.onDone(writes.stream().map(write -> 0).toList());
                } else {
                    callback.onFailed(refusal);
                }
            }

            @Override
            public void onFailed(StoreException failure) {
                callback.onFailed(failure);
            }
        });
    }

    private void onState(ConnectionState state) {
        switch (state) {
            case SUSPENDED -> LOG.warn("the connection to ZooKeeper is lost; trying again");
            case LOST -> onLost();
            case RECONNECTED -> onReconnected();
            case CONNECTED, READ_ONLY -> {}
        }
    }

    private void onLost() {
        LOG.warn("the session with ZooKeeper has ended; a new one will be opened");
        sessionLost = true;
        if (session != null) {
            session.onSessionLost();
        }
    }

    /** The watches of a lost session are gone with it; setting one that is there changes nothing. */
    private void onReconnected() {
        LOG.info("connected to ZooKeeper again");
        watches.forEach((path, watcher) -> {
            setWatch(path, watcher);
            watcher.process(
                    new WatchedEvent(Watcher.Event.EventType.None, Watcher.Event.KeeperState.SyncConnected, null));
        });
        boolean opened = sessionLost;
        sessionLost = false;
        if (opened && session != null) {
            session.onSessionOpened();
        }
    }

    private CuratorOp operation(StoreWrite write) throws Exception {
        if (write instanceof StoreWrite.Create create) {
            return client.transactionOp()
                    .create()
                    .withMode(create.ephemeral() ? CreateMode.EPHEMERAL : CreateMode.PERSISTENT)
                    .forPath(create.path(), bytes(create.text()));
        } else if (write instanceof StoreWrite.Set set) {
            return client.transactionOp()
                    .setData()
                    .withVersion(set.expectedVersion())
                    .forPath(set.path(), bytes(set.text()));
        }
        if (write instanceof StoreWrite.Check check) {
            return client.transactionOp()
                    .check()
                    .withVersion(check.expectedVersion())
                    .forPath(check.path());
        }
        StoreWrite.Delete delete = (StoreWrite.Delete) write;
        return client.transactionOp()
                .delete()
                .withVersion(delete.expectedVersion())
                .forPath(delete.path());
    }

    /** Hops before anything is looked at, so that what goes wrong there is seen by the metadata thread. */
    private BackgroundCallback onThread(Consumer<CuratorEvent> answer) {
        return (framework, event) -> thread.execute(() -> answer.accept(event));
    }

    /** A call that can not even be begun fails like one that is not answered. */
    private void attempt(Callback<?> callback, String path, Call call) {
        try {
            call.begin();
        } catch (Exception e) {
            thread.execute(
                    () -> callback.onFailed(new StoreException(Reason.UNAVAILABLE, path + ": " + e.getMessage())));
        }
    }

    private static StoredValue value(CuratorEvent event) {
        byte[] data = Objects.requireNonNullElse(event.getData(), new byte[0]);
        Stat stat = event.getStat();
        return new StoredValue(
                event.getPath(),
                new String(data, StandardCharsets.UTF_8),
                stat.getVersion(),
                stat.getCzxid(),
                stat.getMzxid());
    }

    private static List<Integer> versions(List<CuratorTransactionResult> results) {
        List<Integer> versions = new ArrayList<>();
        for (CuratorTransactionResult result : results) {
            Stat stat = result.getResultStat();
            versions.add(stat == null ? 0 : stat.getVersion());
        }
        return versions;
    }

    /** Why a transaction was not done: the one operation that did not fit, or the answer as a whole. */
    private static StoreException refusal(CuratorEvent event) {
        List<CuratorTransactionResult> results = event.getOpResults();
        if (results != null) {
            for (CuratorTransactionResult result : results) {
                Code code = Code.get(result.getError());
                if (code != Code.OK && code != Code.RUNTIMEINCONSISTENCY) {
                    return failure(code, String.valueOf(result.getForPath()));
                }
            }
        }
        return failure(codeOf(event), "a transaction");
    }

    private static StoreException failure(Code code, String path) {
        Reason reason =
                switch (code) {
                    case NODEEXISTS -> Reason.EXISTS;
                    case NONODE -> Reason.ABSENT;
                    case BADVERSION -> Reason.OTHER_VERSION;
                    default -> Reason.UNAVAILABLE;
                };
        return new StoreException(
                reason, String.valueOf(KeeperException.create(code, path).getMessage()));
    }

    private static Code codeOf(CuratorEvent event) {
        Code code = Code.get(event.getResultCode());
        return code == null ? Code.SYSTEMERROR : code;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @FunctionalInterface
    private interface Call {
        void begin() throws Exception;
    }

    /** Everything belongs to whoever knows the secret. */
    private static final class OwnerOnly implements ACLProvider {
        @Override
        public List<ACL> getDefaultAcl() {
            return ZooDefs.Ids.CREATOR_ALL_ACL;
        }

        @Override
        public List<ACL> getAclForPath(String path) {
            return ZooDefs.Ids.CREATOR_ALL_ACL;
        }
    }

    /** Waits for the values of a list. */
    private static final class Gathering implements Callback<Optional<StoredValue>> {
        private final Callback<List<StoredValue>> callback;
        private final SortedMap<String, StoredValue> found = new TreeMap<>();
        private int open;
        private boolean failed;

        Gathering(int count, Callback<List<StoredValue>> callback) {
            this.open = count;
            this.callback = callback;
        }

        @Override
        public void onDone(Optional<StoredValue> value) {
            value.ifPresent(stored -> found.put(stored.path(), stored));
            open--;
            if (open == 0 && !failed) {
                callback.onDone(List.copyOf(found.values()));
            }
        }

        @Override
        public void onFailed(StoreException failure) {
            open--;
            if (!failed) {
                failed = true;
                callback.onFailed(failure);
            }
        }
    }
}
