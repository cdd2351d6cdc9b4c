package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More than a small broker can hold at once: it slows its clients down, and neither ends nor loses a message. */
class LoadIT {
    private static final int PRODUCERS = 16;
    private static final int QUEUES = 8;
    private static final long BYTES_EACH = 10_000_000;
    private static final int LARGE_BYTES = 40_000_000;
    private static final long TIMEOUT_S = 120;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    /** Confirmed messages, by queue. */
    private final AtomicIntegerArray sent = new AtomicIntegerArray(QUEUES);

    @TempDir
    private Path directory;

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @Test
    void holdsNoMoreThanItCanWithManyProducersAndSlowConsumers() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start(directory.resolve("data"), 0)) {
            // Given
            List<Connection> idle = new ArrayList<>();
            for (int i = 0; i < QUEUES; i++) {
                idle.add(attachAndTakeNothing(broker, i));
            }

            // When
            List<Future<?>> producers = new ArrayList<>();
            for (int i = 0; i < PRODUCERS; i++) {
                int number = i;
                producers.add(threads.submit((Callable<Void>) () -> produce(broker, number)));
            }
            Future<Integer> large = threads.submit(() -> sendAndReceiveLarge(broker));
            for (Future<?> producer : producers) {
                producer.get(TIMEOUT_S, TimeUnit.SECONDS);
            }

            // Then
            assertThat(large.get(TIMEOUT_S, TimeUnit.SECONDS)).isEqualTo(LARGE_BYTES);
            assertThat(countWithKafka(broker))
                    .isEqualTo(IntStream.range(0, QUEUES).map(sent::get).sum());
            for (Connection connection : idle) {
                connection.close();
            }
            for (int i = 0; i < QUEUES; i++) {
                receiveAll(broker, i, sent.get(i));
            }
        }
    }

    private static Connection connect(BrokerProcess broker) throws JMSException {
        Connection connection = new MillraceConnectionFactory(broker.url()).createConnection();
        connection.start();
        return connection;
    }

    private static Connection attachAndTakeNothing(BrokerProcess broker, int queue) throws JMSException {
        Connection connection = connect(broker);
        Session session = connection.createSession();
        session.createConsumer(session.createQueue("q" + queue));
        return connection;
    }

    private Void produce(BrokerProcess broker, int number) throws JMSException {
        try (Connection connection = connect(broker);
                Session session = connection.createSession();
                MessageProducer producer = session.createProducer(session.createQueue("q" + number % QUEUES))) {
            Random random = new Random(number);
            byte[] body = new byte[1 << 20];
            random.nextBytes(body);
            for (long bytes = 0; bytes < BYTES_EACH; ) {
                int size = 1024 << random.nextInt(11);
                BytesMessage message = session.createBytesMessage();
                message.writeBytes(body, 0, size);
                producer.send(message, new Counting(number % QUEUES));
                bytes += size;
            }
        }
        return null;
    }

    private static int sendAndReceiveLarge(BrokerProcess broker) throws JMSException {
        try (Connection connection = connect(broker);
                Session session = connection.createSession();
                MessageProducer producer = session.createProducer(session.createQueue("large"));
                MessageConsumer consumer = session.createConsumer(session.createQueue("large"))) {
            BytesMessage message = session.createBytesMessage();
            message.writeBytes(new byte[LARGE_BYTES]);
            producer.send(message);
            return (int) ((BytesMessage) consumer.receive(TimeUnit.SECONDS.toMillis(TIMEOUT_S))).getBodyLength();
        }
    }

    private long countWithKafka(BrokerProcess broker) {
        long count = 0;
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.address(), "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (int i = 0; i < QUEUES; i++) {
                partitions.add(new TopicPartition("queue.q" + i, 0));
            }
            consumer.assign(partitions);
            long end = consumer.endOffsets(partitions).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            while (count < end) {
                count += consumer.poll(Duration.ofMillis(100)).count();
            }
        }
        return count;
    }

    private static void receiveAll(BrokerProcess broker, int queue, int count) throws JMSException {
        try (Connection connection = connect(broker);
                Session session = connection.createSession();
                MessageConsumer consumer = session.createConsumer(session.createQueue("q" + queue))) {
            for (int i = 0; i < count; i++) {
                assertThat(consumer.receive(TimeUnit.SECONDS.toMillis(TIMEOUT_S)))
                        .as("message %d of %d of queue %d", i, count, queue)
                        .isNotNull();
            }
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    private final class Counting implements CompletionListener {
        private final int queue;

        Counting(int queue) {
            this.queue = queue;
        }

        @Override
        public void onCompletion(Message message) {
            sent.incrementAndGet(queue);
        }

        @Override
        public void onException(Message message, Exception exception) {
            // Then the counts differ.
            exception.printStackTrace();
        }
    }
}
