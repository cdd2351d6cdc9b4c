package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the broker again and again under Kafka's idempotent producers, which live on: what was acknowledged is in the log once, and each
 * producer's records are in order. {@code soak/run} gives it more kills and other seeds.
 */
class KafkaKillIT {
    private static final int KILLS = Integer.getInteger("millrace.kills", 3);
    private static final long SEED = Long.getLong("millrace.seed", 42);
    private static final int PRODUCERS = 3;
    private static final TopicPartition PARTITION = new TopicPartition("killed", 0);

    private final AtomicBoolean producing = new AtomicBoolean(true);
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    @TempDir
    private Path directory;

    @Test
    void keepsWhatWasAcknowledgedOnceAndInOrder() throws Exception {
        // Given
        Path data = directory.resolve("data");
        Random random = new Random(SEED);
        BrokerProcess broker = BrokerProcess.start(data, 0);
        int port = broker.port();
        List<Thread> producers = new ArrayList<>();
        for (int i = 0; i < PRODUCERS; i++) {
            int number = i;
            String servers = broker.address();
            producers.add(new Thread(() -> produce(servers, number), "producer-" + number));
        }
        producers.forEach(Thread::start);

        // When
        try {
            for (int i = 0; i < KILLS; i++) {
                LockSupport.parkNanos(
                        Duration.ofMillis(300 + random.nextInt(1200)).toNanos()); // a moment by chance
                broker.kill();
                broker = BrokerProcess.start(data, port);
            }
            producing.set(false);
            for (Thread producer : producers) {
                producer.join();
            }

            // Then
            List<String> read = readAll(broker.address());
            assertThat(failures).isEmpty();
            assertThat(read).doesNotHaveDuplicates().containsAll(acknowledged);
            assertThat(acknowledged).isNotEmpty();
            assertInOrder(read);
        } finally {
            producing.set(false);
            broker.close();
        }
    }

    private void produce(String servers, int number) {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers", servers,
                        "acks", "all",
                        "linger.ms", "2",
                        "reconnect.backoff.max.ms", "200",
                        "delivery.timeout.ms", "120000"),
                new StringSerializer(),
                new StringSerializer())) {
            for (int i = 0; producing.get(); i++) {
                String text = number + "/" + i;
                producer.send(new ProducerRecord<>(PARTITION.topic(), 0, null, text), (metadata, failure) -> {
                    if (failure == null) {
                        acknowledged.add(text);
                    } else {
                        failures.add(failure);
                    }
                });
                if (i % 100 == 0) {
                    producer.flush();
                }
            }
        } catch (RuntimeException e) {
            failures.add(e);
        }
    }

    private static List<String> readAll(String servers) {
        List<String> read = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", servers, "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(List.of(PARTITION));
            long end = consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
            while (consumer.position(PARTITION) < end) {
                for (ConsumerRecord<String, String> message : consumer.poll(Duration.ofMillis(100))) {
                    read.add(message.value());
                }
            }
        }
        return read;
    }

    private static void assertInOrder(List<String> texts) {
        Map<String, Integer> last = new HashMap<>();
        for (String text : texts) {
            int slash = text.indexOf('/');
            int number = Integer.parseInt(text.substring(slash + 1));
            Integer before = last.put(text.substring(0, slash), number);
            assertThat(number).as("the one before %s", text).isGreaterThan(before == null ? -1 : before);
        }
    }
}
