package io.millrace.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigTest {
    @Test
    void pinsEveryDestinationKeyAndItsDefault() {
        assertThat(pinned(DestinationConfig.keys()))
                .containsExactly(
                        "cleanup.policy=delete",
                        "durability=disk",
                        "index.interval.bytes=4096",
                        "max.message.bytes=104857600",
                        "message.timestamp.type=LogAppendTime",
                        "min.insync.replicas=1",
                        "retention.bytes=-1",
                        "retention.ms=604800000",
                        "segment.bytes=268435456",
                        "segment.index.bytes=10485760",
                        "segment.ms=604800000");
    }

    @Test
    void listsEveryKeyThatIsDeclared() throws IllegalAccessException {
        assertThat(BrokerConfig.keys()).containsExactlyInAnyOrderElementsOf(declared(BrokerConfig.class));
        assertThat(DestinationConfig.keys()).containsExactlyInAnyOrderElementsOf(declared(DestinationConfig.class));
    }

    @Test
    void saysWhatEveryKeyIs() {
        for (ConfigKey<?> key : BrokerConfig.keys()) {
            assertThat(key.about()).as(key.name()).endsWith(".");
            assertThat(key.name()).matches("[a-z.]+");
        }
    }

    @Test
    void namesTheNearestKeyToAnUnknownOne() {
        assertThatThrownBy(() -> BrokerConfig.of(Map.of("max.connection", "5")))
                .isInstanceOf(ConfigException.class)
                .hasMessage("there is no setting named max.connection; the nearest is max.connections");
        assertThatThrownBy(() -> BrokerConfig.of(Map.of("default.durabilty", "disk")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("the nearest is durability");
    }

    @ParameterizedTest
    @CsvSource({
        "max.connections, 0",
        "max.connections, many",
        "auto.create.destinations, yes",
        "anonymous.access, sometimes",
        "default.retention.ms, -2",
        "default.message.timestamp.type, Never",
        "broker.id, 99999999999",
        "listen, 9092",
        "advertised.listener, host",
    })
    void saysWhatAKeyTakes(String key, String value) {
        assertThatThrownBy(() -> BrokerConfig.of(Map.of(key, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(key.replace("default.", ""))
                .hasMessageContaining("takes")
                .hasMessageContaining(value);
    }

    @Test
    void setsDefaultsOfDestinations() {
        // Given
        BrokerConfig broker = BrokerConfig.of(Map.of("default.durability", "async", "default.retention.ms", "5"));
        // When
        DestinationConfig config = DestinationConfig.of(Map.of("retention.ms", "7"), broker.destinationDefaults());
        // Then
        assertThat(config.get(DestinationConfig.DURABILITY)).isEqualTo(Durability.ASYNC);
        assertThat(config.get(DestinationConfig.RETENTION_MS)).isEqualTo(7);
        assertThat(config.source(DestinationConfig.DURABILITY)).isEqualTo(DestinationConfig.Source.BROKER);
        assertThat(config.source(DestinationConfig.RETENTION_MS)).isEqualTo(DestinationConfig.Source.DESTINATION);
        assertThat(config.source(DestinationConfig.SEGMENT_MS)).isEqualTo(DestinationConfig.Source.DEFAULT);
        assertThat(config.overrides()).containsExactly(Map.entry("retention.ms", "7"));
        assertThat(config.text(DestinationConfig.DURABILITY)).isEqualTo("async");
    }

    @Test
    void leavesOutWhatIsStoredAndNotTaken() {
        // Given
        Map<String, String> stored = Map.of("retention.ms", "7", "segment.bytes", "1", "from.the.future", "x");
        List<String> leftOut = new ArrayList<>();
        // When
        DestinationConfig config = DestinationConfig.stored(stored, Map.of(), leftOut::add);
        // Then
        assertThat(config.get(DestinationConfig.RETENTION_MS)).isEqualTo(7);
        assertThat(config.get(DestinationConfig.SEGMENT_BYTES)).isEqualTo(256 * 1024 * 1024);
        assertThat(config.overrides()).containsOnlyKeys("retention.ms");
        assertThat(leftOut)
                .hasSize(2)
                .anySatisfy(why -> assertThat(why).contains("segment.bytes"))
                .anySatisfy(why -> assertThat(why).contains("from.the.future"));
    }

    @Test
    void refusesADefaultThatEveryCreateWouldFailBy() {
        assertThatThrownBy(() -> BrokerConfig.of(Map.of("num.partitions", "1025")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("1025")
                .hasMessageContaining("max.partitions.per.destination, 1024");
        assertThat(BrokerConfig.of(Map.of("num.partitions", "8", "max.partitions.per.destination", "8"))
                        .get(BrokerConfig.NUM_PARTITIONS))
                .isEqualTo(8);
    }

    @Test
    void keepsPasswordsApart() {
        // When
        BrokerConfig config = BrokerConfig.of(Map.of("user.me.password", "secret", "user.a.b.password", "other"));
        // Then
        assertThat(config.passwords()).containsOnly(Map.entry("me", "secret"), Map.entry("a.b", "other"));
        assertThatThrownBy(() -> BrokerConfig.of(Map.of("user..password", "x"))).isInstanceOf(ConfigException.class);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:9092, 127.0.0.1, 9092", "[::1]:0, ::1, 0", "host.example:65535, host.example, 65535"})
    void readsAddresses(String text, String host, int port) {
        assertThat(HostPort.parse(text)).isEqualTo(new HostPort(host, port)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "9092", ":9092", "host", "host:", "host:x", "host:65536", "host:-1", "::1:9092"})
    void refusesWhatIsNoAddress(String text) {
        assertThatThrownBy(() -> HostPort.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    private static List<String> pinned(Collection<ConfigKey<?>> keys) {
        return keys.stream().map(key -> key.name() + "=" + key.defaultText()).collect(Collectors.toList());
    }

    private static List<ConfigKey<?>> declared(Class<?> type) throws IllegalAccessException {
        List<ConfigKey<?>> keys = new java.util.ArrayList<>();
        for (Field field : Arrays.asList(type.getDeclaredFields())) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType() == ConfigKey.class) {
                keys.add((ConfigKey<?>) field.get(null));
            }
        }
        return keys;
    }
}
