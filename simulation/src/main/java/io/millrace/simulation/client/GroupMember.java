package io.millrace.simulation.client;

import io.millrace.simulation.check.GroupHistory;
import io.millrace.simulation.check.GroupHistory.Commit;
import io.millrace.simulation.check.GroupHistory.Look;
import io.millrace.simulation.check.GroupHistory.Who;
import io.millrace.simulation.check.ViolationError;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A process with one member of a group of Kafka's classic protocol: joins, asks what it owns, reads that from where the group has committed, commits
 * what is processed, and joins again when the group rebalances or does not know it any more. It gives all up before it joins again.
 *
 * <pre>
 *   JOINING --generation--> SYNCING --assignment--> READING --rebalance, fenced generation, unknown member--> JOINING
 * </pre>
 */
public final class GroupMember implements GroupReader.Member {
    /**
     * How it works.
     *
     * @param topic what the group reads
     * @param instanceId of a static member, or null
     * @param heartbeatNs the time between two heartbeats
     * @param waits how likely it waits for a commit before it reads on
     * @param processing how long the application takes, each time
     * @param isCoordinator whether a host's broker coordinates the group, as the metadata store has it
     */
    public record Manner(
            String topic,
            @Nullable String instanceId,
            int sessionMs,
            int rebalanceMs,
            long heartbeatNs,
            double waits,
            LongSupplier processing,
            Predicate<String> isCoordinator) {}

    private static final String COORDINATOR = "coordinator";
    private static final long AGAIN_NS = 50 * Kernel.MILLI;
    private static final long LONGEST_LOOK_NS = 2 * Kernel.SECOND;

    private final ClientProcess.World world;
    private final Kernel kernel;
    private final String name;
    private final Manner manner;
    private final GroupHistory judged;
    private final Consumer<String> ended;
    private final Chance chance;
    private final Life life = new Life();
    private final KafkaWire wire;
    private final CoordinatorFinder finder;
    private final KafkaTopic topic;
    private final GroupReader reader;
    private final GroupRequests requests;
    private String memberId = "";
    private int generation = -1;
    private Set<Integer> owned = Set.of();
    /** Counts the times that it joined: what belongs to an earlier time is passed over. */
    private int round;

    private boolean reading;
    private long askedToJoinNs;

    /** @param ended told, once, why the process is no more */
    public GroupMember(
            ClientProcess.World world, String name, Manner manner, GroupHistory judged, Consumer<String> ended) {
        this.world = world;
        this.kernel = world.kernel();
        this.name = name;
        this.manner = manner;
        this.judged = judged;
        this.ended = ended;
        this.chance = kernel.chance(name);
        this.wire = new KafkaWire(world, life, name);
        this.topic = new KafkaTopic(manner.topic(), wire, this, chance.split());
        this.finder = new CoordinatorFinder(judged.group(), wire, this, chance.split());
        this.reader = new GroupReader(topic, wire, this, judged, chance.split());
        this.requests = new GroupRequests(judged.group(), manner);
    }

    public String name() {
        return name;
    }

    /** Begins. */
    public void start() {
        topic.ask();
        join();
        heartbeatLater();
        lookLater();
    }

    public boolean isOver() {
        return life.hasEnded();
    }

    /** The generation in which it reads; below 0 if it does not. */
    public int readingGeneration() {
        return reading && !life.hasEnded() ? generation : -1;
    }

    /** What it owns. */
    public Set<Integer> owned() {
        return owned;
    }

    /** How many partitions there are of what the group reads, as far as it knows. */
    public int partitionCount() {
        return topic.partitionCount();
    }

    /** Lets the process do nothing for a while, and go on where it was. */
    public void pause(long forNs) {
        if (!life.isPaused(kernel.nowNs())) {
            kernel.note(name, "pauses");
            life.pauseUntil(kernel.nowNs() + forNs);
        }
    }

    /** Dies on the spot. */
    public void die(boolean noticed) {
        if (!life.hasEnded()) {
            kernel.note(name, noticed ? "dies" : "dies unnoticed");
            life.end();
            wire.die(noticed);
            ended.accept("died");
        }
    }

    /** Commits, leaves the group if it is no static member, and ends. */
    public void close() {
        after(0, "leaves", this::leave);
    }

    private void leave() {
        commit(reader.positions(), () -> {
            String host = finder.coordinator();
            if (manner.instanceId() != null || host == null) {
                end("closed");
                return;
            }
            Runnable over = () -> end("closed");
            wire.call(
                    host,
                    COORDINATOR,
                    new KafkaCall<>(
                            requests.leave(memberId),
                            GroupRequests.LEAVE_VERSION,
                            new LeaveGroupResponseData(),
                            KafkaWire.ANSWER_NS,
                            answer -> over.run(),
                            over));
        });
    }

    private void end(String why) {
        if (!life.hasEnded()) {
            kernel.note(name, "ends: " + why);
            life.end();
            wire.close();
            ended.accept(why);
        }
    }

    // ---- calls

    @Override
    public String anyHost() {
        return chance.oneOf(world.brokers().addresses()).host();
    }

    @Override
    public void after(long delayNs, String what, Runnable action) {
        kernel.after(delayNs, life, name, what, action);
    }

    private void again(int begun, Runnable action) {
        after(chance.skewed(AGAIN_NS / 10, AGAIN_NS * 4), "tries again", () -> {
            if (round == begun) {
                action.run();
            }
        });
    }

    /** Calls the coordinator in this round, as soon as it is known, and once more if it does not answer. */
    private <T extends ApiMessage> void call(
            ApiMessage request, int version, T answer, long timeoutNs, Consumer<T> done, Runnable redo) {
        int begun = round;
        String host = finder.coordinator();
        if (host == null) {
            again(begun, redo);
            return;
        }
        wire.call(
                host,
                COORDINATOR,
                new KafkaCall<>(
                        request,
                        version,
                        answer,
                        timeoutNs,
                        filled -> {
                            if (round == begun) {
                                done.accept(filled);
                            }
                        },
                        () -> {
                            finder.lose(host);
                            if (round == begun) {
                                again(begun, redo);
                            }
                        }));
    }

    /**
     * Does what a coordinator's error asks for.
     *
     * @param redo what to do when only the coordinator was the wrong one, or is not ready
     */
    private void onError(Errors error, Runnable redo) {
        kernel.note(name, "is told " + error);
        switch (error) {
            case NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE -> {
                String host = finder.coordinator();
                if (host != null) {
                    finder.lose(host);
                }
                again(round, redo);
            }
            case COORDINATOR_LOAD_IN_PROGRESS -> again(round, redo);
            case REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION -> join();
            case UNKNOWN_MEMBER_ID -> {
                memberId = "";
                join();
            }
            case FENCED_INSTANCE_ID -> end("fenced");
            default -> throw new ViolationError(name + " does not know what to do about " + error);
        }
    }

    // ---- joining

    private void join() {
        round++;
        reading = false;
        owned = Set.of();
        reader.stop();
        joinNow();
    }

    private void joinNow() {
        askedToJoinNs = kernel.nowNs();
        long timeoutNs = (manner.rebalanceMs() + 5_000) * Kernel.MILLI;
        call(
                requests.join(memberId),
                GroupRequests.JOIN_VERSION,
                new JoinGroupResponseData(),
                timeoutNs,
                this::onJoined,
                this::joinNow);
    }

    private void onJoined(JoinGroupResponseData answer) {
        Errors error = Errors.forCode(answer.errorCode());
        switch (error) {
            case NONE -> {
                memberId = answer.memberId();
                generation = answer.generationId();
                kernel.note(name, "is " + memberId + " of generation", generation);
                boolean assigns = answer.leader().equals(memberId) && !answer.skipAssignment();
                sync(assigns ? answer.members() : List.of());
            }
            case MEMBER_ID_REQUIRED -> {
                memberId = answer.memberId();
                joinNow();
            }
            case REBALANCE_IN_PROGRESS -> again(round, this::joinNow);
            default -> onError(error, this::joinNow);
        }
    }

    /** @param members to whom it assigns */
    private void sync(List<JoinGroupResponseData.JoinGroupResponseMember> members) {
        Runnable redo = () -> sync(members);
        if (topic.partitionCount() == 0) {
            topic.ask();
            again(round, redo);
            return;
        }
        int shift = members.isEmpty() ? 0 : chance.below(members.size());
        call(
                requests.sync(memberId, generation, members, topic.partitionCount(), shift),
                GroupRequests.SYNC_VERSION,
                new SyncGroupResponseData(),
                KafkaWire.ANSWER_NS * 2,
                this::onSynced,
                this::join);
    }

    private void onSynced(SyncGroupResponseData answer) {
        Errors error = Errors.forCode(answer.errorCode());
        if (error != Errors.NONE) {
            onError(error, this::join);
            return;
        }
        owned = requests.assigned(answer.assignment());
        kernel.note(name, "owns " + owned + " in generation", generation);
        judged.onAssigned(who(), owned, askedToJoinNs);
        findPositions();
    }

    private Who who() {
        return new Who(memberId, manner.instanceId(), generation);
    }

    private void findPositions() {
        Look look = judged.onLook();
        String host = finder.coordinator();
        boolean isCoordinator = host != null && manner.isCoordinator().test(host);
        call(
                requests.fetchOffsets(owned),
                GroupRequests.FETCH_OFFSETS_VERSION,
                new OffsetFetchResponseData(),
                KafkaWire.ANSWER_NS,
                answer -> {
                    OffsetFetchResponseGroup group = answer.groups().get(0);
                    Errors error = Errors.forCode(group.errorCode());
                    if (error != Errors.NONE) {
                        onError(error, this::findPositions);
                        return;
                    }
                    Map<Integer, Long> positions = judge(group, look, isCoordinator, host);
                    reading = true;
                    reader.start(positions, owned);
                },
                this::findPositions);
    }

    /** Answers where to read on. */
    private Map<Integer, Long> judge(
            OffsetFetchResponseGroup group, Look look, boolean wasCoordinator, @Nullable String host) {
        boolean isCoordinator =
                wasCoordinator && host != null && manner.isCoordinator().test(host);
        Map<Integer, Long> positions = new TreeMap<>();
        group.topics().forEach(each -> {
            for (OffsetFetchResponsePartitions partition : each.partitions()) {
                long offset = partition.committedOffset();
                judged.onFetched(look, partition.partitionIndex(), offset, partition.metadata(), isCoordinator);
                if (offset >= 0) {
                    positions.put(partition.partitionIndex(), offset);
                }
            }
        });
        return positions;
    }

    // ---- between two generations

    private void heartbeatLater() {
        after(manner.heartbeatNs() / 2 + chance.skewed(0, manner.heartbeatNs()), "heartbeat", () -> {
            if (reading) {
                heartbeat();
            } else {
                heartbeatLater();
            }
        });
    }

    private void heartbeat() {
        String host = finder.coordinator();
        int begun = round;
        if (host == null) {
            heartbeatLater();
            return;
        }
        wire.call(
                host,
                COORDINATOR,
                new KafkaCall<>(
                        requests.heartbeat(memberId, generation),
                        GroupRequests.HEARTBEAT_VERSION,
                        new HeartbeatResponseData(),
                        KafkaWire.ANSWER_NS,
                        answer -> {
                            heartbeatLater();
                            if (round == begun) {
                                onHeartbeat(Errors.forCode(answer.errorCode()));
                            }
                        },
                        () -> {
                            finder.lose(host);
                            heartbeatLater();
                        }));
    }

    private void onHeartbeat(Errors error) {
        switch (error) {
            case NONE -> {}
            case REBALANCE_IN_PROGRESS -> {
                // What is processed is committed before it is given up, unless the application is in a hurry.
                Map<Integer, Long> positions = chance.chance(0.3) ? Map.of() : reader.positions();
                int begun = round;
                reader.stop();
                commit(positions, () -> {
                    if (round == begun) {
                        join();
                    }
                });
            }
            default -> onError(error, () -> {});
        }
    }

    // ---- offsets

    @Override
    public long processingNs() {
        return manner.processing().getAsLong();
    }

    @Override
    public void onProcessed(int partition, long position, Runnable goOn) {
        if (chance.chance(manner.waits())) {
            commit(Map.of(partition, position), goOn);
            return;
        }
        if (chance.chance(0.5)) {
            commit(Map.of(partition, position), () -> {});
        }
        goOn.run();
    }

    /** Commits once, and goes on whatever comes of it; what is lost is read again. */
    private void commit(Map<Integer, Long> positions, Runnable then) {
        String host = finder.coordinator();
        if (positions.isEmpty() || host == null) {
            after(0, "does not commit", then);
            return;
        }
        List<Commit> commits = new ArrayList<>();
        new TreeMap<>(positions).forEach((partition, offset) -> commits.add(judged.onCommit(who(), partition, offset)));
        int begun = round;
        wire.call(
                host,
                COORDINATOR,
                new KafkaCall<>(
                        requests.commit(memberId, generation, commits),
                        GroupRequests.COMMIT_VERSION,
                        new OffsetCommitResponseData(),
                        KafkaWire.ANSWER_NS,
                        answer -> {
                            Errors error = onCommitted(answer, commits);
                            if (error != Errors.NONE && round == begun) {
                                onError(error, () -> {});
                            }
                            then.run();
                        },
                        () -> {
                            finder.lose(host);
                            then.run();
                        }));
    }

    private static boolean isRefusal(Errors error) {
        return switch (error) {
            case ILLEGAL_GENERATION,
                    UNKNOWN_MEMBER_ID,
                    FENCED_INSTANCE_ID,
                    REBALANCE_IN_PROGRESS,
                    COORDINATOR_LOAD_IN_PROGRESS -> true;
            default -> false;
        };
    }

    /** Answers what went wrong, if anything did. */
    private Errors onCommitted(OffsetCommitResponseData answer, List<Commit> commits) {
        Errors[] failure = {Errors.NONE};
        answer.topics().forEach(each -> each.partitions().forEach(partition -> {
            Errors error = Errors.forCode(partition.errorCode());
            for (Commit commit : commits) {
                if (commit.partition() == partition.partitionIndex()) {
                    onResult(commit, error);
                }
            }
            failure[0] = error == Errors.NONE ? failure[0] : error;
        }));
        return failure[0];
    }

    private void onResult(Commit commit, Errors error) {
        kernel.note(name, "commits " + commit + ": " + error);
        if (error == Errors.NONE) {
            judged.onCommitted(commit);
        } else if (isRefusal(error)) {
            judged.onRefused(commit);
        }
    }

    /** Looks now and then at what is committed, as an operator does. */
    private void lookLater() {
        after(chance.skewed(LONGEST_LOOK_NS / 50, LONGEST_LOOK_NS), "looks", () -> {
            String host = finder.coordinator();
            if (host == null || topic.partitionCount() == 0) {
                lookLater();
                return;
            }
            Look look = judged.onLook();
            boolean isCoordinator = manner.isCoordinator().test(host);
            Set<Integer> all = new TreeSet<>();
            for (int i = 0; i < topic.partitionCount(); i++) {
                all.add(i);
            }
            wire.call(
                    host,
                    "look",
                    new KafkaCall<>(
                            requests.fetchOffsets(all),
                            GroupRequests.FETCH_OFFSETS_VERSION,
                            new OffsetFetchResponseData(),
                            KafkaWire.ANSWER_NS,
                            answer -> {
                                lookLater();
                                OffsetFetchResponseGroup group = answer.groups().get(0);
                                if (group.errorCode() == Errors.NONE.code()) {
                                    judge(group, look, isCoordinator, host);
                                }
                            },
                            this::lookLater));
        });
    }
}
