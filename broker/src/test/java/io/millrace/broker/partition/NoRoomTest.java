package io.millrace.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.protocol.ErrorCode;
import org.junit.jupiter.api.Test;

/** Dispatch while there is no memory for a large message. */
final class NoRoomTest {
    private static final String LARGE = "x".repeat(700 * 1024);

    private final PartitionFixture broker = PartitionFixture.queue();

    @Test
    void deliversALargeMessageInItsPlaceWhenThereIsRoom() {
        // Given
        broker.send("a");
        broker.send(LARGE);
        broker.send("c");
        broker.settleDown();
        broker.partition().onMemoryShort();
        broker.roomBytes = LARGE.length();

        // When
        TestConsumer consumer = broker.consumer(10);
        broker.settleDown();

        // Then
        assertThat(consumer.texts()).containsExactly("a");

        // When
        broker.roomBytes = 3L * LARGE.length();
        broker.advance(100);

        // Then
        assertThat(consumer.texts()).containsExactly("a", LARGE, "c");
        assertThat(consumer.received).allMatch(delivery -> delivery.count() == 1);
        assertThat(broker.stopped).isNull();
    }

    @Test
    void keepsWhatIsToGoOutAgainUntilThereIsRoom() {
        // Given
        broker.send(LARGE);
        broker.settleDown();
        TestConsumer first = broker.consumer(1);
        broker.settleDown();
        broker.partition().onMemoryShort();
        broker.roomBytes = 0;
        first.detach();

        // When
        TestConsumer second = broker.consumer(10);
        broker.settleDown();

        // Then
        assertThat(second.received).isEmpty();

        // When
        broker.roomBytes = Long.MAX_VALUE;
        broker.advance(100);

        // Then
        assertThat(second.texts()).containsExactly(LARGE);
    }

    @Test
    void refusesToBrowseAndGoesOn() {
        // Given
        broker.send(LARGE);
        broker.settleDown();
        broker.partition().onMemoryShort();
        broker.roomBytes = 0;

        // When
        Answer<BrowseResult> page = new Answer<>();
        broker.partition().onBrowse(new BrowseSpec(SubscriptionKey.QUEUE, null, 0, 10, 1000), page, broker.nowMs);

        // Then
        assertThat(page.error()).isEqualTo(ErrorCode.THROTTLING_QUOTA_EXCEEDED);
        assertThat(broker.stopped).isNull();
    }
}
