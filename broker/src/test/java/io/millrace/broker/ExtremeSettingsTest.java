package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigException;
import io.millrace.broker.config.ConfigKey;
import io.millrace.broker.config.DestinationConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every setting at its least and its greatest value: what is taken as valid must not end a broker, now or at its next start. */
@Timeout(120)
final class ExtremeSettingsTest {
    private static final Pattern AT_LEAST = Pattern.compile("at least (-?\\d+)");
    private static final Pattern FROM_TO = Pattern.compile("(-?\\d+) to (\\d+)");

    private static final Setting TOO_MANY_IN_SYNC = new Setting("min.insync.replicas", "32767");

    @TempDir
    private Path directory;

    /** A key and a value that it takes. */
    record Setting(String key, String value) {
        String topic() {
            return key + "." + value.replace("-", "minus");
        }
    }

    @Test
    void servesDestinationsWithEveryExtreme() throws Exception {
        List<Setting> settings = extremes(DestinationConfig.keys())
                .filter(setting -> !setting.equals(TOO_MANY_IN_SYNC))
                .toList();
        assertThat(settings).hasSizeGreaterThan(18);
        // Given
        try (EmbeddedBroker broker = started(Map.of())) {
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
                List<NewTopic> topics = settings.stream()
                        .map(setting -> new NewTopic(setting.topic(), Optional.of(1), Optional.empty())
                                .configs(Map.of(setting.key(), setting.value())))
                        .toList();
                admin.createTopics(topics).all().get();
            }
            sendToEach(broker, settings);
        }
        // When
        try (EmbeddedBroker broker = started(Map.of())) {
            // Then
            sendToEach(broker, settings);
        }
    }

    @Test
    void refusesToAskForMoreReplicasInSyncThanThereAre() {
        try (EmbeddedBroker broker = started(Map.of());
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            NewTopic topic = new NewTopic("t", Optional.of(1), Optional.empty())
                    .configs(Map.of(TOO_MANY_IN_SYNC.key(), TOO_MANY_IN_SYNC.value()));
            assertThatThrownBy(() -> admin.createTopics(List.of(topic)).all().get())
                    .hasMessageContaining("it has only 1 replicas");
        }
    }

    @ParameterizedTest
    @MethodSource("ofBrokers")
    void startsAndStopsABrokerWithEveryExtreme(Setting setting) {
        if (setting.equals(new Setting("num.partitions", "4096"))) {
            assertThatThrownBy(() -> started(Map.of(setting.key(), setting.value())))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("max.partitions.per.destination");
            return;
        }
        if (setting.equals(new Setting("default.replication.factor", "32767"))) {
            try (EmbeddedBroker broker = started(Map.of(setting.key(), setting.value()))) {
                assertThatThrownBy(() -> broker.createQueue("q")).hasMessageContaining("as many as there are brokers");
            }
            return;
        }
        int lives = setting.key().startsWith("journal") ? 2 : 1;
        for (int life = 0; life < lives; life++) {
            try (EmbeddedBroker broker = started(Map.of(setting.key(), setting.value()))) {
                broker.createQueue("q" + life);
            }
        }
    }

    static Stream<Setting> ofBrokers() {
        return extremes(BrokerConfig.keys());
    }

    private static Stream<Setting> extremes(Collection<ConfigKey<?>> keys) {
        return keys.stream().flatMap(key -> values(key).map(value -> new Setting(key.name(), value)));
    }

    private static Stream<String> values(ConfigKey<?> key) {
        if (key.type().equals("choice")) {
            return Stream.of(key.range().replace("one of ", "").split(", "));
        }
        Matcher fromTo = FROM_TO.matcher(key.range());
        if (fromTo.matches()) {
            return Stream.of(fromTo.group(1), fromTo.group(2));
        }
        Matcher atLeast = AT_LEAST.matcher(key.range());
        return atLeast.matches() ? Stream.of(atLeast.group(1), greatest(key.type())) : Stream.empty();
    }

    private static String greatest(String type) {
        return String.valueOf(type.equals("int") ? Integer.MAX_VALUE : Long.MAX_VALUE);
    }

    private static void sendToEach(EmbeddedBroker broker, List<Setting> settings) throws Exception {
        Map<String, Object> config =
                Map.of("bootstrap.servers", broker.bootstrapServers(), "linger.ms", 0, "delivery.timeout.ms", 30_000);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (Setting setting : settings) {
                for (int i = 0; i < 3; i++) {
                    send(producer, setting);
                }
            }
        }
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, Setting setting) throws Exception {
        try {
            producer.send(new ProducerRecord<>(setting.topic(), "text".getBytes(StandardCharsets.UTF_8)))
                    .get();
            assertThat(setting).isNotEqualTo(new Setting("max.message.bytes", "1"));
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(RecordTooLargeException.class);
            assertThat(setting).isEqualTo(new Setting("max.message.bytes", "1"));
        }
    }

    private EmbeddedBroker started(Map<String, String> settings) {
        EmbeddedBroker.Builder builder = EmbeddedBroker.builder().dataDirectory(directory);
        settings.forEach(builder::property);
        return builder.start();
    }
}
