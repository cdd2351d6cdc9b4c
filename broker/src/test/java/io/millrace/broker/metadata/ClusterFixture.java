package io.millrace.broker.metadata;

import io.millrace.broker.cluster.Controller;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.HostPort;
import io.millrace.broker.delivery.ConnectionInfo;
import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.metadata.BrokerFixture.Answer;
import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;

/** The metadata of several brokers over one store in memory, with controllers; time is the test's. */
final class ClusterFixture {
    static final DestinationName ORDERS = DestinationName.queue("orders");
    private static final long TICK_MS = 200;

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final MemoryMetadataStore origin = new MemoryMetadataStore(tasks::add);
    private final SortedMap<Integer, Member> members = new TreeMap<>();
    private final Map<Integer, BrokerIdentity> identities = new HashMap<>();
    private final Map<Integer, SortedSet<String>> disks = new HashMap<>();
    private long nowMs = 1_000_000;
    private long lastId;

    static ClusterFixture of(int... ids) {
        ClusterFixture cluster = new ClusterFixture();
        for (int id : ids) {
            cluster.start(id);
        }
        return cluster;
    }

    /** Starts a broker, with what is on its disk. */
    Member start(int id) {
        return start(id, FormatLevel.newest());
    }

    /** The same of a build that reads and writes such levels. */
    Member start(int id, FormatLevel formats) {
        Member member = new Member(id, formats);
        members.put(id, member);
        return member.start();
    }

    Member broker(int id) {
        return members.get(id);
    }

    MemoryMetadataStore store() {
        return origin;
    }

    /** The process ends, and its session with it. */
    void kill(int id) {
        Member member = members.remove(id);
        member.dead = true;
        member.store.expire(false);
        run();
    }

    /** The process ends, its sockets close, and the store has not noticed yet. */
    Member killUnnoticed(int id) {
        Member member = members.remove(id);
        member.dead = true;
        member.store.crashAfterWrites(0);
        for (Member other : members.values()) {
            other.hearsOfDeath(id, member.metadata.brokerEpoch());
        }
        run();
        return member;
    }

    /** The next start finds an empty disk. */
    void wipe(int id) {
        identities.remove(id);
        disks.remove(id);
    }

    void pass(long ms) {
        for (long left = ms; left > 0; left -= TICK_MS) {
            nowMs += TICK_MS;
            members.values().forEach(member -> member.metadata.onTick(nowMs));
            run();
        }
    }

    void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Stops after so many tasks. */
    void run(int steps) {
        for (int i = 0; i < steps && !tasks.isEmpty(); i++) {
            tasks.remove().run();
        }
    }

    /** Creates a queue with that many replicas, through that broker. */
    Destination create(int through, int partitions, int replicas) {
        return broker(through).ask(reply -> broker(through)
                .metadata
                .destinations()
                .create(new NewDestination(ORDERS, partitions, replicas, Map.of()), reply));
    }

    /** The first partition of the queue as that broker sees it. */
    PartitionState seenBy(int id) {
        return broker(id).image().find(ORDERS).partitions().get(0);
    }

    /** The names of partitions that have files at a broker, whether it runs or not. */
    SortedSet<String> disk(int id) {
        return disks.getOrDefault(id, new TreeSet<>());
    }

    /** The brokers that have files. */
    List<Integer> brokersWithFiles() {
        return disks.keySet().stream()
                .sorted()
                .filter(id -> !disk(id).isEmpty())
                .toList();
    }

    int controller() {
        return members.values().iterator().next().image().controllerId();
    }

    private UUID nextId() {
        lastId++;
        return new UUID(lastId, lastId);
    }

    /** One life of a broker. Its partitions only remember. */
    final class Member implements PartitionHost {
        final MemoryMetadataStore store;
        final Metadata metadata;
        private final VersionedStore versioned;
        private final FormatLevel formats;
        /** The epoch in which each open partition leads, or -1 if it follows. */
        final SortedMap<String, Integer> leads = new TreeMap<>();

        private final int id;
        boolean dead;

        Member(int id) {
            this(id, FormatLevel.newest());
        }

        private Member(int id, FormatLevel formats) {
            this.id = id;
            this.formats = formats;
            this.store = origin.restarted(task -> tasks.add(() -> {
                if (!dead) {
                    task.run();
                }
            }));
            this.versioned = new VersionedStore(store, formats);
            BrokerConfig config =
                    BrokerConfig.of(Map.of("zookeeper.connect", "memory:1", "broker.id", Integer.toString(id)));
            BrokerIdentity identity = identities.computeIfAbsent(
                    id,
                    unknown -> new BrokerIdentity(
                            nextId(), ask(reply -> foundation().birth(nextId(), reply))));
            this.metadata = new Metadata(
                    config, identity, versioned, this, this::execute, ClusterFixture.this::nextId, formats);
            metadata.assign(new Controller(id, metadata.controllerOffice(), 2L * MemoryMetadataStore.SESSION_MS));
        }

        private Foundation foundation() {
            Foundation foundation = new Foundation(versioned, this::execute, ClusterFixture.this::nextId, formats);
            ask(foundation::lay);
            return foundation;
        }

        private void execute(Runnable task) {
            tasks.add(() -> {
                if (!dead) {
                    task.run();
                }
            });
        }

        Member start() {
            this.<Void>ask(metadata::start);
            this.<Void>ask(reply -> metadata.register(address(), reply));
            return this;
        }

        private BrokerAddress address() {
            HostPort host = new HostPort("host" + id, 9092);
            BrokerBuild build = new BrokerBuild(
                    "test", formats.formats().levels(), formats.formats().peerProtocol());
            return new BrokerAddress(id, host, new HostPort("peer" + id, 9093), null, build);
        }

        /** Another broker's socket closed, and its machine refuses another. */
        void hearsOfDeath(int dead, long epoch) {
            metadata.onPeerDead(dead, epoch);
            run();
        }

        MetadataImage image() {
            return metadata.destinations().image();
        }

        SortedSet<String> disk() {
            return disks.computeIfAbsent(id, unknown -> new TreeSet<>());
        }

        <T> T ask(Consumer<Reply<T>> call) {
            return asking(call).get();
        }

        <T> Answer<T> asking(Consumer<Reply<T>> call) {
            Answer<T> answer = new Answer<>();
            call.accept(answer);
            run();
            return answer;
        }

        <T> ErrorCode refused(Consumer<Reply<T>> call) {
            return asking(call).error();
        }

        /** Has the first partition of the queue move; back where it was, if there is no target. */
        Answer<PartitionState> move(List<Integer> target) {
            return asking(reply -> metadata.reassignments().alter(ORDERS.topicName(), 0, target, reply));
        }

        Answer<PartitionState> resign(int version) {
            return asking(
                    reply -> metadata.inSyncSets().resign(image().find(ORDERS).partitionId(0), id, version, reply));
        }

        Answer<PartitionState> changeInSync(int leaderEpoch, List<Integer> isr, int version) {
            return asking(reply -> metadata.inSyncSets()
                    .change(image().find(ORDERS).partitionId(0), leaderEpoch, isr, version, reply));
        }

        @Override
        public void onState(Destination destination, PartitionState state, Reply<Void> reply) {
            String name = destination.partitionId(state.index()).toString();
            if (!state.isOn(id)) {
                disk().remove(name);
                leads.remove(name);
                Reply.done(reply);
                return;
            }
            disk().add(name);
            leads.put(name, state.leaderId() == id ? state.leaderEpoch() : -1);
            Reply.done(reply);
        }

        @Override
        public void handOver(PartitionId id, Reply<Void> reply) {
            Reply.done(reply);
        }

        @Override
        public void onSessionLost() {
            leads.replaceAll((name, epoch) -> -1);
        }

        @Override
        public void configure(Destination destination, int index) {}

        @Override
        public void delete(PartitionId partition, Reply<Void> reply) {
            disk().remove(partition.toString());
            leads.remove(partition.toString());
            Reply.done(reply);
        }

        @Override
        public void openSubscription(
                PartitionId partition, DurableSubscription subscription, ConnectionInfo by, Reply<Void> reply) {
            Reply.done(reply);
        }

        @Override
        public void closeSubscription(
                PartitionId partition, DurableSubscription subscription, ConnectionInfo by, Reply<Void> reply) {
            Reply.done(reply);
        }
    }
}
