package io.millrace.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.DestinationConfig;
import io.millrace.broker.config.TimestampType;
import io.millrace.broker.metadata.BrokerFixture.Answer;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DestinationsTest {
    private static final DestinationName ORDERS = DestinationName.queue("orders");

    private BrokerFixture broker = BrokerFixture.started(Map.of());

    @Test
    void createsADestinationWhosePartitionsAreOpen() {
        // When
        Destination created = create(new NewDestination(ORDERS, 2, 1, Map.of("retention.ms", "5")));
        // Then
        assertThat(created.topicName()).isEqualTo("queue.orders");
        assertThat(created.config().get(DestinationConfig.RETENTION_MS)).isEqualTo(5);
        assertThat(broker.openEpochs).containsOnlyKeys("queue.orders-0", "queue.orders-1");
        assertThat(image().find(ORDERS)).isEqualTo(created);
        assertThat(image().findByTopicId(created.topicId())).isEqualTo(created);
        assertThat(image().findByTopicName("queue.orders")).isEqualTo(created);
    }

    @Test
    void refusesToCreateTwice() {
        create(NewDestination.byDefault(ORDERS));
        assertThat(broker.<Destination>refused(
                        reply -> broker.destinations().create(NewDestination.byDefault(ORDERS), reply)))
                .isEqualTo(ErrorCode.DESTINATION_EXISTS);
    }

    @Test
    void createsOnceForConcurrentFirstUses() {
        // When
        Answer<Destination> first =
                broker.asking(reply -> broker.destinations().resolveOrCreate(NewDestination.byDefault(ORDERS), reply));
        Answer<Destination> second =
                broker.asking(reply -> broker.destinations().resolveOrCreate(NewDestination.byDefault(ORDERS), reply));
        broker.run();
        // Then
        assertThat(first.get()).isEqualTo(second.get());
    }

    @Test
    void createsNothingOnFirstUseWhenThatIsOff() {
        // Given
        broker = BrokerFixture.started(Map.of("auto.create.destinations", "false"));
        // When
        Answer<Destination> answer =
                broker.asking(reply -> broker.destinations().resolveOrCreate(NewDestination.byDefault(ORDERS), reply));
        broker.run();
        // Then
        assertThat(answer.error()).isEqualTo(ErrorCode.INVALID_DESTINATION);
        assertThat(answer.message()).contains("queue:orders", "auto.create.destinations");
    }

    @Test
    void validatesWithoutCreating() {
        // When
        Destination planned =
                broker.ask(reply -> broker.destinations().validate(new NewDestination(ORDERS, 3, -1, Map.of()), reply));
        // Then
        assertThat(planned.partitions()).hasSize(3);
        assertThat(image().destinations()).isEmpty();
        assertThat(broker.disk()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0, -1, INVALID_PARTITIONS",
        "1025, -1, INVALID_PARTITIONS",
        "1, 0, INVALID_REPLICATION_FACTOR",
        "1, 2, INVALID_REPLICATION_FACTOR",
    })
    void refusesWhatItCanNotHold(int partitions, int replicationFactor, ErrorCode expected) {
        assertThat(broker.<Destination>refused(reply -> broker.destinations()
                        .create(new NewDestination(ORDERS, partitions, replicationFactor, Map.of()), reply)))
                .isEqualTo(expected);
    }

    @Test
    void refusesAnUnknownSettingWithTheNearestName() {
        // When
        Answer<Destination> answer = broker.asking(reply ->
                broker.destinations().create(new NewDestination(ORDERS, 1, 1, Map.of("retention.msec", "5")), reply));
        broker.run();
        // Then
        assertThat(answer.error()).isEqualTo(ErrorCode.INVALID_CONFIG);
        assertThat(answer.message()).contains("retention.msec", "retention.ms");
    }

    @Test
    void limitsThePartitionsOfAllDestinations() {
        // Given
        broker = BrokerFixture.started(Map.of("max.partitions", "3"));
        create(new NewDestination(ORDERS, 2, 1, Map.of()));
        // When, then
        assertThat(broker.<Destination>refused(reply -> broker.destinations()
                        .create(new NewDestination(DestinationName.queue("more"), 2, 1, Map.of()), reply)))
                .isEqualTo(ErrorCode.POLICY_VIOLATION);
    }

    @Test
    void deletesNothingByTheIdOfADeletedTopic() {
        // Given
        UUID deleted = create(NewDestination.byDefault(ORDERS)).topicId();
        broker.<Void>ask(reply -> broker.destinations().delete(ORDERS, reply));
        Destination other = create(NewDestination.byDefault(ORDERS));
        // When
        ErrorCode error = broker.<Void>refused(reply -> broker.destinations().delete(ORDERS, deleted, reply));
        // Then
        assertThat(error).isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID);
        assertThat(image().find(ORDERS)).isEqualTo(other);
        broker.<Void>ask(reply -> broker.destinations().delete(ORDERS, other.topicId(), reply));
        assertThat(image().find(ORDERS)).isNull();
    }

    @Test
    void servesADestinationWhoseCreationWasDoneButNotConfirmed() {
        // Given
        createWithoutAnswer();
        // When
        Destination found = broker.ask(
                reply -> broker.destinations().resolveOrCreate(new NewDestination(ORDERS, 2, 1, Map.of()), reply));
        // Then
        assertThat(image().find(ORDERS)).isEqualTo(found);
        assertThat(broker.openEpochs).containsOnlyKeys("queue.orders-0", "queue.orders-1");
        broker = broker.restart();
        assertThat(image().find(ORDERS).topicId()).isEqualTo(found.topicId());
    }

    @Test
    void saysThatADestinationExistsWhoseCreationWasNotConfirmed() {
        // Given
        createWithoutAnswer();
        // When
        ErrorCode error = broker.<Destination>refused(
                reply -> broker.destinations().create(NewDestination.byDefault(ORDERS), reply));
        // Then
        assertThat(error).isEqualTo(ErrorCode.DESTINATION_EXISTS);
        assertThat(image().find(ORDERS)).isNotNull();
    }

    @Test
    void deletesADestinationWhoseCreationWasNotConfirmed() {
        // Given
        createWithoutAnswer();
        // When
        broker.<Void>ask(reply -> broker.destinations().delete(ORDERS, reply));
        // Then
        assertThat(broker.disk()).isEmpty();
        assertThat(broker.restart().destinations().image().destinations()).isEmpty();
    }

    @Test
    void startsWithTheDefaultOfAStoredSettingThatIsNotTaken() {
        // Given
        create(new NewDestination(ORDERS, 1, 1, Map.of("retention.ms", "5", "segment.ms", "6")));
        String path = "/millrace/topics/queue.orders";
        StoredValue stored = broker.store().values().get(path);
        String damaged = stored.text().replace("\"segment.ms\"", "\"segment.millennia\"");
        assertThat(damaged).isNotEqualTo(stored.text());
        broker.store().values().put(path, new StoredValue(path, damaged, stored.version(), 1, 1));
        // When
        broker = broker.restart();
        // Then
        DestinationConfig config = image().find(ORDERS).config();
        assertThat(config.get(DestinationConfig.RETENTION_MS)).isEqualTo(5);
        assertThat(config.get(DestinationConfig.SEGMENT_MS)).isEqualTo(604800000L);
    }

    @Test
    void takesBackWhatCouldNotBeOpened() {
        // Given
        broker.openFailure = ErrorCode.KAFKA_STORAGE_ERROR;
        // When
        ErrorCode error = broker.<Destination>refused(
                reply -> broker.destinations().create(NewDestination.byDefault(ORDERS), reply));
        // Then
        assertThat(error).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        assertThat(image().find(ORDERS)).isNull();
        broker.openFailure = ErrorCode.NONE;
        create(NewDestination.byDefault(ORDERS));
    }

    @Test
    void staysAsItWasWhenTheStoreIsFull() {
        // Given
        Destination created = create(NewDestination.byDefault(ORDERS));
        broker.store().full(true);
        // When
        ErrorCode deleted = broker.<Void>refused(reply -> broker.destinations().delete(ORDERS, reply));
        ErrorCode other = broker.<Destination>refused(
                reply -> broker.destinations().create(NewDestination.byDefault(DestinationName.queue("other")), reply));
        broker.store().full(false);
        // Then
        assertThat(deleted).isEqualTo(ErrorCode.DISK_FULL);
        assertThat(other).isEqualTo(ErrorCode.DISK_FULL);
        assertThat(image().destinations()).containsExactly(created);
        delete(ORDERS);
        assertThat(broker.disk()).isEmpty();
    }

    @Test
    void leavesNothingOfADeletedDestination() {
        // Given
        List<String> before = List.copyOf(broker.store().values().keySet());
        Destination created = create(new NewDestination(ORDERS, 3, 1, Map.of()));
        // When
        delete(ORDERS);
        // Then
        assertThat(image().find(ORDERS)).isNull();
        assertThat(broker.disk()).isEmpty();
        assertThat(broker.store().values().keySet()).containsExactlyElementsOf(before);
        assertThat(create(NewDestination.byDefault(ORDERS)).topicId()).isNotEqualTo(created.topicId());
    }

    @Test
    void refusesToDeleteWhatIsNotThere() {
        assertThat(broker.<Void>refused(reply -> broker.destinations().delete(ORDERS, reply)))
                .isEqualTo(ErrorCode.INVALID_DESTINATION);
    }

    @Test
    void createsAfterADeletionThatIsUnderWay() {
        // Given
        Destination old = create(NewDestination.byDefault(ORDERS));
        // When
        Answer<Void> deleted = broker.asking(reply -> broker.destinations().delete(ORDERS, reply));
        Answer<Destination> created =
                broker.asking(reply -> broker.destinations().create(NewDestination.byDefault(ORDERS), reply));
        broker.run();
        // Then
        deleted.get();
        assertThat(created.get().topicId()).isNotEqualTo(old.topicId());
        assertThat(broker.disk().get("queue.orders-0").topicId())
                .isEqualTo(created.get().topicId());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void finishesADeletionAfterACrash(int writesBeforeTheCrash) {
        // Given
        create(new NewDestination(ORDERS, 2, 1, Map.of()));
        create(NewDestination.byDefault(DestinationName.topic("prices")));
        broker.store().crashAfterWrites(writesBeforeTheCrash);
        broker.frozen = writesBeforeTheCrash == 1;
        // When
        broker.asking((Reply<Void> reply) -> broker.destinations().delete(ORDERS, reply));
        broker.run();
        broker = broker.restart();
        // Then
        boolean begun = writesBeforeTheCrash > 0;
        assertThat(image().find(ORDERS) == null).isEqualTo(begun);
        assertThat(broker.disk().keySet().stream().noneMatch(name -> name.startsWith("queue.orders")))
                .isEqualTo(begun);
        assertThat(broker.store().values().keySet()).noneMatch(path -> path.startsWith(MetadataCodec.DELETING + "/"));
        assertThat(image().find(DestinationName.topic("prices"))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void finishesACreationAfterACrashOrHasNotBegunIt(int writesBeforeTheCrash) {
        // Given
        broker.store().crashAfterWrites(writesBeforeTheCrash);
        broker.frozen = true;
        // When
        broker.asking(
                (Reply<Destination> reply) -> broker.destinations().create(NewDestination.byDefault(ORDERS), reply));
        broker.run();
        broker = broker.restart();
        // Then
        assertThat(image().find(ORDERS) != null).isEqualTo(writesBeforeTheCrash == 1);
        assertThat(broker.openEpochs).hasSize(writesBeforeTheCrash);
    }

    @Test
    void leadsInAHigherEpochAfterEachRestart() {
        // Given
        Destination created = create(new NewDestination(ORDERS, 2, 1, Map.of("durability", "async")));
        // When
        broker = broker.restart().restart();
        // Then
        assertThat(broker.openEpochs).containsExactly(Map.entry("queue.orders-0", 2), Map.entry("queue.orders-1", 2));
        Destination found = image().find(ORDERS);
        assertThat(found.topicId()).isEqualTo(created.topicId());
        assertThat(found.config().overrides()).containsExactly(Map.entry("durability", "async"));
        assertThat(found.partitions().get(0).leaderEpoch()).isEqualTo(2);
    }

    @Test
    void keepsItsClusterId() {
        // Given
        String clusterId = image().clusterId();
        // When
        broker = broker.restart();
        // Then
        assertThat(image().clusterId()).isEqualTo(clusterId).hasSize(22);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "queue.a", "Größe", "a/b c", ".", "..", "_x0041_", "日本", "\ud800", "a\"b\\c\u0001"})
    void keepsAnyNameOverARestart(String name) {
        // Given
        DestinationName topic = DestinationName.topic(name);
        DestinationName queue = DestinationName.queue(name);
        create(NewDestination.byDefault(topic));
        create(NewDestination.byDefault(queue));
        // When
        broker = broker.restart();
        // Then
        assertThat(image().find(topic).name()).isEqualTo(topic);
        assertThat(image().find(queue).name()).isEqualTo(queue);
    }

    @Test
    void changesSettingsAllOrNone() {
        // Given
        create(new NewDestination(ORDERS, 1, 1, Map.of("retention.ms", "5", "segment.ms", "7")));
        // When
        alter(new ConfigChange("retention.ms", null), new ConfigChange("retention.bytes", "9"));
        ErrorCode refused = broker.<Void>refused(reply -> broker.destinations()
                .alterConfigs(
                        ORDERS,
                        List.of(new ConfigChange("segment.ms", "8"), new ConfigChange("segment.bytes", "x")),
                        false,
                        reply));
        broker = broker.restart();
        // Then
        assertThat(refused).isEqualTo(ErrorCode.INVALID_CONFIG);
        assertThat(image().find(ORDERS).config().overrides())
                .containsExactly(Map.entry("retention.bytes", "9"), Map.entry("segment.ms", "7"));
    }

    @Test
    void keepsTheProducersTimeOnTopicsMadeByKafkaClients() {
        // When
        Destination made = create(NewDestination.byDefault(ORDERS).madeByKafka());
        // Then
        assertThat(made.config().get(DestinationConfig.MESSAGE_TIMESTAMP_TYPE)).isEqualTo(TimestampType.CREATE_TIME);
    }

    @Test
    void namesItsBrokerOnceThatListens() {
        // When
        for (int i = 0; i < 2; i++) {
            broker.<Void>ask(reply -> broker.metadata.register(new BrokerAddress(0, "127.0.0.1", 9092), reply));
            broker = broker.restart();
        }
        broker.<Void>ask(reply -> broker.metadata.register(new BrokerAddress(0, "127.0.0.1", 9093), reply));
        // Then
        assertThat(image().brokers().values()).extracting(BrokerAddress::port).containsExactly(9093);
        assertThat(image().controllerId()).isZero();
    }

    private MetadataImage image() {
        return broker.destinations().image();
    }

    private void createWithoutAnswer() {
        broker.store().loseAnswer();
        assertThat(broker.<Destination>refused(
                        reply -> broker.destinations().create(new NewDestination(ORDERS, 2, 1, Map.of()), reply)))
                .isEqualTo(ErrorCode.REQUEST_TIMED_OUT);
        assertThat(image().find(ORDERS)).isNull();
    }

    private Destination create(NewDestination wanted) {
        return broker.ask(reply -> broker.destinations().create(wanted, reply));
    }

    private void delete(DestinationName name) {
        broker.<Void>ask(reply -> broker.destinations().delete(name, reply));
    }

    private void alter(ConfigChange... changes) {
        broker.<Void>ask(reply -> broker.destinations().alterConfigs(ORDERS, List.of(changes), false, reply));
    }
}
