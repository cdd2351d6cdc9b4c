package io.millrace.broker.partition;

import io.millrace.broker.config.Durability;
import io.millrace.broker.delivery.ConnectionInfo;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogConfig;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.MemoryDisk;
import io.millrace.broker.log.PartitionStorage;
import io.millrace.broker.log.StorageException;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A partition on disks in memory, lanes that turn when they are told to, journals that flush when they are told to, and clients. Journal
 * frames survive everything from their flush on; the logs' files survive a kill but not a loss of power.
 *
 * <p>With several brokers the fixture is also the network between them and the metadata: it elects leaders of the in-sync set, changes that
 * when a leader asks for it, and loses links and brokers as chance wants.
 */
final class PartitionFixture {
    static final UUID TOPIC = new UUID(7, 7);

    final PartitionId id = new PartitionId(TOPIC, "queue.orders", 0);
    final List<Node> nodes = new ArrayList<>();
    final MemoryDisk disk;
    private final List<Client> clients = new ArrayList<>();

    /** Sees every delivery that reaches a consumer. */
    BiConsumer<TestConsumer, TestConsumer.Delivery> observer = (consumer, delivery) -> {};

    /** Sees every delivery that a consumer that came back has lost. */
    BiConsumer<TestConsumer, TestConsumer.Delivery> lossObserver = (consumer, delivery) -> {};

    PartitionConfig config;
    LogConfig logConfig = LogConfig.defaults();
    long nowMs = 1_000_000;
    int leaderEpoch = -1;

    /** How many bytes can be had at once of what is asked for before. */
    long roomBytes = Long.MAX_VALUE;

    @Nullable
    Throwable stopped;

    @Nullable
    StorageException refusal;

    private Node leader;
    private List<Integer> inSync = new ArrayList<>();
    private int version;
    private final Map<Integer, ReplicaLease> leases = new HashMap<>();
    private final Map<Integer, Long> answered = new HashMap<>();
    /** Brokers that the metadata takes for in sync no more, since they are about to leave. */
    final Set<Integer> draining = new HashSet<>();
    /** Whether changes of the in-sync set get lost on the way. */
    boolean loseProposals;
    /** Whether the metadata takes its time with changes of the in-sync set. */
    boolean keepProposals;
    /** Those that wait for it. */
    final List<List<Integer>> kept = new ArrayList<>();
    /** Offsets that a leader of the last in-sync set has lost for good. */
    private final Map<LogKind, Set<Long>> keptGaps =
            Map.of(LogKind.MESSAGE, new HashSet<>(), LogKind.DELIVERY, new HashSet<>());

    /** What befalls brokers and links, or null if nothing does. */
    private @Nullable Random chaos;

    private PartitionFixture(PartitionConfig config, int brokers) {
        this.config = config;
        for (int node = 0; node < brokers; node++) {
            nodes.add(new Node(this, node));
            inSync.add(node);
        }
        leader = nodes.get(0);
        disk = leader.disk;
    }

    static PartitionFixture queue() {
        return of(PartitionConfig.ofQueue());
    }

    /** A queue with durability=async. */
    static PartitionConfig answeringAtOnce() {
        return queueWith(Durability.ASYNC, PartitionConfig.ofQueue().minInSync());
    }

    /** A queue with the defaults, but for these. */
    static PartitionConfig queueWith(Durability durability, int minInSync) {
        PartitionConfig queue = PartitionConfig.ofQueue();
        return new PartitionConfig(
                queue.queue(),
                queue.timestamps(),
                durability,
                queue.maxMessageBytes(),
                queue.retentionMs(),
                queue.retentionBytes(),
                queue.reattachGraceMs(),
                queue.deliverMaxBytes(),
                queue.snapshotBytes(),
                queue.snapshotMs(),
                minInSync,
                queue.maxLagMs());
    }

    static PartitionFixture topic() {
        return of(PartitionConfig.ofTopic());
    }

    static PartitionFixture of(PartitionConfig config) {
        return of(config, 1);
    }

    static PartitionFixture of(PartitionConfig config, int brokers) {
        PartitionFixture fixture = new PartitionFixture(config, brokers);
        fixture.nodes.forEach(Node::open);
        fixture.elect();
        fixture.settleDown();
        return fixture;
    }

    /** From now on brokers other than the leader die and come back, and links break, between turns. */
    void disturb(Random random) {
        chaos = random;
    }

    Node leader() {
        return leader;
    }

    List<Integer> inSync() {
        return inSync;
    }

    Partition partition() {
        return leader.partition;
    }

    PartitionStorage storage() {
        return leader.storage;
    }

    Log messages() {
        return storage().messages();
    }

    Log deliveries() {
        return storage().deliveries();
    }

    // ---- life and death

    /** kill -9: what was written is in the page cache, what was not flushed will never be answered. */
    void kill() {
        leader.kill();
        failOver();
    }

    /** Power is lost: of the files survives what chance wants, of the journal what was flushed. */
    void losePower(Random random) {
        boolean all = random.nextInt(4) == 0;
        for (Node node : nodes) {
            if (all || node == leader) {
                node.kill();
                node.disk.crash(random);
            }
        }
        failOver();
    }

    /** The broker is stopped in an orderly way and started again. */
    void restart() {
        leader.partition.close(nowMs);
        leader.flush();
        leader.kill();
        failOver();
    }

    private void failOver() {
        stopped = null;
        clients.forEach(Client::cutOff);
        Node died = leader;
        boolean isSoonBack = chaos == null || chaos.nextBoolean();
        if (isSoonBack) {
            start(died);
        }
        for (Node node : nodes) {
            // Whoever was down may have lost what was not flushed, so it is in sync no more, unless nobody else is.
            if (inSync.size() > 1 && (node == died || !node.alive)) {
                inSync.remove((Integer) node.id);
            }
        }
        elect();
        settleDown();
    }

    /** Starts a broker that is down. */
    void start(Node node) {
        if (!node.alive) {
            node.open();
        }
    }

    /** The metadata elects: the least of the in-sync replicas that live, or all come back; the dead are not in sync any more. */
    void elect() {
        if (inSync.stream().noneMatch(id -> nodes.get(id).alive)) {
            inSync.forEach(id -> start(nodes.get(id)));
        }
        elect(inSync.stream()
                .filter(id -> nodes.get(id).alive)
                .skip(
                        chaos == null
                                ? 0
                                : chaos.nextInt((int) inSync.stream()
                                        .filter(id -> nodes.get(id).alive)
                                        .count()))
                .findFirst()
                .orElseThrow());
    }

    void elect(int newLeader) {
        inSync = new ArrayList<>(
                inSync.stream().filter(id -> nodes.get(id).alive).toList());
        leader = nodes.get(newLeader);
        noteKeptGaps();
        leaderEpoch++;
        version++;
        tellRoles();
    }

    /** A leader just recovered keeps its gaps, whatever others have there: nobody asked for that to be on disk, and power was lost everywhere. */
    private void noteKeptGaps() {
        for (LogKind kind : LogKind.values()) {
            Log log = leader.storage.log(kind);
            if (log.firstGap() >= 0) {
                long[] end = {log.logStartOffset()};
                RandomRun.forEachBatch(log, batch -> {
                    LongStream.range(end[0], batch.baseOffset()).forEach(keptGaps.get(kind)::add);
                    end[0] = batch.nextOffset();
                });
            }
        }
    }

    private void tellRoles() {
        for (Node node : nodes) {
            if (node.alive && node != leader) {
                follow(node);
            }
        }
        leader.partition.onLeader(
                new Leadership(
                        leaderEpoch,
                        leader.id,
                        IntStream.range(0, nodes.size()).boxed().toList(),
                        new InSync(inSync, version)),
                nowMs);
    }

    private void follow(Node node) {
        node.ready = false;
        node.partition.onFollow(leaderEpoch, false, nowMs);
        leases.remove(node.id);
    }

    void changeInSync(Node asks, int epoch, InSync before, List<Integer> members, Reply<InSync> reply) {
        if (draining.stream()
                .anyMatch(id -> members.contains(id) && !before.members().contains(id))) {
            reply.fail(ErrorCode.INELIGIBLE_REPLICA, "the broker is about to leave");
            return;
        }
        if (keepProposals) {
            kept.add(List.copyOf(members));
            return;
        }
        if (loseProposals) {
            reply.fail(ErrorCode.REQUEST_TIMED_OUT, "nobody knows");
            return;
        }
        boolean isRefused = asks != leader || epoch != leaderEpoch || before.version() != version;
        if (isRefused || (chaos != null && chaos.nextInt(4) == 0)) {
            reply.fail(ErrorCode.NETWORK_EXCEPTION, "lost on the way");
            return;
        }
        inSync = new ArrayList<>(members);
        version++;
        if (chaos != null && chaos.nextInt(4) == 0) {
            // It was done, and the answer is lost: the news comes later.
            reply.fail(ErrorCode.NETWORK_EXCEPTION, "lost on the way back");
        } else {
            reply.complete(new InSync(members, version));
        }
    }

    /** All logs are made durable, and a checkpoint knows it. */
    void checkpoint() {
        leader.checkpoint();
    }

    /** The files whose names end so. */
    List<String> files(String suffix) {
        return leader.disk.files().stream()
                .filter(name -> name.endsWith(suffix))
                .toList();
    }

    // ---- the network

    /** Carries what leader and followers have for each other; whether there was anything. */
    private boolean carry() {
        boolean carried = false;
        for (Node follower : nodes) {
            if (follower.alive && follower != leader && !follower.cut) {
                carried |= carry(follower);
            }
        }
        return carried;
    }

    /** What both logs of all brokers hold, for whoever looks for a fault. */
    String dump() {
        StringBuilder out =
                new StringBuilder("epoch " + leaderEpoch + ", led by " + leader.id + ", in sync " + inSync + "\n");
        out.append(leader.partition.describe()).append('\n');
        for (Node node : nodes) {
            out.append(node.id)
                    .append(node.alive ? " alive " : " dead ")
                    .append(node.cut ? "cut " : "")
                    .append(node.partition.takeReplicaPosition())
                    .append('\n');
            for (Log log : List.of(node.storage.messages(), node.storage.deliveries())) {
                out.append(node.id)
                        .append(' ')
                        .append(log.key().kind())
                        .append(" from ")
                        .append(log.logStartOffset());
                RandomRun.forEachBatch(
                        log,
                        batch -> out.append(
                                " [" + batch.baseOffset() + "," + batch.nextOffset() + ") e" + batch.leaderEpoch()));
                out.append(" to ")
                        .append(log.logEndOffset())
                        .append(' ')
                        .append(log.leaderEpochs().entries())
                        .append('\n');
            }
        }
        return out.toString();
    }

    /** In what the in-sync replicas' logs differ from the leader's; nothing if they are equal, byte for byte. */
    List<String> differences() {
        List<String> differences = new ArrayList<>();
        for (int id : inSync) {
            Node node = nodes.get(id);
            for (LogKind kind : LogKind.values()) {
                Log here = leader.storage.log(kind);
                Log there = node.storage.log(kind);
                long start = Math.max(here.logStartOffset(), there.logStartOffset());
                String expected = contents(here, start, keptGaps.get(kind));
                String found = contents(there, start, keptGaps.get(kind));
                if (!found.equals(expected)) {
                    differences.add("replica " + id + " has " + kind + " " + found + ", leader " + leader.id + " has "
                            + expected);
                }
            }
        }
        return differences;
    }

    private static String contents(Log log, long start, Set<Long> gaps) {
        StringBuilder out = new StringBuilder();
        RandomRun.forEachBatch(log, batch -> {
            if (batch.nextOffset() > start && !gaps.contains(batch.baseOffset())) {
                out.append("[" + batch.baseOffset() + "," + batch.nextOffset() + ") e" + batch.leaderEpoch() + " "
                        + Integer.toHexString(batch.bytes().hashCode()) + " ");
            }
        });
        return out.append("to ").append(log.logEndOffset()).toString();
    }

    private boolean carry(Node follower) {
        ReplicaLease lease = leases.computeIfAbsent(follower.id, id -> new ReplicaLease(() -> answered.get(id)));
        answered.put(follower.id, nowMs);
        boolean carried = follower.moved || (follower.ready && !follower.deaf);
        if (follower.moved) {
            follower.moved = false;
            ReplicaPosition position = follower.partition.takeReplicaPosition();
            if (position != null) {
                leader.partition.onReplicaPosition(follower.id, position, follower, lease, nowMs);
            }
        }
        if (follower.ready && !follower.deaf) {
            follower.ready = false;
            ReplicaData data = leader.partition.readForReplica(follower.id, follower, 300);
            if (data != null) {
                follower.take(data);
            }
        }
        return carried;
    }

    void cut(Node follower) {
        follower.cut = true;
        follower.ready = false;
        leader.partition.onReplicaLost(follower.id, follower);
    }

    /** The follower hears nothing more, but what it says gets through. */
    void deafen(Node follower) {
        follower.deaf = true;
        follower.partition.onLeaderDisconnected();
        follower.moved = true;
    }

    void heal(Node follower) {
        if (follower.cut) {
            follower.cut = false;
            follower.partition.onLeaderDisconnected();
            follower.moved = true;
        }
    }

    /** A follower that was cut, and goes on, dies while its journal knows nothing of it yet. */
    private boolean dieAfterACut() {
        Random random = chaos;
        boolean died = false;
        for (Node node : nodes) {
            if (random != null && node != leader && node.alive && node.wasCut) {
                if (random.nextInt(3) == 0) {
                    die(node, random);
                    died = true;
                }
            }
        }
        return died;
    }

    private void beUnlucky() {
        Random random = chaos;
        if (random == null || random.nextInt(8) > 0) {
            return;
        }
        Node victim = nodes.get(random.nextInt(nodes.size()));
        if (victim == leader) {
            return;
        }
        switch (random.nextInt(5)) {
            case 4 -> {
                if (victim.alive) {
                    victim.checkpoint();
                }
            }
            case 0 -> {
                if (victim.alive) {
                    cut(victim);
                }
            }
            case 1 -> heal(victim);
            case 2 -> die(victim, random);
            default -> comeBack(victim);
        }
    }

    private void die(Node victim, Random random) {
        if (!victim.alive) {
            return;
        }
        victim.kill();
        victim.cut = false;
        if (random.nextBoolean()) {
            victim.disk.crash(random);
        }
        leader.partition.onReplicaLost(victim.id, victim);
        if (random.nextBoolean()) { // the controller notices
            remove(victim);
        }
    }

    void remove(Node dead) {
        if (inSync.remove((Integer) dead.id)) {
            version++;
            leader.partition.onInSync(new InSync(inSync, version), nowMs);
        }
    }

    private void comeBack(Node node) {
        if (!node.alive) {
            start(node);
            remove(node);
            follow(node);
        }
    }

    /** Whatever was broken is mended. */
    private void mend() {
        if (nodes.size() > 1) {
            for (Node node : nodes) {
                comeBack(node);
                heal(node);
            }
            leader.partition.onInSync(new InSync(inSync, version), nowMs);
        }
    }

    // ---- the lanes

    /** Ends the lanes' turns. */
    void turn() {
        beUnlucky();
        carry();
        nodes.stream().filter(node -> node.alive).forEach(Node::turn);
    }

    /** Flushes what was handed over until now, and ends the turns. */
    void flush() {
        turn();
        nodes.stream().filter(node -> node.alive).forEach(Node::flush);
    }

    /** The journal fails. */
    void failJournal() {
        leader.failJournal();
    }

    /** Turns, flushes and ticks until nothing moves any more, at this time. */
    void settleDown() {
        mend();
        for (int i = 0; i < 1000; i++) {
            boolean moves = carry();
            if (dieAfterACut()) {
                mend();
                moves = true;
            }
            for (Node node : nodes) {
                moves |= node.flush();
            }
            for (Node node : nodes) {
                moves |= node.tick();
            }
            if (!moves && nodes.stream().allMatch(Node::isIdle)) {
                return;
            }
        }
        throw new IllegalStateException("the partition does not come to rest");
    }

    void advance(long ms) {
        long until = nowMs + ms;
        while (nextWakeMs() <= until) {
            nowMs = Math.max(nowMs, nextWakeMs());
            settleDown();
        }
        nowMs = until;
        settleDown();
    }

    private long nextWakeMs() {
        return nodes.stream()
                .filter(node -> node.alive && !node.wakes.isEmpty())
                .mapToLong(node -> node.wakes.first())
                .min()
                .orElse(Long.MAX_VALUE);
    }

    // ---- producers

    Answer<AppendResult> send(String... texts) {
        return append(Messages.of(texts), true);
    }

    Answer<AppendResult> sendNonPersistent(String... texts) {
        return append(Messages.of(texts), false);
    }

    Answer<AppendResult> append(Messages messages, boolean durable) {
        return append(new Append(messages.batch(), durable, Append.Source.SEND));
    }

    Answer<AppendResult> append(Append append) {
        Answer<AppendResult> answer = new Answer<>();
        partition().onAppend(append, answer, nowMs);
        return answer;
    }

    /** Sends that many messages, {@code m0} and on, durably, and lets them be committed. */
    void sendMany(int count) {
        for (int i = 0; i < count; i++) {
            send("m" + i);
        }
        settleDown();
    }

    // ---- consumers

    Client connect() {
        Client client = new Client(this, new UUID(1, clients.size()));
        clients.add(client);
        return client;
    }

    /** A queue's consumer on a connection of its own. */
    TestConsumer consumer(long credit) {
        return connect().consume(SubscriptionKey.QUEUE, credit);
    }

    Answer<Void> open(SubscriptionKey key, long incarnation) {
        Answer<Void> answer = new Answer<>();
        partition().onOpenSubscription(new SubscriptionSpec(key, incarnation, null, false), info(), answer, nowMs);
        return answer;
    }

    Answer<Void> close(SubscriptionKey key) {
        Answer<Void> answer = new Answer<>();
        partition().onCloseSubscription(key, info(), answer, nowMs);
        return answer;
    }

    private static ConnectionInfo info() {
        return new ConnectionInfo(new UUID(0, 1), null, "guest", "localhost", -1);
    }

    PartitionDescription.Subscription describe(SubscriptionKey key) {
        return partition().describe().subscriptions().stream()
                .filter(subscription -> subscription.key().equals(key))
                .findFirst()
                .orElseThrow();
    }
}
