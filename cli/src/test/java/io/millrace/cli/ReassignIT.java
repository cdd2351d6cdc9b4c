package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.admin.ClusterDescription;
import io.millrace.jms.admin.ClusterDescription.Partition;
import io.millrace.jms.admin.MillraceAdmin;
import io.millrace.jms.admin.Reassignment;
import io.millrace.jms.admin.ReassignmentAnswer;
import jakarta.jms.JMSContext;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.PartitionReassignment;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.NoReassignmentInProgressException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Four brokers, real processes, whose partitions move from one to another while applications go on, whoever dies meanwhile. */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
final class ReassignIT {
    private static final int MOVES = Integer.getInteger("millrace.kills", 6);
    private static final String QUEUE = "queue:orders";
    private static final String TOPIC = "topic:prices";
    private static final String SUBSCRIPTION = "prices-kept";
    private static final String GROUP = "group";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Random random = new Random(Long.getLong("millrace.seed", 7));
    private final History history = new History();

    @TempDir
    private Path directory;

    private ZooKeeperEnsemble ensemble;
    private ClusterOfBrokers cluster;

    @BeforeEach
    void start() throws Exception {
        ensemble = ZooKeeperEnsemble.start(directory, 1);
        cluster = new ClusterOfBrokers(
                        directory,
                        ensemble,
                        "--set",
                        "zookeeper.session.timeout.ms=2000",
                        "--set",
                        "group.initial.rebalance.delay.ms=0")
                .startAll(4);
    }

    @AfterEach
    void stop() throws InterruptedException {
        cluster.close();
        ensemble.close();
    }

    @Test
    void losesAndDoublesNothingWhoeverDiesDuringTheMove() throws Exception {
        // Given
        try (MillraceAdmin admin = cluster.admin(1)) {
            admin.createQueue("orders", 1, 3, Map.of("min.insync.replicas", "2"));
            admin.createTopic("prices", 2, 3, Map.of());
        }
        awaitSettled();
        try (JmsLoad load = new JmsLoad(cluster.url(), history)) {
            load.consumer("auto", QUEUE, Session.AUTO_ACKNOWLEDGE)
                    .consumer("client", QUEUE, Session.CLIENT_ACKNOWLEDGE)
                    .listener("listener", QUEUE)
                    .durable(SUBSCRIPTION, TOPIC)
                    .producers(QUEUE, 2)
                    .producers(TOPIC, 2);

            // When
            for (int i = 0; i < MOVES; i++) {
                awaitProgress();
                int adding = move(state().partitions());
                int dying =
                        switch (i % 4) {
                            case 0 -> queue().leaderId();
                            case 1 -> adding;
                            case 2 -> state().controllerId();
                            default -> 0;
                        };
                TimeUnit.MILLISECONDS.sleep(random.nextInt(50)); // a moment by chance, not a wait
                if (dying > 0) {
                    cluster.kill(dying);
                    awaitProgress();
                    cluster.start(dying);
                }
                awaitSettled();
            }
            load.stopProducing();
            await().atMost(PATIENCE).until(() -> history.isDelivered(QUEUE, SUBSCRIPTION));
            load.stopConsuming();

            // Then
            assertThat(load.surprises()).isEmpty();
            assertThat(load.failures()).isEmpty();
            assertThat(load.drain(QUEUE, Duration.ofSeconds(3))).isZero();
            assertThat(history.confirmed()).isGreaterThan(MOVES * 10);
            new HistoryChecker(history).consumersLive().check();
        }
        for (int id : cluster.running()) {
            assertThat(directories(id)).as("of broker %d", id).isEqualTo(held(id));
        }
    }

    @Test
    void aPartitionThatComesBackAtOnceIsWholeAfterAKill() throws Exception {
        // Given
        try (MillraceAdmin admin = cluster.admin(1)) {
            admin.createQueue("orders", 1, 1, Map.of());
        }
        awaitSettled();
        int home = queue().leaderId();
        int other = home % 4 + 1;
        send(200);
        // When it goes away and comes back, and the broker is killed as soon as nobody else has it
        moveTo(List.of(other));
        awaitArrived(List.of(other));
        send(200);
        moveTo(List.of(home));
        awaitArrived(List.of(home));
        cluster.kill(home);
        cluster.start(home);
        awaitSettled();
        // Then
        assertThat(received()).isEqualTo(400);
    }

    @Test
    void groupsGoOnWhileTheirOffsetsMoveAndTheirCoordinatorDies() throws Exception {
        // Given
        Map<String, Object> settings = Map.of("group.id", GROUP, "session.timeout.ms", "30000");
        int coordinator;
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic("prices", 4, (short) 3)))
                    .all()
                    .get();
            try (GroupMember first = new GroupMember(cluster.bootstrapServers(), "prices", settings);
                    GroupMember second = new GroupMember(cluster.bootstrapServers(), "prices", settings)) {
                first.awaitAssigned(2);
                second.awaitAssigned(2);
                produce(0, 100);
                first.awaitReceived(1);
                second.awaitReceived(1);
                awaitSettled();
                int assignments = first.assignments() + second.assignments();
                coordinator = coordinator(admin);
                // When
                try (OffsetWatch watch = new OffsetWatch(admin, GROUP, List.of(first, second))) {
                    String others = others(List.of(coordinator)).stream()
                            .map(String::valueOf)
                            .collect(Collectors.joining(","));
                    run("reassign", "topic:__consumer_offsets", "--brokers", others);
                    produce(100, 200);
                    cluster.kill(coordinator);
                    produce(200, 300);
                    await().atMost(PATIENCE)
                            .until(() -> Stream.of(first, second)
                                            .flatMap(member -> member.received().stream())
                                            .distinct()
                                            .count()
                                    == 300);
                    cluster.start(coordinator);
                    awaitSettled();
                    watch.awaitLooks(1);
                }

                // Then
                assertThat(first.assignments() + second.assignments()).isEqualTo(assignments);
                assertThat(coordinator(admin)).isNotEqualTo(coordinator);
            }
            assertThat(state().partitions().stream()
                            .filter(partition -> partition.destination().equals("__consumer_offsets"))
                            .flatMap(partition -> partition.replicas().stream()))
                    .isNotEmpty()
                    .doesNotContain(coordinator);
            assertThat(OffsetWatch.committed(admin, GROUP).values()).containsExactly(75L, 75L, 75L, 75L);
        }
    }

    private static int coordinator(Admin admin) throws Exception {
        return admin.describeConsumerGroups(List.of(GROUP))
                .all()
                .get()
                .get(GROUP)
                .coordinator()
                .id();
    }

    private void produce(int from, int to) {
        Map<String, Object> settings = Map.of("bootstrap.servers", cluster.bootstrapServers(), "acks", "all");
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (int i = from; i < to; i++) {
                producer.send(new ProducerRecord<>("prices", i % 4, null, "message " + i));
            }
        }
    }

    @Test
    void servesTheAdminClientOfKafka() throws Exception {
        // Given
        try (MillraceAdmin admin = cluster.admin(1)) {
            admin.createTopic("prices", 1, 2, Map.of());
        }
        awaitSettled();
        Partition before = state().partitions().get(0);
        List<Integer> target = new ArrayList<>(others(before.replicas()));
        TopicPartition partition = new TopicPartition("prices", 0);
        int absent = target.get(0);
        cluster.kill(absent); // so that it does not arrive before it is looked at
        Properties properties = new Properties();
        properties.put(
                "bootstrap.servers",
                "127.0.0.1:" + cluster.broker(before.leaderId()).port());
        try (Admin admin = Admin.create(properties)) {
            // When
            admin.alterPartitionReassignments(Map.of(partition, Optional.of(new NewPartitionReassignment(target))))
                    .all()
                    .get();
            // Then
            PartitionReassignment seen =
                    admin.listPartitionReassignments().reassignments().get().get(partition);
            assertThat(seen.replicas()).containsExactlyInAnyOrder(1, 2, 3, 4);
            assertThat(seen.addingReplicas()).containsExactlyInAnyOrderElementsOf(target);
            assertThat(seen.removingReplicas()).containsExactlyInAnyOrderElementsOf(before.replicas());
            // When it is cancelled
            admin.alterPartitionReassignments(Map.of(partition, Optional.empty()))
                    .all()
                    .get();
            // Then
            assertThat(admin.listPartitionReassignments().reassignments().get()).isEmpty();
            assertThatThrownBy(() -> admin.alterPartitionReassignments(Map.of(partition, Optional.empty()))
                            .all()
                            .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(NoReassignmentInProgressException.class);
            assertThatThrownBy(() -> admin.alterPartitionReassignments(
                                    Map.of(partition, Optional.of(new NewPartitionReassignment(List.of(1, 99)))))
                            .all()
                            .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(InvalidReplicaAssignmentException.class);
            assertThat(state().partitions().get(0).replicas()).containsExactlyInAnyOrderElementsOf(before.replicas());
        }
    }

    @Test
    void electsPreferredLeadersForTheAdminClientOfKafka() throws Exception {
        // Given
        try (MillraceAdmin admin = cluster.admin(1)) {
            admin.createTopic("prices", 1, 3, Map.of());
        }
        awaitSettled();
        int preferred = state().partitions().get(0).replicas().get(0);
        cluster.kill(preferred);
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            int leader = state().partitions().get(0).leaderId();
            return leader > 0 && leader != preferred;
        });
        cluster.start(preferred);
        awaitSettled();
        int chance = state().partitions().get(0).leaderId();
        TopicPartition partition = new TopicPartition("prices", 0);
        Properties properties = new Properties();
        properties.put(
                "bootstrap.servers", "127.0.0.1:" + cluster.broker(chance).port());
        try (Admin admin = Admin.create(properties)) {
            // When
            Map<TopicPartition, Optional<Throwable>> unclean = admin.electLeaders(
                            ElectionType.UNCLEAN, Set.of(partition))
                    .partitions()
                    .get();
            int afterUnclean = state().partitions().get(0).leaderId();
            Map<TopicPartition, Optional<Throwable>> first = admin.electLeaders(
                            ElectionType.PREFERRED, Set.of(partition))
                    .partitions()
                    .get();
            Map<TopicPartition, Optional<Throwable>> second = admin.electLeaders(
                            ElectionType.PREFERRED, Set.of(partition))
                    .partitions()
                    .get();
            Map<TopicPartition, Optional<Throwable>> all = admin.electLeaders(ElectionType.PREFERRED, null)
                    .partitions()
                    .get();

            // Then
            assertThat(unclean.get(partition)).containsInstanceOf(InvalidRequestException.class);
            assertThat(afterUnclean).isEqualTo(chance).isNotEqualTo(preferred);
            assertThat(first.get(partition)).isEmpty();
            assertThat(second.get(partition)).containsInstanceOf(ElectionNotNeededException.class);
            assertThat(all).isEmpty();
            cluster.awaitAll(seen -> seen.partitions().get(0).leaderId() == preferred);
        }
    }

    @Test
    void operatorsMoveWhatTheyNeedTo() throws Exception {
        // Given
        try (MillraceAdmin admin = cluster.admin(1)) {
            admin.createQueue("orders", 6, 3, Map.of());
        }
        awaitSettled();
        send(300);

        // The queue leaves a broker that is to be removed
        CommandRun plan = run("drain", "2", "--replicas", "--plan");
        assertThat(plan.out()).contains("queue:orders", "would move");
        assertThat(held(2)).isPositive();
        CommandRun drained = run("drain", "2", "--replicas", "--wait");
        assertThat(drained.err()).isEmpty();
        assertThat(drained.out()).contains("broker 2 holds nothing any more");
        assertThat(held(2)).isZero();
        await().atMost(PATIENCE).until(() -> directories(2) == 0);
        // Three brokers are left for three replicas: no other can go
        CommandRun refused = CommandRun.of("cluster", "drain", "3", "--replicas", "--url", url());
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("the other brokers can not hold what broker 3 holds");

        // It comes back, and takes its share
        run("undrain", "2");
        CommandRun spread = run("reassign", "--all", "--wait");
        assertThat(spread.out()).contains("partitions moved");
        for (int id = 1; id <= 4; id++) {
            assertThat(held(id)).as("held by %d", id).isBetween(4L, 5L);
        }
        assertThat(run("reassign", "--all").out()).contains("everything is where it is to be");

        // Maintenance takes leaderships only
        assertThat(run("drain", "3", "--wait").out()).contains("broker 3 leads nothing");
        assertThat(state().partitions()).noneMatch(partition -> partition.leaderId() == 3);
        assertThat(held(3)).isPositive();
        assertThat(run().out()).contains("in maintenance", "BEHIND");
        run("undrain", "3");
        assertThat(run("undrain", "3").out()).contains("broker 3 was not in maintenance");
        assertThat(refused("undrain", "77")).contains("there is no broker 77");
        assertThat(refused("reassign", "--all", "--brokers", "1,2,77"))
                .contains("[77] do not live")
                .contains("[1, 2, 3");
        assertThat(refused("reassign", "--all", "--brokers", "1,1,2")).contains("names a broker twice");

        // The number of replicas, the throttle, the state
        run("reassign", "orders", "--replicas", "2", "--wait");
        assertThat(state().partitions())
                .allMatch(partition -> partition.replicas().size() == 2);
        assertThat(run("reassign", "--throttle", "10MiB/s").out()).contains("throttle: 10.0 MiB/s");
        assertThat(run("reassign", "--status").out()).contains("0 partitions move", "throttle: 10.0 MiB/s");
        assertThat(run("reassign", "--status", "--json").out()).contains("\"throttleBytesPerSecond\":10485760");
        CommandRun usage = CommandRun.of("cluster", "reassign", "--url", url());
        assertThat(usage.exitCode()).isEqualTo(2);

        // What is refused changes nothing, and says why once
        try (MillraceAdmin admin = cluster.admin(1)) {
            admin.createQueue("payments", 3, 3, Map.of("min.insync.replicas", "2"));
        }
        awaitSettled();
        String reason = refused("reassign", "payments", "--brokers", "1", "--replicas", "1", "--throttle", "5MiB/s");
        assertThat(reason)
                .startsWith(
                        "millrace: INVALID_REPLICATION_FACTOR: 3 of 3 partitions were refused: queue:payments 0,1,2: ")
                .endsWith("; nothing was changed\n")
                .containsOnlyOnce("it would take no message");
        assertThat(run("reassign", "--status").out()).contains("throttle: 10.0 MiB/s");
        assertThat(refused("reassign", "nowhere", "--throttle", "5MiB/s"))
                .startsWith("millrace: INVALID_DESTINATION: there is no queue:nowhere");
        assertThat(run("reassign", "--status").out()).contains("throttle: 10.0 MiB/s");

        // And nothing is lost; whoever is asked shows what the leaders know
        CommandRun described = CommandRun.of("queue", "describe", "orders", "--url", url());
        assertThat(described.out()).contains("waiting 300");
        assertThat(received()).isEqualTo(300);
    }

    private CommandRun run(String... arguments) throws Exception {
        CommandRun run = cluster(arguments);
        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        return run;
    }

    private CommandRun cluster(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("cluster"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--url", url()));
        return CommandRun.of(all.toArray(new String[0]));
    }

    private String refused(String... arguments) throws Exception {
        CommandRun run = cluster(arguments);
        assertThat(run.exitCode()).as(run.out() + run.err()).isNotZero();
        return run.err();
    }

    private String url() {
        return cluster.broker(cluster.running().get(0)).url();
    }

    // ---- moving

    /** Moves each partition off the first of its replicas, or its leader, to the broker that has none; who is added to the queue. */
    private int move(List<Partition> partitions) throws Exception {
        List<Reassignment> moves = new ArrayList<>();
        int added = 0;
        for (Partition partition : partitions) {
            int absent = others(partition.replicas()).get(0);
            List<Integer> target = new ArrayList<>(partition.replicas());
            target.set(random.nextInt(target.size()), absent);
            moves.add(new Reassignment(partition.isQueue(), partition.destination(), partition.index(), target));
            added = partition.isQueue() ? absent : added;
        }
        alter(moves);
        return added;
    }

    private void moveTo(List<Integer> target) throws Exception {
        alter(List.of(new Reassignment(true, "orders", 0, target)));
    }

    private void alter(List<Reassignment> moves) throws Exception {
        try (MillraceAdmin admin = cluster.admin(cluster.running().get(0))) {
            assertThat(admin.alterReplicas(moves)).noneMatch(ReassignmentAnswer::isRefused);
        }
    }

    private void awaitArrived(List<Integer> target) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> queue().replicas().equals(target) && target.contains(queue().leaderId()));
    }

    private static List<Integer> others(List<Integer> replicas) {
        return Set.of(1, 2, 3, 4).stream()
                .filter(id -> !replicas.contains(id))
                .sorted()
                .toList();
    }

    // ---- messages

    private void send(int count) {
        try (JMSContext context = new MillraceConnectionFactory(cluster.url()).createContext()) {
            for (int i = 0; i < count; i++) {
                context.createProducer().send(context.createQueue("orders"), "message " + i);
            }
        }
    }

    private int received() {
        int count = 0;
        try (JMSContext context = new MillraceConnectionFactory(cluster.url()).createContext();
                var consumer = context.createConsumer(context.createQueue("orders"))) {
            // The first comes when a leader is elected and has waited for leases to end
            for (var next = consumer.receive(PATIENCE.toMillis()); next != null; next = consumer.receive(3000)) {
                count++;
            }
        }
        return count;
    }

    // ---- the cluster

    private ClusterDescription state() throws Exception {
        return cluster.seenBy(cluster.running().get(0));
    }

    private Partition queue() throws Exception {
        return state().partitions().stream()
                .filter(Partition::isQueue)
                .findFirst()
                .orElseThrow();
    }

    private long held(int id) throws Exception {
        return state().partitions().stream()
                .filter(partition -> partition.replicas().contains(id))
                .count();
    }

    private long directories(int id) throws IOException {
        Path partitions = directory.resolve("broker-" + id).resolve("data").resolve("partitions");
        try (var files = Files.list(partitions)) {
            List<Path> found = files.filter(Files::isDirectory).toList();
            return found.size();
        }
    }

    private void awaitProgress() {
        int before = history.confirmed();
        await().atMost(PATIENCE).until(() -> history.confirmed() > before + 20);
    }

    /** All brokers live, nothing moves, all are in sync. */
    private void awaitSettled() {
        cluster.awaitAll(state -> state.brokers().size() == 4
                && state.partitions().stream()
                        .allMatch(partition -> partition.leaderId() > 0
                                && partition.inSync().size()
                                        == partition.replicas().size()));
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            try (MillraceAdmin admin = cluster.admin(cluster.running().get(0))) {
                return admin.describeReplicas().moving().isEmpty();
            }
        });
    }
}
