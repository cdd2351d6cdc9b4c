package io.millrace.broker;

import io.millrace.broker.cluster.Controller;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigException;
import io.millrace.broker.config.ConfigFile;
import io.millrace.broker.config.HostPort;
import io.millrace.broker.disk.DataDirectory;
import io.millrace.broker.disk.Journal;
import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.group.GroupConfig;
import io.millrace.broker.group.GroupPartitions;
import io.millrace.broker.kafka.KafkaApis;
import io.millrace.broker.log.StorageException;
import io.millrace.broker.metadata.BrokerAddress;
import io.millrace.broker.metadata.BrokerBuild;
import io.millrace.broker.metadata.BrokerIdentity;
import io.millrace.broker.metadata.Destinations;
import io.millrace.broker.metadata.Foundation;
import io.millrace.broker.metadata.Metadata;
import io.millrace.broker.metadata.Users;
import io.millrace.broker.metadata.VersionedStore;
import io.millrace.broker.peer.LocalBroker;
import io.millrace.broker.peer.PeerWatchListener;
import io.millrace.broker.server.Lanes;
import io.millrace.broker.server.Server;
import io.millrace.broker.server.ServerConfig;
import io.millrace.broker.session.Complaints;
import io.millrace.broker.session.Registries;
import io.millrace.broker.session.ServedApi;
import io.millrace.broker.session.SessionConfig;
import io.millrace.broker.session.SessionServices;
import io.millrace.broker.session.Sessions;
import io.millrace.protocol.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker, put together and running: data directory, journal, ZooKeeper, lanes, metadata, partitions, port. It is
 * opened in that order and closed in the opposite one. For any thread.
 */
public final class Broker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);
    private static final Duration START_TIMEOUT = Duration.ofMinutes(10);
    private static final long NS_PER_MS = 1_000_000;
    /** How often the metadata cores hear of the time: a small part of what anybody waits for who waits for that. */
    private static final long TICK_MS = 200;

    private static final int WAITING_LOGINS = 1000;
    private static final int DIGEST_KEY_BYTES = 32;

    /** With the broker's id, once it is known. */
    private BrokerConfig config;

    private final FaultHandler faults;
    private final Deque<Part> parts = new ArrayDeque<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile @Nullable Metadata metadata;
    private @Nullable HostPort address;

    private final String noSecret = UUID.randomUUID().toString();
    private final Waiting<@Nullable Void> ready = new Waiting<>();
    private final Consumer<String> failed;
    private boolean serving;
    private @Nullable String fault;

    private Broker(BrokerConfig config, Consumer<String> failed) {
        this.config = config;
        this.failed = failed;
        this.faults =
                new FaultHandler(!config.get(BrokerConfig.ZOOKEEPER_CONNECT).isEmpty(), this::onFault);
    }

    /**
     * Starts a broker and returns when it serves.
     *
     * @param failed told once, from any thread, why the broker must stop once it has served; the one who started it closes
     *     it then
     * @throws BrokerException if it can not start, saying why
     * @throws ConfigException if settings do not go together
     */
    public static Broker start(Path dataDirectory, BrokerConfig config, Consumer<String> failed) {
        Broker broker = new Broker(config, failed);
        try {
            broker.open(dataDirectory);
            broker.checkFault();
            return broker;
        } catch (StorageException | IOException e) {
            broker.close();
            throw new BrokerException(String.valueOf(e.getMessage()), e);
        } catch (RuntimeException | Error e) {
            broker.close();
            throw e;
        }
    }

    /** The address that clients connect to. */
    public HostPort address() {
        if (address == null) {
            throw new IllegalStateException("the broker has not started");
        }
        return address;
    }

    /** The queues and topics. */
    public Destinations destinations() {
        if (metadata == null) {
            throw new IllegalStateException("the broker has not started");
        }
        return metadata.destinations();
    }

    /** Stops serving, leaves everything on disk, and gives the data directory free. A second call does nothing. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        faults.onClosing();
        long beganNs = System.nanoTime();
        drain();
        long handedOverNs = System.nanoTime();
        for (Part part = parts.poll(); part != null; part = parts.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("while the broker was closed", e);
            }
        }
        if (address != null) {
            LOG.atInfo()
                    .addKeyValue("broker", config.get(BrokerConfig.BROKER_ID))
                    .addKeyValue("handOverMs", (handedOverNs - beganNs) / NS_PER_MS)
                    .addKeyValue("closeMs", (System.nanoTime() - handedOverNs) / NS_PER_MS)
                    .log("stopped");
        }
    }

    /** Lets others lead what they can before this broker stops to serve; a broker with a fault goes at once. */
    private void drain() {
        Metadata running = metadata;
        synchronized (this) {
            if (running == null || !serving || !isClustered()) {
                return;
            }
        }
        Waiting<@Nullable Void> drained = new Waiting<>();
        running.drain(drained);
        try {
            drained.get("others did not take over", Duration.ofMillis(config.get(BrokerConfig.CLOSE_TIMEOUT_MS) / 2));
        } catch (BrokerException e) {
            LOG.warn("the broker stops though {}", e.getMessage());
        }
    }

    /** A fault while the broker starts is why it does not start; later it is for the one who started it. */
    private void onFault(String why) {
        synchronized (this) {
            if (!serving) {
                fault = why;
                ready.fail(ErrorCode.UNKNOWN_SERVER_ERROR, why);
                return;
            }
        }
        synchronized (this) {
            serving = false;
        }
        failed.accept(why);
    }

    private synchronized void checkFault() {
        if (fault != null) {
            throw new BrokerException("the broker can not start: " + fault);
        }
        serving = true;
    }

    private void open(Path path) throws IOException {
        long beganNs = System.nanoTime();
        DataDirectory directory = opened(DataDirectory.open(path));
        if (!isClustered()) {
            Membership.checkAlone(directory.root());
        }
        FormatLevel formats = KeptLevel.open(directory.root());
        MetadataThread thread = opened(new MetadataThread(faults::onFault));
        // ZooKeeper starts beside the recovery of the journal: both take about as long, on different cores.
        CompletableFuture<OwnZooKeeper> starting = CompletableFuture.supplyAsync(
                () -> OwnZooKeeper.start(config, directory, thread, faults),
                task -> MetadataThread.daemon(task, "millrace-zookeeper-start").start());
        parts.push(() -> starting.exceptionally(failure -> null)
                .thenAccept(OwnZooKeeper::closeIfStarted)
                .join());
        PartitionSettings settings = new PartitionSettings(config, formats);
        Lanes lanes = opened(Lanes.start(config, faults::onFault));
        Journal journal = opened(Journal.open(directory, settings.journal(), faults::onJournalFailed));
        long recoveredNs = System.nanoTime();
        GroupPartitions groups = new GroupPartitions(GroupConfig.of(config), UUID::randomUUID);
        List<ServedApi> kafkaApis = KafkaApis.served(groups); // loads many classes, so before ZooKeeper is waited for
        VersionedStore store = new VersionedStore(join(starting).store(), formats);
        long connectedNs = System.nanoTime();
        BrokerIdentity identity = BrokerIdentity.ALONE;
        if (isClustered()) {
            Foundation foundation = new Foundation(store, thread, UUID::randomUUID, formats);
            int present = journal.partitions().list().size();
            Membership membership = Membership.join(directory.root(), present, config, foundation);
            identity = membership.identity();
            config = config.withBrokerId(membership.brokerId());
        }
        Fellowship fellowship = opened(new Fellowship(config, lanes, self()));
        LocalPartitions partitions = new LocalPartitions(
                config.get(BrokerConfig.BROKER_ID),
                lanes,
                journal,
                new PartitionServices(
                        settings, faults, fellowship.replication(), fellowship.remoteSubscriptions(), groups));
        Duration closeTimeout = Duration.ofMillis(config.get(BrokerConfig.CLOSE_TIMEOUT_MS));
        parts.push(() -> partitions.close(closeTimeout));
        Metadata started = new Metadata(config, identity, store, partitions, thread, UUID::randomUUID, formats);
        metadata = started;
        parts.push(started::end);
        fellowship.replication().connect(started.inSyncSets());
        started.watch(fellowship::onImage);
        started.onUnreadable(faults::onMetadataFailed);
        if (isClustered()) {
            long deadForMs = 2L * store.sessionTimeoutMs(); // by then the store would have noticed
            started.assign(new Controller(config.get(BrokerConfig.BROKER_ID), started.controllerOffice(), deadForMs));
        }
        started.start(ready);
        ready.get("the broker can not start", START_TIMEOUT);
        if (isClustered()) {
            opened(thread.every(TICK_MS, started::onTick));
        }
        partitions.reportOrphans();
        long openedNs = System.nanoTime();
        serve(lanes, partitions, started, fellowship, kafkaApis);
        if (isClustered()) {
            fellowship.watch(new PeerWatchListener() {
                @Override
                public void onPeerDead(int brokerId, long epoch) {
                    started.onPeerDead(brokerId, epoch);
                }

                @Override
                public void onPeerBack(int brokerId, long epoch) {
                    started.onPeerAlive(brokerId, epoch);
                }
            });
        }
        LOG.atInfo()
                .addKeyValue("data", path)
                .addKeyValue("broker", config.get(BrokerConfig.BROKER_ID))
                .addKeyValue("cluster", started.destinations().image().clusterId())
                .addKeyValue("partitions", started.destinations().image().partitionCount())
                .addKeyValue("recoveryMs", (recoveredNs - beganNs) / NS_PER_MS)
                .addKeyValue("zooKeeperMs", (connectedNs - recoveredNs) / NS_PER_MS)
                .addKeyValue("partitionsMs", (openedNs - connectedNs) / NS_PER_MS)
                .addKeyValue("serverMs", (System.nanoTime() - openedNs) / NS_PER_MS)
                .log("serving on {}", address);
    }

    private void serve(
            Lanes lanes, LocalPartitions partitions, Metadata started, Fellowship fellowship, List<ServedApi> kafkaApis)
            throws IOException {
        HostPort listen = HostPort.parse(config.get(BrokerConfig.LISTEN));
        if (listen.port() != 0) {
            register(started, listen); // known before the first client asks
        }
        Complaints complaints = new Complaints();
        Registries registries = new Registries(
                started.destinations(),
                started.subscriptions(),
                started.clientIds(),
                started.producerIds(),
                started.reassignments(),
                started.settings(),
                started.formatUpgrade(),
                users());
        Sessions sessions = new Sessions(
                new SessionServices(
                        SessionConfig.of(config, version()),
                        partitions,
                        registries,
                        fellowship.gate(),
                        complaints,
                        () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime())),
                Stream.concat(kafkaApis.stream(), fellowship.served(partitions).stream())
                        .toList());
        Server server = opened(Server.start(ServerConfig.of(config, complaints), lanes, sessions::open));
        address = server.address();
        if (listen.port() == 0) {
            register(started, server.address());
        }
    }

    /** This broker as the others see it. In its own epoch only: who is registered under its number may be another, or an earlier life. */
    private LocalBroker self() {
        return new LocalBroker(
                config.get(BrokerConfig.BROKER_ID),
                version(),
                this::brokerEpoch,
                this::clusterId,
                this::interBrokerSecret);
    }

    private long brokerEpoch() {
        Metadata known = metadata;
        return known == null ? LocalBroker.NO_EPOCH : known.brokerEpoch();
    }

    private String clusterId() {
        Metadata known = metadata;
        return known == null ? "" : known.destinations().image().clusterId();
    }

    private String interBrokerSecret() {
        Metadata known = metadata;
        String secret = known == null ? "" : known.interBrokerSecret();
        return secret.isEmpty() ? noSecret : secret; // a broker that is alone lets nobody in
    }

    private void register(Metadata started, HostPort listens) {
        HostPort advertised = advertised(listens);
        String forPeers = config.get(BrokerConfig.PEER_ADVERTISED_LISTENER);
        Waiting<@Nullable Void> registered = new Waiting<>();
        started.register(
                new BrokerAddress(
                        config.get(BrokerConfig.BROKER_ID),
                        advertised,
                        forPeers.isEmpty() ? advertised : HostPort.parse(forPeers),
                        rack(),
                        BrokerBuild.ofThis(version())),
                registered);
        registered.get("the broker can not be registered", START_TIMEOUT);
    }

    private boolean isClustered() {
        return !config.get(BrokerConfig.ZOOKEEPER_CONNECT).isEmpty();
    }

    private @Nullable String rack() {
        String rack = config.get(BrokerConfig.BROKER_RACK);
        return rack.isEmpty() ? null : rack;
    }

    private HostPort advertised(HostPort listens) {
        String configured = config.get(BrokerConfig.ADVERTISED_LISTENER);
        if (!configured.isEmpty()) {
            return HostPort.parse(configured);
        }
        try {
            InetAddress local = InetAddress.getByName(listens.host());
            return local.isAnyLocalAddress()
                    ? new HostPort(InetAddress.getLocalHost().getCanonicalHostName(), listens.port())
                    : listens;
        } catch (UnknownHostException e) {
            return listens;
        }
    }

    private Users users() {
        Map<String, String> passwords = new TreeMap<>();
        String file = config.get(BrokerConfig.USERS_FILE);
        if (!file.isEmpty()) {
            passwords.putAll(ConfigFile.read(Path.of(file)));
        }
        passwords.putAll(config.passwords());
        ThreadPoolExecutor logins = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_LOGINS),
                task -> MetadataThread.daemon(task, "millrace-login"));
        parts.push(logins::shutdownNow);
        byte[] digestKey = new byte[DIGEST_KEY_BYTES];
        new SecureRandom().nextBytes(digestKey);
        return new Users(passwords, config.get(BrokerConfig.ANONYMOUS_ACCESS), logins, digestKey);
    }

    private OwnZooKeeper join(CompletableFuture<OwnZooKeeper> starting) {
        try {
            return starting.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ConfigException refused) {
                throw refused;
            }
            throw new BrokerException(
                    (isClustered() ? "the cluster can not be joined: " : "the embedded ZooKeeper did not start: ")
                            + BrokerException.causeOf(e),
                    e.getCause());
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        parts.push(part::close);
        return part;
    }

    private static String version() {
        String version = Broker.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** Something to be closed. */
    @FunctionalInterface
    private interface Part {
        void close() throws Exception;
    }
}
