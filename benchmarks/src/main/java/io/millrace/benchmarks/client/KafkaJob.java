package io.millrace.benchmarks.client;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What the loads over kafka-clients share: a fresh topic, and clients with their defaults and acks=all. */
final class KafkaJob {
    private static final long ADMIN_TIMEOUT_S = 60;

    private final JobSpec spec;

    KafkaJob(JobSpec spec) {
        this.spec = spec;
    }

    TopicPartition partition() {
        return partition(0);
    }

    TopicPartition partition(int index) {
        return new TopicPartition(spec.get("topic"), index);
    }

    int partitions() {
        return Integer.parseInt(spec.get("partitions", "1"));
    }

    /** Creates the topic with the configuration that the job's {@code topicConfig} says, as {@code a:1,b:2}. */
    void createTopic() throws InterruptedException {
        short replicas = Short.parseShort(spec.get("replicas", "1"));
        NewTopic topic = new NewTopic(spec.get("topic"), partitions(), replicas)
                .configs(parseConfig(spec.get("topicConfig", "")));
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, spec.get("uri")))) {
            admin.createTopics(List.of(topic)).all().get(ADMIN_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new LoadFailure("could not create the topic: " + e, e);
        }
    }

    Producer<byte[], byte[]> newProducer(Map<String, Object> overrides) {
        Properties properties = new Properties();
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, spec.get("uri"));
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.putAll(overrides);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** A consumer without a group that stands at the begin of all partitions. */
    Consumer<byte[], byte[]> newConsumer() {
        Properties properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, spec.get("uri"));
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> all =
                IntStream.range(0, partitions()).mapToObj(this::partition).toList();
        consumer.assign(all);
        consumer.seekToBeginning(all);
        return consumer;
    }

    static Stamp stampOf(ConsumerRecord<byte[], byte[]> record, long expectedOffset, int sizeBytes) {
        if (record.offset() != expectedOffset) {
            throw new LoadFailure("read offset " + record.offset() + " where " + expectedOffset + " was next");
        }
        if (record.value() == null || record.value().length != sizeBytes) {
            throw new LoadFailure("read a record of another size at offset " + record.offset());
        }
        return Stamp.read(record.value());
    }

    private static Map<String, String> parseConfig(String text) {
        java.util.LinkedHashMap<String, String> config = new java.util.LinkedHashMap<>();
        for (String entry : text.split(",", -1)) {
            if (!entry.isEmpty()) {
                int colon = entry.indexOf(':');
                config.put(entry.substring(0, colon), entry.substring(colon + 1));
            }
        }
        return config;
    }
}
