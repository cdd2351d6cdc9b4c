package io.millrace.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.EmbeddedBroker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class KafkaClientsTest {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.builder()
                .property("group.initial.rebalance.delay.ms", "0")
                .start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    /** The second segment is not waited for, though the first alone has less than is asked for. */
    @Test
    void aFetchDoesNotWaitAtTheEndOfASegment() throws Exception {
        // Given
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            NewTopic topic = new NewTopic("segments", 1, (short) 1).configs(Map.of("segment.bytes", "65536"));
            admin.createTopics(List.of(topic)).all().get();
        }
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            for (int i = 0; i < 4; i++) {
                producer.send(new ProducerRecord<>("segments", 0, "k", "x".repeat(40_000)))
                        .get();
            }
        }
        Map<String, String> waits = Map.of("fetch.min.bytes", "60000", "fetch.max.wait.ms", "100000");

        // When
        try (KafkaConsumer<String, String> consumer = consumer(waits)) {
            TopicPartition partition = new TopicPartition("segments", 0);
            consumer.assign(List.of(partition));
            consumer.seek(partition, 0);

            // Then
            assertThat(consumer.poll(Duration.ofSeconds(30)).count()).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void readsWhatWasProducedWithEachCodec(String codec) throws Exception {
        // Given
        String topic = "codec-" + codec;
        List<Future<RecordMetadata>> sent = new ArrayList<>();

        // When
        try (KafkaProducer<String, String> producer =
                producer(Map.of("compression.type", codec, "linger.ms", "5", "acks", "all"))) {
            for (int i = 0; i < 1000; i++) {
                ProducerRecord<String, String> message = new ProducerRecord<>(topic, 0, "key " + i, "value " + i);
                message.headers().add(new RecordHeader("h", "x".getBytes(StandardCharsets.UTF_8)));
                sent.add(producer.send(message));
            }
        }

        // Then
        for (int i = 0; i < sent.size(); i++) {
            assertThat(sent.get(i).get().offset()).isEqualTo(i);
        }
        for (String isolation : List.of("read_uncommitted", "read_committed")) {
            List<ConsumerRecord<String, String>> read = read(topic, 1000, Map.of("isolation.level", isolation));
            assertThat(read).hasSize(1000);
            for (int i = 0; i < read.size(); i++) {
                assertThat(read.get(i).offset()).isEqualTo(i);
                assertThat(read.get(i).key()).isEqualTo("key " + i);
                assertThat(read.get(i).value()).isEqualTo("value " + i);
                assertThat(read.get(i).headers().lastHeader("h").value()).isEqualTo(new byte[] {'x'});
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "all"})
    void takesEveryKindOfAcks(String acks) throws Exception {
        // When
        try (KafkaProducer<String, String> producer =
                producer(Map.of("acks", acks, "enable.idempotence", String.valueOf(acks.equals("all"))))) {
            for (int i = 0; i < 100; i++) {
                producer.send(new ProducerRecord<>("acks-" + acks, 0, null, "m" + i))
                        .get();
            }
        }

        // Then
        assertThat(read("acks-" + acks, 100, Map.of()))
                .extracting(ConsumerRecord::value)
                .contains("m0", "m99");
    }

    @Test
    void seeksByOffsetAndTime() throws Exception {
        // Given
        produce("seek", 500);
        TopicPartition partition = new TopicPartition("seek", 0);
        try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
            consumer.assign(List.of(partition));

            // When
            consumer.seek(partition, 123);

            // Then
            assertThat(consumer.poll(Duration.ofSeconds(20)).iterator().next().offset())
                    .isEqualTo(123);
            assertThat(consumer.beginningOffsets(List.of(partition))).containsEntry(partition, 0L);
            assertThat(consumer.endOffsets(List.of(partition))).containsEntry(partition, 500L);
            OffsetAndTimestamp first =
                    consumer.offsetsForTimes(Map.of(partition, 0L)).get(partition);
            assertThat(first.offset()).isZero();
            assertThat(consumer.offsetsForTimes(Map.of(partition, Long.MAX_VALUE)))
                    .containsEntry(partition, null);
        }
    }

    @Test
    void wakesAConsumerThatWaits() throws Exception {
        // Given
        produce("wait", 1);
        TopicPartition partition = new TopicPartition("wait", 0);
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("fetch.max.wait.ms", "5000"))) {
            consumer.assign(List.of(partition));
            assertThat(consumer.poll(Duration.ofSeconds(20))).hasSize(1);
            consumer.poll(Duration.ofMillis(1)); // sends a fetch, which parks

            // When
            long sentAt = System.nanoTime();
            produce("wait", 1);

            // Then
            assertThat(consumer.poll(Duration.ofSeconds(20))).hasSize(1);
            assertThat(Duration.ofNanos(System.nanoTime() - sentAt)).isLessThan(Duration.ofSeconds(4));
        }
    }

    @Test
    void createsDescribesAltersAndDeletesTopics() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            // When
            admin.createTopics(List.of(new NewTopic("admin", 3, (short) 1).configs(Map.of("retention.ms", "1000"))))
                    .all()
                    .get();

            // Then
            TopicDescription described =
                    admin.describeTopics(List.of("admin")).allTopicNames().get().get("admin");
            assertThat(described.partitions()).hasSize(3);
            assertThat(described.partitions().get(0).leader().id()).isZero();
            assertThat(admin.listTopics().names().get()).contains("admin");
            assertThat(admin.describeCluster().nodes().get()).hasSize(1);
            assertThat(admin.describeCluster().clusterId().get()).isNotEmpty();
            assertThatThrownBy(() -> admin.createTopics(List.of(new NewTopic("admin", 1, (short) 1)))
                            .all()
                            .get())
                    .hasCauseInstanceOf(TopicExistsException.class);

            // When
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, "admin");
            assertThat(config(admin, resource, "retention.ms")).isEqualTo("1000");
            Collection<AlterConfigOp> change =
                    List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "2000"), AlterConfigOp.OpType.SET));
            admin.incrementalAlterConfigs(Map.of(resource, change)).all().get();

            // Then
            assertThat(config(admin, resource, "retention.ms")).isEqualTo("2000");

            // When
            admin.deleteTopics(List.of("admin")).all().get();

            // Then
            assertThat(admin.listTopics().names().get()).doesNotContain("admin");
            assertThatThrownBy(() -> admin.deleteTopics(List.of("admin")).all().get())
                    .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
        }
    }

    @Test
    void listsOffsetsForAnAdministrator() throws Exception {
        // Given
        produce("offsets", 10);
        TopicPartition partition = new TopicPartition("offsets", 0);

        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            // When // Then
            assertThat(offset(admin, partition, OffsetSpec.earliest())).isZero();
            assertThat(offset(admin, partition, OffsetSpec.latest())).isEqualTo(10);
            assertThat(offset(admin, partition, OffsetSpec.maxTimestamp())).isBetween(0L, 9L);
            assertThat(offset(admin, partition, OffsetSpec.earliestLocal())).isZero();
            assertThat(offset(admin, partition, OffsetSpec.latestTiered())).isEqualTo(-1);
        }
    }

    @Test
    void refusesWhatComesLaterAtOnce() {
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("group.id", "g", "group.protocol", "consumer"))) {
            consumer.subscribe(Set.of("groups"));
            assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(20))).isInstanceOf(KafkaException.class);
        }
        try (KafkaProducer<String, String> producer = producer(Map.of("transactional.id", "t"))) {
            assertThatThrownBy(producer::initTransactions).isInstanceOf(KafkaException.class);
        }
    }

    static List<ConsumerRecord<String, String>> read(String topic, int count, Map<String, String> settings) {
        List<ConsumerRecord<String, String>> read = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = consumer(settings)) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            while (read.size() < count) {
                consumer.poll(Duration.ofSeconds(20)).forEach(read::add);
            }
        }
        return read;
    }

    @Test
    void goesOnWhereItHasCommittedWithoutJoining() throws Exception {
        // Given
        produce("assigned", 20);
        TopicPartition partition = new TopicPartition("assigned", 0);
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("group.id", "assigned"))) {
            consumer.assign(List.of(partition));
            assertThat(consumer.committed(Set.of(partition)).get(partition)).isNull();
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(7, "seven")));
        }

        // When
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("group.id", "assigned"))) {
            consumer.assign(List.of(partition));

            // Then
            assertThat(consumer.committed(Set.of(partition)).get(partition))
                    .isEqualTo(new OffsetAndMetadata(7, "seven"));
            assertThat(consumer.poll(Duration.ofSeconds(20)).iterator().next().offset())
                    .isEqualTo(7);
        }
    }

    @Test
    void goesOnWhereItsGroupHasCommitted() throws Exception {
        // Given
        produce("subscribed", 20);
        Map<String, String> settings = Map.of("group.id", "subscribed", "max.poll.records", "5");
        try (KafkaConsumer<String, String> consumer = consumer(settings)) {
            consumer.subscribe(List.of("subscribed"));
            assertThat(consumer.poll(Duration.ofSeconds(20))).hasSize(5);
            consumer.commitSync();
        }

        // When
        try (KafkaConsumer<String, String> consumer = consumer(settings)) {
            consumer.subscribe(List.of("subscribed"));

            // Then
            assertThat(consumer.poll(Duration.ofSeconds(20)).iterator().next().offset())
                    .isEqualTo(5);
        }
    }

    @Test
    void keepsTheTopicOfOffsetsToItself() throws Exception {
        // Given
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("group.id", "internal"))) {
            assertThat(consumer.committed(Set.of(new TopicPartition("any", 0)))).hasSize(1);
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
                KafkaProducer<String, String> producer = producer(Map.of())) {
            String topic = "__consumer_offsets";

            // When // Then
            assertThat(admin.listTopics().names().get()).doesNotContain(topic);
            assertThat(admin.describeTopics(List.of(topic))
                            .allTopicNames()
                            .get()
                            .get(topic)
                            .isInternal())
                    .isTrue();
            assertThatThrownBy(() ->
                            producer.send(new ProducerRecord<>(topic, "k", "v")).get())
                    .hasCauseInstanceOf(InvalidTopicException.class);
            assertThatThrownBy(() -> admin.deleteTopics(List.of(topic)).all().get())
                    .hasCauseInstanceOf(PolicyViolationException.class);
        }
    }

    private static void produce(String topic, int count) throws Exception {
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, 0, null, "m" + i)).get();
            }
        }
    }

    private static long offset(Admin admin, TopicPartition partition, OffsetSpec spec) throws Exception {
        return admin.listOffsets(Map.of(partition, spec))
                .partitionResult(partition)
                .get()
                .offset();
    }

    private static String config(Admin admin, ConfigResource resource, String key) throws Exception {
        return admin.describeConfigs(List.of(resource))
                .all()
                .get()
                .get(resource)
                .get(key)
                .value();
    }

    private static KafkaProducer<String, String> producer(Map<String, String> settings) {
        return new KafkaProducer<>(with(settings), new StringSerializer(), new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer(Map<String, String> settings) {
        return new KafkaConsumer<>(with(settings), new StringDeserializer(), new StringDeserializer());
    }

    private static Map<String, Object> with(Map<String, String> settings) {
        Map<String, Object> all = new java.util.HashMap<>(settings);
        all.put("bootstrap.servers", broker.bootstrapServers());
        all.putIfAbsent("auto.offset.reset", "earliest");
        return all;
    }
}
