package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.GroupSubscribedToTopicException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's consumer groups on a broker in a process of its own, which is killed under them. */
@Timeout(180)
class GroupIT {
    private static final String TOPIC = "grouped";
    private static final int PARTITIONS = 4;

    @TempDir
    private Path directory;

    private BrokerProcess broker;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        broker = startBroker(0);
        admin = Admin.create(Map.of("bootstrap.servers", broker.address(), "reconnect.backoff.max.ms", "200"));
        admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                .all()
                .get();
    }

    @AfterEach
    void stop() throws Exception {
        admin.close();
        broker.close();
    }

    private BrokerProcess startBroker(int port) throws IOException {
        return BrokerProcess.start(directory.resolve("data"), port, "--set", "group.initial.rebalance.delay.ms=0");
    }

    private GroupMember member(Class<?> assignor, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("group.id", "group");
        all.put("partition.assignment.strategy", assignor.getName());
        return new GroupMember(broker.address(), TOPIC, all);
    }

    @Test
    void eagerMembersShareThePartitions() throws Exception {
        // Given
        try (GroupMember first = member(RangeAssignor.class, Map.of())) {
            first.awaitAssigned(PARTITIONS);

            // When
            try (GroupMember second = member(RangeAssignor.class, Map.of())) {
                // Then
                Set<Integer> both = new TreeSet<>(second.awaitAssigned(PARTITIONS / 2));
                both.addAll(first.awaitAssigned(PARTITIONS / 2));
                assertThat(both).containsExactly(0, 1, 2, 3);
                assertThat(first.revocations()).containsExactly(Set.of(0, 1, 2, 3));
            }
            first.awaitAssigned(PARTITIONS);
        }
    }

    @Test
    void cooperativeMembersGiveAwayOnlyWhatOthersGet() throws Exception {
        // Given
        try (GroupMember first = member(CooperativeStickyAssignor.class, Map.of())) {
            first.awaitAssigned(PARTITIONS);

            // When
            try (GroupMember second = member(CooperativeStickyAssignor.class, Map.of())) {
                // Then
                Set<Integer> given = second.awaitAssigned(PARTITIONS / 2);
                first.awaitAssigned(PARTITIONS / 2);
                assertThat(first.revocations()).containsExactly(given);
            }
            first.awaitAssigned(PARTITIONS);
        }
    }

    @Test
    void aStaticMemberComesBackUnnoticed() throws Exception {
        // Given
        try (GroupMember first = member(RangeAssignor.class, Map.of("group.instance.id", "first"))) {
            first.awaitAssigned(PARTITIONS);
            GroupMember second = member(RangeAssignor.class, Map.of("group.instance.id", "second"));
            Set<Integer> before = second.awaitAssigned(PARTITIONS / 2);
            first.awaitAssigned(PARTITIONS / 2);
            int assignments = first.assignments();
            second.close();

            // When
            try (GroupMember again = member(RangeAssignor.class, Map.of("group.instance.id", "second"))) {
                // Then
                assertThat(again.awaitAssigned(PARTITIONS / 2)).isEqualTo(before);
                assertThat(first.assignments()).isEqualTo(assignments);
            }
        }
    }

    @Test
    void membersAndWhatTheyCommittedSurviveTheBrokersDeath() throws Exception {
        // Given
        int port = broker.port();
        try (GroupMember first = member(RangeAssignor.class, Map.of("session.timeout.ms", "30000"));
                GroupMember second = member(RangeAssignor.class, Map.of("session.timeout.ms", "30000"))) {
            first.awaitAssigned(PARTITIONS / 2);
            second.awaitAssigned(PARTITIONS / 2);
            produce(0, 100);
            first.awaitReceived(1);
            second.awaitReceived(1);
            int assignments = first.assignments() + second.assignments();

            // When
            Map<Integer, Long> confirmed = new HashMap<>(first.committed());
            confirmed.putAll(second.committed());
            broker.kill();
            broker = startBroker(port);

            // Then
            Map<TopicPartition, OffsetAndMetadata> stored = committed();
            confirmed.forEach((partition, offset) -> assertThat(
                            stored.get(new TopicPartition(TOPIC, partition)).offset())
                    .isGreaterThanOrEqualTo(offset));
            produce(100, 200);
            first.awaitReceived(100);
            second.awaitReceived(100);
            assertThat(first.assignments() + second.assignments()).isEqualTo(assignments);
            Set<String> received = new TreeSet<>(first.received());
            received.addAll(second.received());
            assertThat(received).hasSize(200);
        }
        broker.kill();
        broker = startBroker(port);
        assertThat(committed().values()).extracting(OffsetAndMetadata::offset).containsOnly(50L);
    }

    @Test
    void operatorsSeeAndChangeGroups() throws Exception {
        // Given
        try (GroupMember member = member(RangeAssignor.class, Map.of("group.instance.id", "static"))) {
            member.awaitAssigned(PARTITIONS);
            produce(0, 40);
            member.awaitReceived(40);

            // When // Then
            assertThat(admin.listGroups().all().get())
                    .extracting(GroupListing::groupId)
                    .containsExactly("group");
            ConsumerGroupDescription described = describe();
            assertThat(described.groupState()).isEqualTo(GroupState.STABLE);
            assertThat(described.partitionAssignor()).isEqualTo("range");
            assertThat(described.members()).singleElement().satisfies(one -> {
                assertThat(one.assignment().topicPartitions()).hasSize(PARTITIONS);
                assertThat(one.groupInstanceId()).contains("static");
                assertThat(one.host()).isEqualTo("/127.0.0.1");
            });
            assertThatThrownBy(() ->
                            admin.deleteConsumerGroups(List.of("group")).all().get())
                    .hasCauseInstanceOf(GroupNotEmptyException.class);
            assertThatThrownBy(() -> admin.deleteConsumerGroupOffsets("group", Set.of(new TopicPartition(TOPIC, 0)))
                            .all()
                            .get())
                    .hasCauseInstanceOf(GroupSubscribedToTopicException.class);
        }
        admin.removeMembersFromConsumerGroup(
                        "group", new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("static"))))
                .all()
                .get();
        assertThat(describe().groupState()).isEqualTo(GroupState.EMPTY);
        TopicPartition first = new TopicPartition(TOPIC, 0);
        admin.alterConsumerGroupOffsets("group", Map.of(first, new OffsetAndMetadata(3)))
                .all()
                .get();
        assertThat(committed().get(first).offset()).isEqualTo(3);
        admin.deleteConsumerGroupOffsets("group", Set.of(first)).all().get();
        assertThat(committed()).hasSize(PARTITIONS - 1);
        admin.deleteConsumerGroups(List.of("group")).all().get();
        assertThat(admin.listGroups().all().get()).isEmpty();
        assertThatThrownBy(this::describe).hasCauseInstanceOf(GroupIdNotFoundException.class);
    }

    private ConsumerGroupDescription describe() throws Exception {
        return admin.describeConsumerGroups(List.of("group")).all().get().get("group");
    }

    private Map<TopicPartition, OffsetAndMetadata> committed() throws Exception {
        return admin.listConsumerGroupOffsets("group")
                .partitionsToOffsetAndMetadata()
                .get();
    }

    private void produce(int from, int to) {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.address(), "acks", "all"),
                new StringSerializer(),
                new StringSerializer())) {
            for (int i = from; i < to; i++) {
                producer.send(new ProducerRecord<>(TOPIC, i % PARTITIONS, null, "message " + i));
            }
        }
    }
}
