package io.millrace.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SubscriptionRegistryTest {
    private BrokerFixture broker = BrokerFixture.started(Map.of());
    private Destination prices;
    private Destination news;

    @BeforeEach
    void createTopics() {
        prices = create("prices", 2);
        news = create("news", 1);
    }

    @Test
    void opensASubscriptionInEveryPartition() {
        // When
        DurableSubscription opened = open(prices, null);
        // Then
        assertThat(held("prices-0", "prices-1")).containsOnly(opened.incarnation());
        assertThat(held("news-0")).containsOnlyNulls();
    }

    @Test
    void findsASubscriptionAgain() {
        // Given
        DurableSubscription opened = open(prices, "a = 1");
        // When
        broker = broker.restart();
        // Then
        assertThat(open(prices, "a = 1")).isEqualTo(opened);
    }

    @Test
    void opensAnewWhenTheSelectorChanged() {
        // Given
        DurableSubscription old = open(prices, null);
        // When
        DurableSubscription changed = open(prices, "a = 1");
        // Then
        assertThat(changed.incarnation()).isNotEqualTo(old.incarnation());
        assertThat(held("prices-0", "prices-1")).containsOnly(changed.incarnation());
    }

    @Test
    void movesToAnotherTopic() {
        // Given
        open(prices, null);
        // When
        DurableSubscription moved = open(news, null);
        // Then
        assertThat(held("prices-0", "prices-1")).containsOnlyNulls();
        assertThat(held("news-0")).containsOnly(moved.incarnation());
    }

    @Test
    void refusesAChangeWhileItIsInUse() {
        // Given
        DurableSubscription old = open(prices, null);
        broker.closeFailure = ErrorCode.SUBSCRIPTION_IN_USE;
        // When
        ErrorCode changed = broker.<DurableSubscription>refused(
                reply -> registry().open(BrokerFixture.client("app"), "s", prices.topicId(), "a = 1", false, reply));
        ErrorCode unsubscribed =
                broker.<Void>refused(reply -> registry().unsubscribe(BrokerFixture.client("app"), "s", reply));
        // Then
        assertThat(changed).isEqualTo(ErrorCode.SUBSCRIPTION_IN_USE);
        assertThat(unsubscribed).isEqualTo(ErrorCode.SUBSCRIPTION_IN_USE);
        assertThat(open(prices, null)).isEqualTo(old);
    }

    @Test
    void unsubscribes() {
        // Given
        open(prices, null);
        // When
        broker.<Void>ask(reply -> registry().unsubscribe(BrokerFixture.client("app"), "s", reply));
        // Then
        assertThat(held("prices-0", "prices-1")).containsOnlyNulls();
        assertThat(broker.<Void>refused(reply -> registry().unsubscribe(BrokerFixture.client("app"), "s", reply)))
                .isEqualTo(ErrorCode.UNKNOWN_SUBSCRIPTION);
    }

    @Test
    void knowsClientsApart() {
        // Given
        open(prices, null);
        // When, then
        assertThat(broker.<Void>refused(reply -> registry().unsubscribe(BrokerFixture.client("other"), "s", reply)))
                .isEqualTo(ErrorCode.UNKNOWN_SUBSCRIPTION);
        assertThat(MetadataCodec.subscriptionPath("a.b", "c")).isNotEqualTo(MetadataCodec.subscriptionPath("a", "b.c"));
        assertThat(MetadataCodec.subscriptionPath("ä/", "..")).matches("/millrace/subscriptions/[A-Za-z0-9%.]+");
    }

    @Test
    void needsAClientIdentifier() {
        assertThat(broker.<DurableSubscription>refused(reply ->
                        registry().open(BrokerFixture.client(null), "s", prices.topicId(), null, false, reply)))
                .isEqualTo(ErrorCode.INVALID_CLIENT_ID);
    }

    @Test
    void refusesWhatZooKeeperCouldNotHold() {
        assertThat(broker.<DurableSubscription>refused(reply -> registry()
                        .open(BrokerFixture.client("app"), "s", prices.topicId(), "x".repeat(2_000_000), false, reply)))
                .isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @Test
    void staysAsItWasWhenTheStoreIsFull() {
        // Given
        DurableSubscription opened = open(prices, null);
        broker.store().full(true);
        // When
        ErrorCode unsubscribed =
                broker.<Void>refused(reply -> registry().unsubscribe(BrokerFixture.client("app"), "s", reply));
        ErrorCode another = broker.<DurableSubscription>refused(
                reply -> registry().open(BrokerFixture.client("app"), "t", prices.topicId(), null, false, reply));
        broker.store().full(false);
        // Then
        assertThat(unsubscribed).isEqualTo(ErrorCode.DISK_FULL);
        assertThat(another).isEqualTo(ErrorCode.DISK_FULL);
        assertThat(open(prices, null)).isEqualTo(opened);
        assertThat(held("prices-0", "prices-1")).containsOnly(opened.incarnation());
    }

    @Test
    void goesWithItsTopic() {
        // Given
        open(prices, null);
        // When
        broker.<Void>ask(reply -> broker.destinations().delete(DestinationName.topic("prices"), reply));
        // Then
        assertThat(broker.store().values().keySet()).noneMatch(path -> path.startsWith("/millrace/subscriptions/"));
        broker = broker.restart();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void finishesAnOpeningAfterACrash(int writesBeforeTheCrash) {
        // Given
        broker.store().crashAfterWrites(writesBeforeTheCrash);
        broker.frozen = true;
        // When
        broker.asking((Reply<DurableSubscription> reply) ->
                registry().open(BrokerFixture.client("app"), "s", prices.topicId(), null, false, reply));
        broker.run();
        broker = broker.restart();
        // Then
        if (writesBeforeTheCrash == 1) {
            assertThat(held("prices-0", "prices-1")).doesNotContainNull();
            assertThat(phases()).isEqualTo("active");
        } else {
            assertThat(held("prices-0", "prices-1")).containsOnlyNulls();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void finishesAClosingAfterACrash(int writesBeforeTheCrash) {
        // Given
        open(prices, null);
        broker.store().crashAfterWrites(writesBeforeTheCrash);
        broker.frozen = writesBeforeTheCrash == 1;
        // When
        broker.asking((Reply<Void> reply) -> registry().unsubscribe(BrokerFixture.client("app"), "s", reply));
        broker.run();
        broker = broker.restart();
        // Then
        assertThat(held("prices-0", "prices-1")).containsOnlyNulls();
        assertThat(broker.<Void>refused(reply -> registry().unsubscribe(BrokerFixture.client("app"), "s", reply)))
                .isEqualTo(ErrorCode.UNKNOWN_SUBSCRIPTION);
    }

    private SubscriptionRegistry registry() {
        return broker.metadata.subscriptions();
    }

    private Destination create(String topic, int partitions) {
        NewDestination wanted = new NewDestination(DestinationName.topic(topic), partitions, 1, Map.of());
        return broker.ask(reply -> broker.destinations().create(wanted, reply));
    }

    private DurableSubscription open(Destination topic, String selector) {
        return broker.ask(
                reply -> registry().open(BrokerFixture.client("app"), "s", topic.topicId(), selector, false, reply));
    }

    /** The incarnation of "s" in each partition, or null. */
    private List<Long> held(String... partitions) {
        return Arrays.stream(partitions)
                .map(partition -> broker.disk().get(partition).subscriptions().get("s"))
                .toList();
    }

    private String phases() {
        return broker.store().values().values().stream()
                .filter(value -> value.path().startsWith("/millrace/subscriptions/"))
                .map(value -> MetadataCodec.readPhase(value).word())
                .collect(Collectors.joining(","));
    }
}
