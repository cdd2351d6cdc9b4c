package io.millrace.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.log.StorageException;
import org.junit.jupiter.api.Test;

/** A disk that gives back other bytes than were written. */
final class FlippedBitTest {
    private final PartitionFixture broker = PartitionFixture.queue();

    @Test
    void isDeliveredToNobody() {
        // Given
        broker.send("alpha");
        broker.send("omega");
        broker.settleDown();
        broker.partition().onMemoryShort();
        String segment = broker.files("00.log").get(0);
        long inTheLastText = broker.disk.size(segment) - 12;
        broker.disk.flipBit(segment, inTheLastText, 0);

        // When
        TestConsumer consumer = broker.consumer(10);
        broker.settleDown();

        // Then
        assertThat(consumer.texts()).isEmpty();
        assertThat(broker.stopped)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("not as it was written")
                .hasMessageContaining("offset 1 ");
    }
}
