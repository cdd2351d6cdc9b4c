package io.millrace.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

/**
 * Idempotent Kafka producers with acks=all and a reader of one partition, which go on until they are told to stop and write what they do into a
 * {@link History}. An append that fails is one of which nobody knows. Owned by the test's thread.
 */
final class KafkaLoad implements AutoCloseable {
    private static final int APPENDS_IN_FLIGHT = 100;
    /** A broker that went silent is given up, and the leader looked for anew. */
    private static final int REQUEST_TIMEOUT_MS = 5000;

    private static final Duration POLL = Duration.ofMillis(100);

    private final String bootstrapServers;
    private final TopicPartition partition;
    private final History history;
    private Duration pace = Duration.ZERO;
    private final AtomicBoolean producing = new AtomicBoolean(true);
    private final AtomicBoolean reading = new AtomicBoolean(true);
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Throwable> surprises = new ConcurrentLinkedQueue<>();
    private final List<Thread> producers = new ArrayList<>();
    private final List<Thread> readers = new ArrayList<>();

    KafkaLoad(String bootstrapServers, String topic, History history) {
        this.bootstrapServers = bootstrapServers;
        this.partition = new TopicPartition(topic, 0);
        this.history = history;
    }

    /** Has producers that are added from now on rest for so long after each append: else a history of minutes has millions of events. */
    KafkaLoad paced(Duration rest) {
        pace = rest;
        return this;
    }

    /** Producers, from one more than there are on. */
    KafkaLoad producers(int count) {
        for (int i = 0; i < count; i++) {
            String name = "k" + producers.size();
            long restNs = pace.toNanos();
            producers.add(start(name, () -> produce(name, restNs)));
        }
        return this;
    }

    /** A reader that follows the end of the log. */
    KafkaLoad reader(String name) {
        readers.add(start(name, () -> follow(name)));
        return this;
    }

    /** Why appends failed. */
    List<Throwable> failures() {
        return List.copyOf(failures);
    }

    /** Whatever else was thrown. */
    List<Throwable> surprises() {
        return List.copyOf(surprises);
    }

    /** Has the producers stop, when what they have appended is answered. */
    void stopProducing() throws InterruptedException {
        producing.set(false);
        join(producers);
    }

    void stopReading() throws InterruptedException {
        reading.set(false);
        join(readers);
    }

    /** Reads all that is there. */
    void readAll(String name) {
        try (KafkaConsumer<String, String> consumer = consumer()) {
            History.Operation all = history.readAll(name, partition.toString(), 0);
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                poll(consumer, name);
            }
            all.ok(end);
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopProducing();
        stopReading();
    }

    private void produce(String name, long restNs) {
        Map<String, Object> settings = new HashMap<>(Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "acks",
                "all",
                "enable.idempotence",
                true,
                "linger.ms",
                2,
                "reconnect.backoff.max.ms",
                200,
                "request.timeout.ms",
                REQUEST_TIMEOUT_MS,
                "max.block.ms",
                120_000,
                "delivery.timeout.ms",
                120_000));
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; producing.get(); i++) {
                append(producer, name, name + ":" + i);
                if (restNs > 0) {
                    LockSupport.parkNanos(restNs);
                }
                if (i % APPENDS_IN_FLIGHT == 0) {
                    producer.flush();
                }
            }
        }
    }

    private void append(KafkaProducer<String, String> producer, String name, String value) {
        History.Operation appending = history.append(name, partition.toString(), value);
        producer.send(
                new ProducerRecord<>(partition.topic(), partition.partition(), null, value), (metadata, failure) -> {
                    if (failure == null) {
                        appending.ok(metadata.offset());
                    } else {
                        failures.add(failure);
                        appending.unknown();
                    }
                });
    }

    private void follow(String name) {
        try (KafkaConsumer<String, String> consumer = consumer()) {
            consumer.seekToBeginning(List.of(partition));
            while (reading.get()) {
                poll(consumer, name);
            }
        }
    }

    private void poll(KafkaConsumer<String, String> consumer, String name) {
        for (ConsumerRecord<String, String> message : consumer.poll(POLL)) {
            history.read(name, partition.toString(), message.offset(), message.value());
        }
    }

    private KafkaConsumer<String, String> consumer() {
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "auto.offset.reset",
                        "earliest",
                        "request.timeout.ms",
                        REQUEST_TIMEOUT_MS,
                        "reconnect.backoff.max.ms",
                        200),
                new StringDeserializer(),
                new StringDeserializer());
        consumer.assign(List.of(partition));
        return consumer;
    }

    private Thread start(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setUncaughtExceptionHandler((which, surprise) -> surprises.add(surprise));
        thread.start();
        return thread;
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
