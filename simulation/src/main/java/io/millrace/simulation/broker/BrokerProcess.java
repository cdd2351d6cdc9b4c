package io.millrace.simulation.broker;

import io.millrace.broker.cluster.Controller;
import io.millrace.broker.config.AnonymousAccess;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.DestinationConfig;
import io.millrace.broker.config.Durability;
import io.millrace.broker.config.TimestampType;
import io.millrace.broker.group.GroupConfig;
import io.millrace.broker.group.GroupPartitions;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.kafka.KafkaApis;
import io.millrace.broker.log.LogConfig;
import io.millrace.broker.log.PartitionStorage;
import io.millrace.broker.log.StorageException;
import io.millrace.broker.metadata.BrokerAddress;
import io.millrace.broker.metadata.BrokerIdentity;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.Metadata;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.Reassignments;
import io.millrace.broker.metadata.Users;
import io.millrace.broker.partition.PartitionConfig;
import io.millrace.broker.partition.PartitionDescription;
import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.peer.LocalBroker;
import io.millrace.broker.replication.Replication;
import io.millrace.broker.session.Complaints;
import io.millrace.broker.session.Registries;
import io.millrace.broker.session.SessionConfig;
import io.millrace.broker.session.SessionServices;
import io.millrace.broker.session.Sessions;
import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.ErrorCode;
import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.check.ViolationError;
import io.millrace.simulation.disk.SimDisk;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import io.millrace.simulation.network.SimLink;
import io.millrace.simulation.network.SimNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One life of a broker: the real cores, put together as the real broker does, in simulated shells. */
final class BrokerProcess {
    private static final int PORT = 9092;
    private static final long STOP_NS = 20 * Kernel.MILLI;
    /** For how long a broker that stops waits for others to lead what it led: half of {@code close.timeout}. */
    private static final long DRAIN_NS = 5 * Kernel.SECOND;

    private static final long LONG_MS = 7L * 24 * 3600 * 1000;
    private static final int INDEX_INTERVAL_BYTES = 500;
    private static final long TICK_NS = 200 * Kernel.MILLI;
    /** Small, so that the log of groups is written anew often. */
    private static final int REWRITE_BYTES = 5_000;

    private static final int SHORTEST_SESSION_MS = 500;
    private static final int INITIAL_DELAY_MS = 300;
    private static final int DELIVER_BYTES = 20_000;

    /** What outlasts the process. */
    record Machine(
            SimBroker.Surroundings around,
            String host,
            SimDisk disk,
            SimBroker.Sizes sizes,
            Cluster cluster,
            LongSupplier longestFlushNs,
            LongSupplier clockShiftMs) {
        Kernel kernel() {
            return around.kernel();
        }

        SimNetwork network() {
            return around.network();
        }

        SimEnsemble ensemble() {
            return around.ensemble();
        }

        PlantedBug bug() {
            return around.bug();
        }
    }

    /**
     * The broker's place among others.
     *
     * @param id 0 for a broker that is alone
     * @param identity of the broker's data directory
     * @param settings of all brokers of the cluster
     */
    record Cluster(int id, BrokerIdentity identity, SimBroker.ClusterSettings settings) {
        boolean isAlone() {
            return id == 0;
        }
    }

    private final Machine machine;
    private final Kernel kernel;
    private final String name;
    private final Chance chance;
    private final Runnable ready;
    private final Consumer<String> fault;
    private final Life life = new Life();
    private final List<SimLane> lanes = new ArrayList<>();
    private final BrokerConfig config;
    private final SimMetadataStore store;
    private final SimPartitions partitions;
    private final Metadata metadata;
    private final SimFellowship fellowship;
    private final Replication replication;
    private final GroupPartitions groups;
    private final Sessions sessions;
    private @Nullable SimJournal journal;
    private boolean isReady;
    private boolean hasFailed;
    private boolean isStopping;
    private boolean isClosing;
    private int accepted;

    BrokerProcess(Machine machine, String name, Runnable ready, Consumer<String> fault) {
        this.machine = machine;
        this.kernel = machine.kernel();
        this.name = name;
        this.chance = kernel.chance(name);
        this.ready = ready;
        this.fault = fault;
        this.config = config(machine);
        for (int i = 0; i < machine.sizes().lanes(); i++) {
            lanes.add(new SimLane(kernel, life, name + " lane " + i, chance.split(), machine.clockShiftMs()));
        }
        Chance ids = chance.split();
        SimBroker.ClusterSettings settings = machine.cluster().settings();
        this.store = new SimMetadataStore(
                kernel,
                life,
                name + " metadata",
                chance.split(),
                machine.ensemble(),
                new SimMetadataStore.Way(
                        machine.network(),
                        machine.host(),
                        settings.lateWatches(),
                        settings.lostAnswers(),
                        machine.bug()));
        this.fellowship = new SimFellowship(machine, life, config, lanes, self());
        this.replication = fellowship.replication();
        Chance memberIds = kernel.chance(name + " groups");
        this.groups =
                new GroupPartitions(GroupConfig.of(config), () -> new UUID(memberIds.nextLong(), memberIds.nextLong()));
        this.partitions = new SimPartitions(
                config.get(BrokerConfig.BROKER_ID), lanes, fellowship.remoteSubscriptions(), new Site());
        SimExecutor metadataThread = new SimExecutor(kernel, life, name + " metadata", chance.split());
        this.metadata = new Metadata(
                config,
                machine.cluster().identity(),
                store,
                partitions,
                metadataThread,
                () -> new UUID(ids.nextLong(), ids.nextLong()));
        replication.connect(metadata.inSyncSets());
        Users users = new Users(
                Map.of(),
                AnonymousAccess.LOOPBACK,
                new SimExecutor(kernel, life, name + " users", chance.split()),
                new byte[32]);
        this.sessions = new Sessions(
                new SessionServices(
                        SessionConfig.of(config, "simulated"),
                        partitions,
                        new Registries(
                                metadata.destinations(),
                                metadata.subscriptions(),
                                metadata.clientIds(),
                                metadata.producerIds(),
                                metadata.reassignments(),
                                metadata.settings(),
                                metadata.formatUpgrade(),
                                users),
                        fellowship.gate(),
                        new Complaints(),
                        () -> kernel.nowNs() / Kernel.MILLI),
                Stream.concat(KafkaApis.served(groups).stream(), fellowship.served(partitions).stream())
                        .toList());
    }

    private static BrokerConfig config(Machine machine) {
        Map<String, String> settings = new TreeMap<>();
        settings.put("num.partitions", Integer.toString(machine.sizes().partitions()));
        if (!machine.cluster().isAlone()) {
            SimBroker.ClusterSettings cluster = machine.cluster().settings();
            settings.put("broker.id", Integer.toString(machine.cluster().id()));
            settings.put("zookeeper.connect", SimEnsemble.HOST + ":2181");
            settings.put("default.replication.factor", Integer.toString(cluster.replicas()));
            settings.put("default.min.insync.replicas", Integer.toString(cluster.minInSync()));
            settings.put("replica.lag.time.max.ms", Integer.toString(cluster.maxLagMs()));
            settings.put("offsets.topic.num.partitions", Integer.toString(SimBroker.OFFSETS_PARTITIONS));
            settings.put("offsets.rewrite.bytes", Integer.toString(REWRITE_BYTES));
            settings.put("offsets.retention.check.interval.ms", Long.toString(LONG_MS));
            settings.put("group.min.session.timeout.ms", Integer.toString(SHORTEST_SESSION_MS));
            settings.put("group.initial.rebalance.delay.ms", Integer.toString(INITIAL_DELAY_MS));
        }
        return BrokerConfig.of(settings);
    }

    private LocalBroker self() {
        return new LocalBroker(
                config.get(BrokerConfig.BROKER_ID), "simulated", this::brokerEpoch, this::clusterId, this::secret);
    }

    private long brokerEpoch() {
        return machine.cluster().isAlone() ? LocalBroker.NO_EPOCH : metadata.brokerEpoch();
    }

    private String clusterId() {
        return metadata.destinations().image().clusterId();
    }

    private String secret() {
        return machine.cluster().isAlone() ? "" : metadata.interBrokerSecret();
    }

    boolean isReady() {
        return isReady && !life.hasEnded();
    }

    SimPartitions partitions() {
        return partitions;
    }

    /** The cluster, as the broker knows it. */
    MetadataImage image() {
        return metadata.destinations().image();
    }

    void start() {
        try {
            journal = SimJournal.open(machine, life, name, chance.split(), lanes, this::failed);
        } catch (StorageException e) {
            failed(e);
            return;
        }
        metadata.watch(fellowship::onImage);
        if (!machine.cluster().isAlone()) {
            int self = machine.cluster().id();
            metadata.assign(new Controller(self, metadata.controllerOffice(), 2L * store.sessionTimeoutMs()));
        }
        metadata.start(new Done("start", () -> {
            if (!machine.cluster().isAlone()) {
                tickLater();
            }
            metadata.register(
                    new BrokerAddress(config.get(BrokerConfig.BROKER_ID), machine.host(), PORT),
                    new Done("register", this::listen));
        }));
    }

    private void tickLater() {
        kernel.after(TICK_NS, life, name, "ticks", () -> {
            metadata.onTick(kernel.nowNs() / Kernel.MILLI);
            tickLater();
        });
    }

    private void listen() {
        isReady = true;
        kernel.note(name, "is ready");
        machine.network().listen(machine.host(), this::accept);
        if (!machine.cluster().isAlone()) {
            fellowship.watch(metadata, chance.split());
        }
        ready.run();
    }

    private SimLink.End accept(SimLink link) {
        SimLane lane = lanes.get(accepted++ % lanes.size());
        return new SimConnection(kernel, life, link, lane, sessions, machine.bug());
    }

    /** Lets the whole process do nothing for a while, and wake up late. */
    void pause(long forNs) {
        life.pauseUntil(kernel.nowNs() + forNs);
    }

    boolean isPaused() {
        return life.isPaused(kernel.nowNs());
    }

    void stall(long forNs) {
        lanes.get(chance.below(lanes.size())).stall(forNs);
    }

    /** Stops cleanly: lets others lead what they can, for a while, and then closes. */
    void stop(Runnable stopped) {
        if (isStopping) {
            return;
        }
        isStopping = true;
        if (machine.cluster().isAlone() || machine.bug() == PlantedBug.STOP_AT_ONCE) {
            close(stopped);
            return;
        }
        Runnable once = () -> {
            if (!isClosing) {
                isClosing = true;
                close(stopped);
            }
        };
        kernel.after(DRAIN_NS, life, name, "waits no longer for others to take over", once);
        metadata.drain(new Reply<>() {
            @Override
            public void complete(@Nullable Void value) {
                kernel.note(name, "has handed over what it led");
                once.run();
            }

            @Override
            public void fail(ErrorCode error, String message) {
                kernel.note(name, "could not hand over: " + error);
                once.run();
            }
        });
    }

    /** Partitions are closed, the journal takes its last checkpoint. */
    private void close(Runnable stopped) {
        isReady = false;
        machine.network().listen(machine.host(), null);
        for (SimLink link : machine.network().linksOf(machine.host())) {
            link.close(link.sideOf(machine.host()));
        }
        partitions.forEach(partition -> partition.lane().execute(partition::close));
        store.close();
        kernel.after(STOP_NS, life, name, "closes its journal", () -> requireJournal()
                .close(stopped));
    }

    /** Ends the process at once. */
    void end() {
        life.end();
    }

    private void failed(StorageException cause) {
        if (cause.kind() == StorageException.Kind.CORRUPT) {
            throw new ViolationError("refused: nothing was damaged, and the broker says so: " + cause, cause);
        }
        stopByItself(String.valueOf(cause.kind()));
    }

    private void stopByItself(String why) {
        if (!life.hasEnded() && !hasFailed) {
            hasFailed = true;
            fault.accept(why);
        }
    }

    /** What has to be done, or the run has failed; a disk that fails was reported by itself, and an ensemble may be out of reach. */
    private final class Done implements Reply<@Nullable Void> {
        private final String what;
        private final Runnable next;

        Done(String what, Runnable next) {
            this.what = what;
            this.next = next;
        }

        @Override
        public void complete(@Nullable Void value) {
            next.run();
        }

        @Override
        public void fail(ErrorCode error, String message) {
            if (error == ErrorCode.KAFKA_STORAGE_ERROR) {
                return;
            }
            if (machine.cluster().isAlone()) {
                throw new ViolationError("could not " + what + ": " + error + " " + message);
            }
            stopByItself("could not " + what + ": " + error + " " + message);
        }
    }

    /** Where the partitions are. */
    private final class Site implements SimPartitions.Site {
        @Override
        public SimPartition open(Destination destination, PartitionId id, int at) {
            SimLane lane = lanes.get(at);
            SimBroker.Sizes sizes = machine.sizes();
            LogConfig log =
                    new LogConfig(sizes.segmentBytes(), LONG_MS, INDEX_INTERVAL_BYTES, LONG_MS, -1, LONG_MS, true);
            LaneJournal laneJournal = requireJournal().lane(at);
            PartitionStorage storage =
                    requireJournal().partitions().open(id.topicId(), id.index(), log, log, laneJournal.dirtyLogs());
            return new SimPartition(
                    destination,
                    id,
                    storage,
                    partitionConfig(destination),
                    new SimPartition.Worksite(
                            kernel, lane, laneJournal, replication, groups, machine.bug(), BrokerProcess.this::failed));
        }

        @Override
        public void delete(PartitionId id) {
            requireJournal().partitions().delete(id.topicId(), id.index());
        }

        @Override
        public boolean isDeleted(PartitionId id) {
            boolean isDeleted = requireJournal().partitions().isDeleted(id.topicId(), id.index());
            if (isDeleted) {
                requireJournal().requestCheckpoint();
            }
            return isDeleted;
        }

        @Override
        public void failed(StorageException cause) {
            BrokerProcess.this.failed(cause);
        }
    }

    private PartitionConfig partitionConfig(Destination destination) {
        return new PartitionConfig(
                destination.name().kind() == DestinationKind.QUEUE,
                TimestampType.LOG_APPEND_TIME,
                machine.bug() == PlantedBug.ACKNOWLEDGE_UNFLUSHED ? Durability.REPLICAS : Durability.DISK,
                PartitionConfig.DEFAULT_MAX_MESSAGE_BYTES,
                PartitionConfig.DEFAULT_RETENTION_MS,
                -1,
                machine.bug() == PlantedBug.NO_GRACE ? 0 : PartitionConfig.DEFAULT_REATTACH_GRACE_MS,
                DELIVER_BYTES,
                machine.sizes().snapshotBytes(),
                PartitionConfig.DEFAULT_SNAPSHOT_MS,
                destination.config().get(DestinationConfig.MIN_INSYNC_REPLICAS),
                config.get(BrokerConfig.REPLICA_LAG_TIME_MAX_MS));
    }

    private SimJournal requireJournal() {
        SimJournal opened = journal;
        if (opened == null) {
            throw new IllegalStateException(name + " has no journal yet");
        }
        return opened;
    }

    /** What waits or is in flight. */
    Reassignments reassignments() {
        return metadata.reassignments();
    }

    List<String> unfinished() {
        List<String> unfinished = new ArrayList<>();
        for (SimPartition hosted : partitions.all()) {
            PartitionDescription description = hosted.partition().describe();
            if (description.leaderEpoch() < 0) {
                continue; // it follows
            }
            for (PartitionDescription.Subscription subscription : description.subscriptions()) {
                if (subscription.waiting() > 0 || subscription.inFlight() > 0) {
                    unfinished.add(hosted.id() + " " + subscription);
                }
            }
        }
        return unfinished;
    }
}
