package io.millrace.broker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.EmbeddedBroker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class OffsetsTopicTest {
    private static final TopicPartition COMMITTED = new TopicPartition("t", 0);
    private static final TopicPartition OFFSETS = new TopicPartition("__consumer_offsets", 0);
    private static final int COMMITS = 1000;

    @TempDir
    private Path directory;

    @Test
    void isWrittenAnewInsteadOfGrowingAndLosesNothing() throws Exception {
        // Given
        try (EmbeddedBroker broker = start()) {
            broker.createTopic("t");
            commit(broker, "early", 7, 7);

            // When
            commit(broker, "busy", 1, COMMITS);

            // Then
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
                long first = offset(admin, OffsetSpec.earliest());
                long end = offset(admin, OffsetSpec.latest());
                assertThat(first).isPositive();
                assertThat(end - first).isLessThan(COMMITS / 2);
            }
        }
        try (EmbeddedBroker broker = start()) {
            assertThat(committed(broker, "early")).isEqualTo(7);
            assertThat(committed(broker, "busy")).isEqualTo(COMMITS);
        }
    }

    private EmbeddedBroker start() {
        return EmbeddedBroker.builder()
                .dataDirectory(directory)
                .property("offsets.rewrite.bytes", "20000")
                .property("offsets.topic.num.partitions", "1")
                .start();
    }

    private static long offset(Admin admin, OffsetSpec spec) throws Exception {
        return admin.listOffsets(Map.of(OFFSETS, spec))
                .partitionResult(OFFSETS)
                .get()
                .offset();
    }

    private static void commit(EmbeddedBroker broker, String groupId, long firstOffset, long lastOffset) {
        try (KafkaConsumer<String, String> consumer = newConsumer(broker, groupId)) {
            for (long offset = firstOffset; offset <= lastOffset; offset++) {
                consumer.commitSync(Map.of(COMMITTED, new OffsetAndMetadata(offset)));
            }
        }
    }

    private static long committed(EmbeddedBroker broker, String groupId) {
        try (KafkaConsumer<String, String> consumer = newConsumer(broker, groupId)) {
            return consumer.committed(Set.of(COMMITTED)).get(COMMITTED).offset();
        }
    }

    private static KafkaConsumer<String, String> newConsumer(EmbeddedBroker broker, String groupId) {
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "group.id", groupId),
                new StringDeserializer(),
                new StringDeserializer());
        consumer.assign(List.of(COMMITTED));
        return consumer;
    }
}
