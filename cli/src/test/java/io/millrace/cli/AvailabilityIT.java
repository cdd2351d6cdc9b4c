package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.admin.ClusterDescription;
import io.millrace.jms.admin.MillraceAdmin;
import jakarta.jms.Connection;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Durable subscriptions, client identifiers and consumer groups go on while a majority of the ensemble and one in-sync replica of each
 * partition live: here with one broker of three and two ZooKeeper servers of three, all real processes.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
final class AvailabilityIT {
    private static final String TOPIC = "prices";
    private static final String CLIENT_ID = "accounting";
    private static final String SUBSCRIPTION = "audit";
    private static final int PARTITIONS = 2;
    private static final int A_PHASE = 40;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<Exception> surprises = new CopyOnWriteArrayList<>();
    private final List<String> received = new CopyOnWriteArrayList<>();
    private final List<String> sent = new ArrayList<>();

    @TempDir
    private Path directory;

    private ZooKeeperEnsemble ensemble;
    private ClusterOfBrokers cluster;

    @BeforeEach
    void start() throws Exception {
        ensemble = ZooKeeperEnsemble.start(directory, 3);
        cluster = new ClusterOfBrokers(
                        directory,
                        ensemble,
                        "--set",
                        "zookeeper.session.timeout.ms=2000",
                        "--set",
                        "group.initial.rebalance.delay.ms=0")
                .startAll(3);
        try (MillraceAdmin admin = cluster.admin(1)) {
            admin.createTopic(TOPIC, PARTITIONS, Map.of());
        }
        awaitAllInSync();
    }

    @AfterEach
    void stop() throws InterruptedException {
        cluster.close();
        ensemble.close();
    }

    @Test
    void subscriptionsClientIdsAndGroupsGoOnWithTheLastInSyncReplica() throws Exception {
        // Given
        Connection subscriber = subscribe();
        try (GroupMember first = member();
                GroupMember second = member()) {
            TreeSet<Integer> shared = new TreeSet<>(first.awaitAssigned(1));
            shared.addAll(second.awaitAssigned(1));
            assertThat(shared).containsExactly(0, 1);
            publish();
            awaitAllReceived(first, second);
            awaitAllInSync(); // the topic of the group's offsets too

            // When
            ensemble.kill(0);
            Map<Integer, Long> committed = first.committed();
            cluster.kill(leader(0));

            // Then
            publish();
            awaitAllReceived(first, second);
            assertClientIdIsTaken();

            // When
            cluster.kill(leader(1));

            // Then
            publish();
            awaitAllReceived(first, second);
            assertClientIdIsTaken();
            committed.forEach((partition, offset) ->
                    assertThat(first.committed().get(partition)).isGreaterThan(offset));
            openAndCloseAnotherSubscription();

            // When
            for (int id : List.of(1, 2, 3)) {
                if (!cluster.running().contains(id)) {
                    cluster.start(id);
                }
            }
            awaitAllInSync();

            // Then
            publish();
            awaitAllReceived(first, second);
            List<String> all = new ArrayList<>(first.received());
            all.addAll(second.received());
            assertThat(new TreeSet<>(all)).hasSameElementsAs(sent);
        }
        assertThat(received).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(sent);
        assertThat(surprises).isEmpty();
        subscriber.close();
        try (Connection next = connect()) {
            next.setClientID(CLIENT_ID); // is free again
            next.createSession().unsubscribe(SUBSCRIPTION);
        }
    }

    private Connection subscribe() throws JMSException {
        Connection connection = connect();
        connection.setClientID(CLIENT_ID);
        connection.setExceptionListener(surprises::add);
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = session.createDurableConsumer(session.createTopic(TOPIC), SUBSCRIPTION);
        consumer.setMessageListener(message -> {
            try {
                received.add(((TextMessage) message).getText());
            } catch (JMSException e) {
                surprises.add(e);
            }
        });
        connection.start();
        return connection;
    }

    private GroupMember member() {
        String servers = cluster.url().substring("millrace://".length());
        return new GroupMember(
                servers,
                TOPIC,
                Map.of(
                        "group.id",
                        "group",
                        "partition.assignment.strategy",
                        RangeAssignor.class.getName(),
                        "session.timeout.ms",
                        "30000"));
    }

    /** Sends to all partitions: a session keeps to one. */
    private void publish() throws JMSException {
        try (Connection connection = connect()) {
            for (int i = 0; i < A_PHASE; i++) {
                try (Session session = connection.createSession();
                        MessageProducer producer = session.createProducer(session.createTopic(TOPIC))) {
                    String text = "message " + sent.size();
                    producer.send(session.createTextMessage(text));
                    sent.add(text);
                }
            }
        }
    }

    private void awaitAllReceived(GroupMember... members) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            TreeSet<String> byGroup = new TreeSet<>();
            for (GroupMember member : members) {
                byGroup.addAll(member.received());
            }
            assertThat(byGroup).hasSameElementsAs(sent);
            assertThat(received).hasSameElementsAs(sent);
        });
    }

    private void assertClientIdIsTaken() throws JMSException {
        try (Connection other = connect()) {
            assertThatThrownBy(() -> other.setClientID(CLIENT_ID)).isInstanceOf(InvalidClientIDException.class);
        }
    }

    private void openAndCloseAnotherSubscription() throws JMSException {
        try (Connection connection = connect()) {
            connection.setClientID("another");
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            Topic topic = session.createTopic(TOPIC);
            MessageConsumer consumer = session.createDurableConsumer(topic, "short");
            connection.start();
            session.createProducer(topic).send(session.createTextMessage("for both"));
            sent.add("for both");
            assertThat(consumer.receive(PATIENCE.toMillis())).isNotNull();
            consumer.close();
            session.unsubscribe("short");
        }
    }

    private Connection connect() throws JMSException {
        return new MillraceConnectionFactory(cluster.url()).createConnection();
    }

    private int leader(int partition) throws Exception {
        int asked = cluster.running().get(0);
        await().atMost(PATIENCE)
                .until(() -> of(cluster.seenBy(asked), partition).leaderId() > 0);
        return of(cluster.seenBy(asked), partition).leaderId();
    }

    private static ClusterDescription.Partition of(ClusterDescription seen, int partition) {
        return seen.partitions().stream()
                .filter(one -> one.destination().equals(TOPIC) && one.index() == partition)
                .findFirst()
                .orElseThrow();
    }

    private void awaitAllInSync() {
        cluster.awaitAll(state -> state.brokers().size() == 3
                && state.partitions().stream().noneMatch(one -> one.isOffline() || one.isUnderReplicated()));
    }
}
