package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class AsyncDurabilityTest {
    @TempDir
    private Path directory;

    /** A partition without a journal once kept its lane at the end of one turn for ever. */
    @Test
    void createsAndServesTopicsThatDoNotWaitForTheDisk() throws Exception {
        // Given
        try (EmbeddedBroker broker =
                EmbeddedBroker.builder().dataDirectory(directory).start()) {
            Map<String, Object> servers = Map.of("bootstrap.servers", broker.bootstrapServers());

            // When
            try (Admin admin = Admin.create(servers)) {
                NewTopic topic = new NewTopic("prices", 1, (short) 1).configs(Map.of("durability", "async"));
                admin.createTopics(List.of(topic)).all().get(30, TimeUnit.SECONDS);
            }
            try (KafkaProducer<String, String> producer =
                    new KafkaProducer<>(servers, new StringSerializer(), new StringSerializer())) {
                var first = producer.send(new ProducerRecord<>("prices", "one")).get(30, TimeUnit.SECONDS);
                var second =
                        producer.send(new ProducerRecord<>("prices", "two")).get(30, TimeUnit.SECONDS);

                // Then
                assertThat(first.offset()).isZero();
                assertThat(second.offset()).isEqualTo(1);
            }
        }
    }
}
