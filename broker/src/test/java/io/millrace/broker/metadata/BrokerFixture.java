package io.millrace.broker.metadata;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.delivery.ConnectionInfo;
import io.millrace.broker.partition.PartitionId;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The metadata of one broker over a store in memory and partitions that only remember: what is on "disk" is kept over
 * {@link #restart}. Everything runs in the test's thread, in {@link #run}.
 */
final class BrokerFixture implements PartitionHost {
    static final UUID CONNECTION = new UUID(1, 1);

    private final Map<String, String> settings;
    private final SortedMap<String, DiskPartition> disk;
    private final MemoryMetadataStore store;
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private long lastId;

    final Metadata metadata;
    final SortedMap<String, Integer> openEpochs = new TreeMap<>();
    ErrorCode openFailure = ErrorCode.NONE;
    ErrorCode closeFailure = ErrorCode.NONE;
    /** Partitions neither answer nor do anything any more. */
    boolean frozen;

    static BrokerFixture started(Map<String, String> settings) {
        return new BrokerFixture(settings, new TreeMap<>(), null, 0).start();
    }

    private BrokerFixture(
            Map<String, String> settings,
            SortedMap<String, DiskPartition> disk,
            MemoryMetadataStore last,
            long lastId) {
        this.settings = settings;
        this.disk = disk;
        this.store = last == null ? new MemoryMetadataStore(tasks::add) : last.restarted(tasks::add);
        this.lastId = lastId;
        this.metadata = new Metadata(BrokerConfig.of(settings), store, this, tasks::add, this::nextId);
    }

    BrokerFixture start() {
        Answer<Void> started = new Answer<>();
        metadata.start(started);
        run();
        started.get();
        return this;
    }

    /** The next life of the broker after a crash at this moment. */
    BrokerFixture restart() {
        return new BrokerFixture(settings, disk, store, lastId).start();
    }

    MemoryMetadataStore store() {
        return store;
    }

    Destinations destinations() {
        return metadata.destinations();
    }

    /** What is on disk: partitions by name, with their subscriptions. */
    SortedMap<String, DiskPartition> disk() {
        return disk;
    }

    /** Calls, runs everything, and gives what was answered. */
    <T> T ask(Consumer<Reply<T>> call) {
        Answer<T> answer = asking(call);
        run();
        return answer.get();
    }

    /** Calls, runs everything, and gives the error that was answered. */
    <T> ErrorCode refused(Consumer<Reply<T>> call) {
        Answer<T> answer = asking(call);
        run();
        return answer.error();
    }

    /** Calls without running anything. */
    <T> Answer<T> asking(Consumer<Reply<T>> call) {
        Answer<T> answer = new Answer<>();
        call.accept(answer);
        return answer;
    }

    void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    static ConnectionInfo client(String clientId) {
        return new ConnectionInfo(CONNECTION, clientId, null, "localhost", 7);
    }

    @Override
    public void handOver(PartitionId id, Reply<Void> reply) {
        Reply.done(reply);
    }

    @Override
    public void onSessionLost() {}

    @Override
    public void onState(Destination destination, PartitionState state, Reply<Void> reply) {
        if (frozen) {
            return;
        }
        if (openFailure != ErrorCode.NONE) {
            reply.fail(openFailure, "as the test wants it");
            return;
        }
        PartitionId id = destination.partitionId(state.index());
        disk.computeIfAbsent(id.toString(), name -> new DiskPartition(id.topicId(), new HashMap<>()));
        openEpochs.put(id.toString(), state.leaderEpoch());
        Reply.done(reply);
    }

    @Override
    public void configure(Destination destination, int index) {}

    @Override
    public void delete(PartitionId id, Reply<Void> reply) {
        if (frozen) {
            return;
        }
        DiskPartition partition = disk.get(id.toString());
        if (partition != null && partition.topicId().equals(id.topicId())) {
            disk.remove(id.toString());
        }
        Reply.done(reply);
    }

    @Override
    public void openSubscription(
            PartitionId id, DurableSubscription subscription, ConnectionInfo by, Reply<Void> reply) {
        if (frozen) {
            return;
        }
        disk.get(id.toString()).subscriptions().put(subscription.name(), subscription.incarnation());
        Reply.done(reply);
    }

    @Override
    public void closeSubscription(
            PartitionId id, DurableSubscription subscription, ConnectionInfo by, Reply<Void> reply) {
        if (frozen) {
            return;
        }
        if (closeFailure != ErrorCode.NONE) {
            reply.fail(closeFailure, "as the test wants it");
            return;
        }
        disk.get(id.toString()).subscriptions().remove(subscription.name());
        Reply.done(reply);
    }

    private UUID nextId() {
        lastId++;
        return new UUID(lastId, lastId);
    }

    /** What a partition leaves on disk. */
    record DiskPartition(UUID topicId, Map<String, Long> subscriptions) {}

    /** Remembers an answer. */
    static final class Answer<T> implements Reply<T> {
        private int answers;
        private T value;
        private ErrorCode error = ErrorCode.NONE;
        private String message = "";

        @Override
        public void complete(T completed) {
            answers++;
            value = completed;
        }

        @Override
        public void fail(ErrorCode failed, String why) {
            answers++;
            error = failed;
            message = why;
        }

        boolean isOpen() {
            return answers == 0;
        }

        T get() {
            if (answers != 1 || error != ErrorCode.NONE) {
                throw new AssertionError(answers + " answers, the last " + error + " " + message);
            }
            return value;
        }

        ErrorCode error() {
            if (answers != 1) {
                throw new AssertionError(answers + " answers");
            }
            return error;
        }

        String message() {
            return message;
        }
    }
}
