package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.config.ConfigException;
import io.millrace.broker.metadata.MetadataStore;
import io.millrace.broker.metadata.StoreException;
import io.millrace.broker.metadata.StoreWrite;
import io.millrace.broker.zookeeper.EmbeddedZooKeeper;
import io.millrace.broker.zookeeper.ZooKeeperMetadataStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class EmbeddedBrokerTest {
    @TempDir
    private Path directory;

    @Test
    void servesAndKeepsWhatItWasSentOverARestart() throws Exception {
        // Given
        try (EmbeddedBroker broker = started()) {
            broker.createQueue("orders");
            send(broker, "queue.orders", "one");
        }
        // When
        try (EmbeddedBroker broker = started()) {
            send(broker, "queue.orders", "two");
            // Then
            assertThat(read(broker, "queue.orders")).containsExactly("one", "two");
        }
    }

    @Test
    void leavesOnlyATombstoneOfADeletedQueue() throws Exception {
        try (EmbeddedBroker broker = started()) {
            // Given
            broker.createQueue("orders");
            send(broker, "queue.orders", "one");
            Uuid before = topicId(broker, "queue.orders");
            // When
            broker.deleteQueue("orders");
            broker.createQueue("orders");
            // Then
            assertThat(topicId(broker, "queue.orders")).isNotEqualTo(before);
            assertThat(read(broker, "queue.orders")).isEmpty();
            assertThat(files(directory))
                    .noneMatch(file -> file.contains(java(before)) && !file.endsWith(java(before) + "-0.deleted"));
        }
    }

    @Test
    void deletesAndCreatesManyTimes() throws Exception {
        try (EmbeddedBroker broker = started()) {
            for (int i = 0; i < 5; i++) {
                broker.createTopic("prices");
                send(broker, "prices", "round " + i);
                assertThat(read(broker, "prices")).containsExactly("round " + i);
                broker.deleteTopic("prices");
            }
            assertThatThrownBy(() -> broker.deleteTopic("prices"))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("there is no topic:prices");
        }
    }

    @Test
    void knowsNothingOfAnotherInTheSameJvm() throws Exception {
        try (EmbeddedBroker first = EmbeddedBroker.builder().start();
                EmbeddedBroker second = EmbeddedBroker.builder().start()) {
            // When
            first.createQueue("orders");
            // Then
            assertThat(first.port()).isNotEqualTo(second.port());
            assertThat(topics(first)).containsExactly("queue.orders");
            assertThat(topics(second)).isEmpty();
        }
    }

    @Test
    void namesAWildcardAddressAsItWasConfigured() {
        try (EmbeddedBroker broker =
                EmbeddedBroker.builder().property("listen", "0.0.0.0:0").start()) {
            assertThat(broker.bootstrapServers()).isEqualTo("0.0.0.0:" + broker.port());
        }
    }

    @Test
    void closesTwice() {
        EmbeddedBroker broker = EmbeddedBroker.builder().start();

        broker.close();
        broker.close();

        assertThat(broker.temporaryDirectory()).doesNotExist();
    }

    @Test
    void leavesTheProcessItsHandlerOfUncaughtExceptions() {
        // Given
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.UncaughtExceptionHandler own = (thread, failure) -> {};
        Thread.setDefaultUncaughtExceptionHandler(own);
        // When
        EmbeddedBroker.builder().start().close();
        // Then
        Thread.UncaughtExceptionHandler after = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler(before);
        assertThat(after).isSameAs(own);
    }

    @Test
    void refusesADirectoryThatIsInUse() {
        try (EmbeddedBroker broker = started()) {
            assertThatThrownBy(this::started)
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining(directory.toString());
            assertThat(topics(broker)).isEmpty();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void saysWhichMetadataItCanNotRead() throws Exception {
        // Given
        try (EmbeddedBroker broker = started()) {
            broker.createQueue("orders");
        }
        damageMetadata("/millrace/topics/queue.orders");
        // When, then
        assertThatThrownBy(this::started)
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("/millrace/topics/queue.orders");
    }

    @Test
    void refusesToBeginAnewOverOldFiles() throws Exception {
        // Given
        try (EmbeddedBroker broker = started()) {
            broker.createQueue("orders");
        }
        Files.move(directory.resolve("zookeeper"), directory.resolve("lost"));
        // When, then
        assertThatThrownBy(this::started)
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("no metadata")
                .hasMessageContaining("1 partitions");
    }

    @Test
    void refusesAPortThatIsInUse() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() ->
                            EmbeddedBroker.builder().port(taken.getLocalPort()).start())
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
        }
    }

    @Test
    void refusesASettingItDoesNotKnow() {
        assertThatThrownBy(() -> EmbeddedBroker.builder().property("lane", "2").start())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("lanes");
    }

    @Test
    void leavesNoTemporaryDirectory() {
        // Given
        EmbeddedBroker broker = EmbeddedBroker.builder().start();
        assertThat(broker.temporaryDirectory()).isDirectory();
        // When
        broker.close();
        // Then
        assertThat(broker.temporaryDirectory()).doesNotExist();
    }

    @Test
    void finishesADeletionAfterARestart() throws Exception {
        // Given
        List<String> names = new ArrayList<>();
        try (EmbeddedBroker broker = started()) {
            for (int i = 0; i < 10; i++) {
                broker.createQueue("q" + i);
                names.add("queue.q" + i);
            }
        }
        // When
        try (EmbeddedBroker broker = started()) {
            broker.deleteQueue("q3");
            names.remove("queue.q3");
            // Then
            assertThat(topics(broker)).containsExactlyInAnyOrderElementsOf(names);
        }
    }

    private EmbeddedBroker started() {
        return EmbeddedBroker.builder().dataDirectory(directory).start();
    }

    private void damageMetadata(String path) throws Exception {
        try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), failure -> {});
                ZooKeeperMetadataStore store = ZooKeeperMetadataStore.connect(server, Runnable::run)) {
            CompletableFuture<Boolean> done = new CompletableFuture<>();
            store.write(List.of(new StoreWrite.Set(path, "{", -1)), new MetadataStore.Callback<>() {
                @Override
                public void onDone(List<Integer> versions) {
                    done.complete(true);
                }

                @Override
                public void onFailed(StoreException failure) {
                    done.completeExceptionally(failure);
                }
            });
            assertThat(done.get()).isTrue();
        }
    }

    private static void send(EmbeddedBroker broker, String topic, String text) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", broker.bootstrapServers(), "linger.ms", 0);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, text.getBytes(StandardCharsets.UTF_8)))
                    .get();
        }
    }

    private static List<String> read(EmbeddedBroker broker, String topic) {
        Map<String, Object> config = Map.of("bootstrap.servers", broker.bootstrapServers());
        TopicPartition partition = new TopicPartition(topic, 0);
        List<String> texts = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(Set.of(partition));
            consumer.seekToBeginning(Set.of(partition));
            long end = consumer.endOffsets(Set.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100))
                        .forEach(read -> texts.add(new String(read.value(), StandardCharsets.UTF_8)));
            }
        }
        return texts;
    }

    private static Uuid topicId(EmbeddedBroker broker, String topic) throws Exception {
        try (Admin admin = admin(broker)) {
            TopicDescription described =
                    admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
            return described.topicId();
        }
    }

    private static Set<String> topics(EmbeddedBroker broker) throws Exception {
        try (Admin admin = admin(broker)) {
            return admin.listTopics().names().get();
        }
    }

    private static Admin admin(EmbeddedBroker broker) {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    private static String java(Uuid id) {
        return new java.util.UUID(id.getMostSignificantBits(), id.getLeastSignificantBits()).toString();
    }

    private static List<String> files(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(Path::toString).toList();
        }
    }
}
