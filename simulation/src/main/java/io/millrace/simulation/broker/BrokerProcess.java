package io.millrace.simulation.broker;

import io.millrace.broker.config.AnonymousAccess;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.Durability;
import io.millrace.broker.config.TimestampType;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.log.LogConfig;
import io.millrace.broker.log.PartitionStorage;
import io.millrace.broker.log.StorageException;
import io.millrace.broker.metadata.BrokerAddress;
import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.Metadata;
import io.millrace.broker.metadata.Users;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.PartitionConfig;
import io.millrace.broker.partition.PartitionDescription;
import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.PartitionShell;
import io.millrace.broker.partition.Reply;
import io.millrace.broker.peer.LocalBroker;
import io.millrace.broker.peer.PeerGate;
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
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One life of a broker: the real cores, put together as the real broker does, in simulated shells. */
final class BrokerProcess {
    private static final int PORT = 9092;
    private static final long STOP_NS = 20 * Kernel.MILLI;
    private static final long LONG_MS = 7L * 24 * 3600 * 1000;
    private static final int INDEX_INTERVAL_BYTES = 500;
    private static final int DELIVER_BYTES = 20_000;

    /** What outlasts the process. */
    record Machine(
            Kernel kernel,
            SimNetwork network,
            SimDisk disk,
            SimMetadataStore.Tree tree,
            SimBroker.Sizes sizes,
            PlantedBug bug,
            LongSupplier longestFlushNs,
            long clockShiftMs) {}

    private final Machine machine;
    private final Kernel kernel;
    private final String name;
    private final Chance chance;
    private final Runnable ready;
    private final Consumer<StorageException> fault;
    private final Life life = new Life();
    private final List<SimLane> lanes = new ArrayList<>();
    private final BrokerConfig config;
    private final SimMetadataStore store;
    private final SimPartitions partitions;
    private final Metadata metadata;
    private final Sessions sessions;
    private @Nullable SimJournal journal;
    private boolean isReady;
    private boolean hasFailed;
    private int accepted;

    BrokerProcess(Machine machine, String name, Runnable ready, Consumer<StorageException> fault) {
        this.machine = machine;
        this.kernel = machine.kernel();
        this.name = name;
        this.chance = kernel.chance(name);
        this.ready = ready;
        this.fault = fault;
        this.config = BrokerConfig.of(
                Map.of("num.partitions", Integer.toString(machine.sizes().partitions())));
        for (int i = 0; i < machine.sizes().lanes(); i++) {
            lanes.add(new SimLane(kernel, life, name + " lane " + i, chance.split(), machine.clockShiftMs()));
        }
        Chance ids = chance.split();
        this.store = new SimMetadataStore(kernel, life, name + " metadata", chance.split(), machine.tree());
        this.partitions = new SimPartitions(
                config.get(BrokerConfig.BROKER_ID), lanes, this::openPartition, this::deletePartition, this::failed);
        SimExecutor metadataThread = new SimExecutor(kernel, life, name + " metadata", chance.split());
        this.metadata =
                new Metadata(config, store, partitions, metadataThread, () -> new UUID(ids.nextLong(), ids.nextLong()));
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
                                users),
                        nobody(),
                        new Complaints()),
                List.of());
    }

    /** Lets no other broker in: a simulated one is alone. */
    private PeerGate nobody() {
        LocalBroker self = new LocalBroker(
                0,
                "simulated",
                () -> LocalBroker.NO_EPOCH,
                () -> metadata.destinations().image().clusterId(),
                () -> "");
        return new PeerGate(self, Map::of);
    }

    boolean isReady() {
        return isReady && !life.hasEnded();
    }

    SimPartitions partitions() {
        return partitions;
    }

    void start() {
        try {
            journal = SimJournal.open(machine, life, name, chance.split(), lanes, this::failed);
        } catch (StorageException e) {
            failed(e);
            return;
        }
        metadata.start(new Done(
                "start",
                () -> metadata.register(
                        new BrokerAddress(config.get(BrokerConfig.BROKER_ID), "broker", PORT),
                        new Done("register", this::listen))));
    }

    private void listen() {
        isReady = true;
        kernel.note(name, "is ready");
        machine.network().listen(this::accept);
        ready.run();
    }

    private SimLink.End accept(SimLink link) {
        SimLane lane = lanes.get(accepted++ % lanes.size());
        return new SimConnection(kernel, life, link, lane, sessions, machine.bug());
    }

    void stall(long forNs) {
        lanes.get(chance.below(lanes.size())).stall(forNs);
    }

    /** Stops cleanly: partitions are closed, the journal takes its last checkpoint. */
    void stop(Runnable stopped) {
        isReady = false;
        machine.network().listen(null);
        for (SimLink link : machine.network().links()) {
            link.close(SimLink.Side.BROKER);
        }
        for (SimPartitions.Hosted hosted : partitions.all()) {
            hosted.hosted().lane().execute(() -> hosted.hosted()
                    .partition()
                    .close(hosted.hosted().lane().nowMs()));
        }
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
        if (!life.hasEnded() && !hasFailed) {
            hasFailed = true;
            fault.accept(cause);
        }
    }

    /** What has to be done, or the run has failed; a disk that fails was reported by itself. */
    private record Done(String what, Runnable next) implements Reply<@Nullable Void> {
        @Override
        public void complete(@Nullable Void value) {
            next.run();
        }

        @Override
        public void fail(ErrorCode error, String message) {
            if (error != ErrorCode.KAFKA_STORAGE_ERROR) {
                throw new ViolationError("could not " + what + ": " + error + " " + message);
            }
        }
    }

    private Partition openPartition(Destination destination, PartitionId id, int leaderEpoch, int at) {
        SimLane lane = lanes.get(at);
        SimBroker.Sizes sizes = machine.sizes();
        LogConfig log = new LogConfig(sizes.segmentBytes(), LONG_MS, INDEX_INTERVAL_BYTES, LONG_MS, -1, LONG_MS, true);
        LaneJournal laneJournal = requireJournal().lane(at);
        PartitionStorage storage =
                requireJournal().partitions().open(id.topicId(), id.index(), log, log, laneJournal.dirtyLogs());
        Shell shell = new Shell(lane);
        Partition partition =
                Partition.open(id, storage, laneJournal, partitionConfig(destination), shell, lane.nowMs());
        shell.partition = partition;
        partition.onLeader(leaderEpoch, lane.nowMs());
        return partition;
    }

    private PartitionConfig partitionConfig(Destination destination) {
        return new PartitionConfig(
                destination.name().kind() == DestinationKind.QUEUE,
                TimestampType.LOG_APPEND_TIME,
                Durability.DISK,
                PartitionConfig.DEFAULT_MAX_MESSAGE_BYTES,
                PartitionConfig.DEFAULT_RETENTION_MS,
                -1,
                machine.bug() == PlantedBug.NO_GRACE ? 0 : PartitionConfig.DEFAULT_REATTACH_GRACE_MS,
                DELIVER_BYTES,
                machine.sizes().snapshotBytes(),
                PartitionConfig.DEFAULT_SNAPSHOT_MS,
                1,
                PartitionConfig.DEFAULT_MAX_LAG_MS);
    }

    private void deletePartition(PartitionId id) {
        requireJournal().partitions().delete(id.topicId(), id.index());
    }

    private SimJournal requireJournal() {
        SimJournal opened = journal;
        if (opened == null) {
            throw new IllegalStateException(name + " has no journal yet");
        }
        return opened;
    }

    /** What a partition asks of its lane. */
    private final class Shell implements PartitionShell {
        private final SimLane lane;
        private @Nullable Partition partition;

        Shell(SimLane lane) {
            this.lane = lane;
        }

        @Override
        public void callAtEndOfTurn() {
            lane.endOfTurn(() -> own().onEndOfTurn(lane.nowMs()));
        }

        @Override
        public ByteBufAllocator allocator() {
            return UnpooledByteBufAllocator.DEFAULT;
        }

        @Override
        public void wakeAt(long atMs) {
            lane.schedule(atMs, () -> own().onTick(lane.nowMs()));
        }

        @Override
        public long elapsedMs() {
            return lane.nowMs();
        }

        @Override
        public void stopped(Throwable cause) {
            if (cause instanceof StorageException storage) {
                failed(storage);
            } else {
                throw new ViolationError("a partition stopped: " + cause, cause);
            }
        }

        private Partition own() {
            Partition opened = partition;
            if (opened == null) {
                throw new IllegalStateException("a partition asks before it is open");
            }
            return opened;
        }
    }

    /** What waits or is in flight. */
    List<String> unfinished() {
        List<String> unfinished = new ArrayList<>();
        for (SimPartitions.Hosted hosted : partitions.all()) {
            PartitionDescription description = hosted.hosted().partition().describe();
            for (PartitionDescription.Subscription subscription : description.subscriptions()) {
                if (subscription.waiting() > 0 || subscription.inFlight() > 0) {
                    unfinished.add(hosted.id() + " " + subscription);
                }
            }
        }
        return unfinished;
    }
}
