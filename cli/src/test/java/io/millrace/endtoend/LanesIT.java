package io.millrace.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.admin.MillraceAdmin;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.ResourceLeakDetector;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections on other lanes than the partitions they use: sends, deliveries, fetches, closes and deletes at the same time. */
class LanesIT {
    private static final int LANES = 4;
    private static final int PARTITIONS = 6;
    private static final int PRODUCERS = 4;
    private static final int MESSAGES = 300;
    private static final int CHURNS = 6;

    private final ConcurrentLinkedQueue<String> leaks = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private ResourceLeakDetector.Level levelBefore;
    private EmbeddedBroker broker;

    @BeforeEach
    void watchForLeaks() {
        levelBefore = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        ByteBufUtil.setLeakListener((type, records) -> leaks.add(type + ": " + records));
    }

    private void startBroker(String transport) {
        broker = EmbeddedBroker.builder()
                .property("lanes", String.valueOf(LANES))
                .property("transport", transport)
                .property("auto.create.destinations", "false")
                .start();
    }

    @AfterEach
    void stopBroker() {
        threads.shutdownNow();
        broker.close();
        ByteBufUtil.setLeakListener(null);
        ResourceLeakDetector.setLevel(levelBefore);
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "nio"})
    void losesAndDoublesNothingAcrossLanes(String transport) throws Exception {
        // Given
        startBroker(transport);
        createQueue("work");
        createQueue("churned");
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicInteger received = new AtomicInteger();
        List<Future<List<String>>> consumers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            consumers.add(threads.submit(() -> consume("work", received, PRODUCERS * MESSAGES)));
        }
        Future<Integer> churns = threads.submit(() -> churn(isOver));
        Future<Map<Integer, Long>> kafka = threads.submit(() -> fetchAll("queue.work", PRODUCERS * MESSAGES));

        // When
        List<Future<?>> producers = new ArrayList<>();
        for (int i = 0; i < PRODUCERS; i++) {
            int producer = i;
            producers.add(threads.submit((Callable<Void>) () -> {
                send("work", producer);
                return null;
            }));
        }
        for (Future<?> producer : producers) {
            producer.get(60, TimeUnit.SECONDS);
        }
        List<String> all = new ArrayList<>();
        for (Future<List<String>> consumer : consumers) {
            List<String> mine = consumer.get(60, TimeUnit.SECONDS);
            assertInOrder(mine);
            all.addAll(mine);
        }
        Map<Integer, Long> fetched = kafka.get(60, TimeUnit.SECONDS);
        isOver.set(true);

        // Then
        assertThat(all).doesNotHaveDuplicates().hasSize(PRODUCERS * MESSAGES);
        assertThat(fetched.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(PRODUCERS * MESSAGES);
        assertThat(fetched).as("partitions that a producer had").hasSizeBetween(1, PRODUCERS);
        assertThat(churns.get(60, TimeUnit.SECONDS)).isPositive();
        assertThat(leaksFound()).isEmpty();
    }

    /** Sixteen at one of six partitions by chance: once in 10 to the 11. */
    @Test
    void spreadsConnectionsOfOneSessionOverPartitions() throws Exception {
        // Given
        startBroker("auto");
        createQueue("spread");
        int connections = 16;
        // When
        for (int i = 0; i < connections; i++) {
            try (Connection connection = connect();
                    Session session = connection.createSession()) {
                session.createProducer(session.createQueue("spread")).send(session.createMessage());
            }
        }
        // Then
        assertThat(fetchAll("queue.spread", connections)).hasSizeGreaterThan(1);
    }

    @Test
    void deletesWhatIsInUseOnOtherLanes() throws Exception {
        startBroker("auto");
        for (int round = 0; round < CHURNS; round++) {
            // Given
            createQueue("doomed");
            AtomicInteger received = new AtomicInteger();
            List<Future<?>> users = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                users.add(threads.submit(() -> useUntilItFails("doomed", received)));
            }
            while (received.get() < 20) {
                assertThat(users).allMatch(user -> !user.isDone());
                Thread.onSpinWait();
            }

            // When
            broker.deleteQueue("doomed");

            // Then
            for (Future<?> user : users) {
                user.get(60, TimeUnit.SECONDS); // or its last send goes to the queue that is made anew
            }
            createQueue("doomed");
            try (Connection connection = connect()) {
                assertThat(connection
                                .createSession()
                                .createConsumer(queue(connection, "doomed"))
                                .receive(1))
                        .isNull();
            }
            broker.deleteQueue("doomed");
        }
        assertThat(leaksFound()).isEmpty();
    }

    // ---- what goes on at the same time

    private void send(String name, int producer) throws JMSException {
        try (Connection connection = connect()) {
            Session session = connection.createSession();
            MessageProducer sender = session.createProducer(session.createQueue(name));
            for (int i = 0; i < MESSAGES; i++) {
                sender.send(
                        session.createTextMessage(producer + "/" + i + "/" + "x".repeat(i % 50 == 0 ? 100_000 : i)));
            }
        }
    }

    private List<String> consume(String name, AtomicInteger received, int total) throws JMSException {
        List<String> mine = new ArrayList<>();
        try (Connection connection = connect();
                Session session = connection.createSession();
                MessageConsumer consumer = session.createConsumer(session.createQueue(name))) {
            while (received.get() < total) {
                Message message = consumer.receive(20);
                if (message != null) {
                    String text = message.getBody(String.class);
                    mine.add(text.substring(0, text.lastIndexOf('/')));
                    received.incrementAndGet();
                }
            }
        }
        return mine;
    }

    /** Connects, sends, receives a little and goes, with messages in hand and requests under way. */
    private int churn(AtomicBoolean isOver) throws JMSException {
        int times = 0;
        while (!isOver.get()) {
            try (Connection connection = connect()) {
                Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
                Queue queue = session.createQueue("churned");
                MessageConsumer consumer = session.createConsumer(queue);
                MessageProducer producer = session.createProducer(queue);
                for (int i = 0; i < 10; i++) {
                    producer.send(session.createTextMessage("x".repeat(1000 * i)));
                }
                consumer.receive(1000);
            }
            times++;
        }
        return times;
    }

    /** How many records each partition had. */
    private Map<Integer, Long> fetchAll(String topic, int total) {
        Map<Integer, Long> next = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (int i = 0; i < PARTITIONS; i++) {
                partitions.add(new TopicPartition(topic, i));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            int count = 0;
            while (count < total) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    assertThat(record.offset()).isEqualTo(next.getOrDefault(record.partition(), 0L));
                    next.put(record.partition(), record.offset() + 1);
                    count++;
                }
            }
        }
        return next;
    }

    private void useUntilItFails(String name, AtomicInteger received) {
        try (Connection connection = connect();
                Session session = connection.createSession();
                MessageConsumer consumer = session.createConsumer(queue(connection, name));
                MessageProducer producer = session.createProducer(queue(connection, name))) {
            for (long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20); System.nanoTime() < until; ) {
                producer.send(session.createTextMessage("x".repeat(2000)));
                if (consumer.receive(10) != null) {
                    received.incrementAndGet();
                }
            }
            throw new AssertionError("nothing told the user of " + name + " that it was deleted");
        } catch (JMSException e) {
            // As it should be.
        }
    }

    // ---- small things

    private Connection connect() throws JMSException {
        MillraceConnectionFactory factory = new MillraceConnectionFactory(broker.uri());
        Connection connection = factory.createConnection();
        connection.start();
        return connection;
    }

    private static Queue queue(Connection connection, String name) throws JMSException {
        try (Session session = connection.createSession()) {
            return session.createQueue(name);
        }
    }

    private void createQueue(String name) throws JMSException {
        try (MillraceAdmin admin = MillraceAdmin.connect(broker.uri())) {
            admin.createQueue(name, PARTITIONS, Map.of());
        }
    }

    private static void assertInOrder(List<String> texts) {
        Map<String, List<Integer>> byProducer = new HashMap<>();
        for (String text : texts) {
            int slash = text.indexOf('/');
            byProducer
                    .computeIfAbsent(text.substring(0, slash), producer -> new ArrayList<>())
                    .add(Integer.valueOf(text.substring(slash + 1)));
        }
        byProducer.values().forEach(numbers -> assertThat(numbers).isSorted());
    }

    /** A buffer that nobody released is told of when it was collected and another one is made. */
    private List<String> leaksFound() {
        for (int i = 0; i < 3; i++) {
            System.gc();
            for (int j = 0; j < 100; j++) {
                ByteBufAllocator.DEFAULT.buffer(16).release();
            }
        }
        return Collections.list(Collections.enumeration(leaks));
    }
}
