package io.millrace.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.delivery.SubscriptionKey;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a leader has appended and not flushed yet when it leads again, in a later epoch: a sender that asks again is told the truth. */
final class UnflushedTest {
    private static final long PRODUCER = 77;

    @Test
    void answersARepeatedSendWhenItIsOnDiskThoughAnUnaskedOneLiesBehindIt() {
        // Given a leader that is alone in sync
        PartitionFixture cluster = PartitionFixture.of(PartitionConfig.ofQueue(), 3);
        for (Node follower : List.of(cluster.nodes.get(1), cluster.nodes.get(2))) {
            cluster.cut(follower);
            cluster.remove(follower);
        }
        cluster.append(Messages.of("a").from(PRODUCER, 0, 0), true);
        cluster.sendNonPersistent("b");
        // When
        cluster.elect(0);
        Answer<AppendResult> again = cluster.append(Messages.of("a").from(PRODUCER, 0, 0), true);
        boolean before = again.isAnswered();
        long committed = cluster.partition().highWatermark();
        cluster.flush();
        cluster.flush();
        // Then
        assertThat(before).isFalse();
        assertThat(committed).isZero();
        assertThat(again.isSuccess()).isTrue();
        assertThat(cluster.partition().highWatermark()).isEqualTo(2);
    }

    @Test
    void answersARepeatedSendOfTheOnlyReplicaWhenItIsOnDisk() {
        // Given
        PartitionFixture broker = PartitionFixture.queue();
        broker.append(Messages.of("a").from(PRODUCER, 0, 0), true);
        // When
        broker.elect(0);
        Answer<AppendResult> again = broker.append(Messages.of("a").from(PRODUCER, 0, 0), true);
        boolean before = again.isAnswered();
        TestConsumer consumer = broker.consumer(10);
        broker.settleDown();
        // Then
        assertThat(before).isFalse();
        assertThat(again.isSuccess()).isTrue();
        assertThat(consumer.texts()).containsExactly("a");
    }

    @Test
    void theOnlyReplicaKeepsASettlementThatItLeadsAgainBefore() {
        // Given a settlement that is written, and not on disk
        PartitionFixture broker = PartitionFixture.queue();
        broker.sendMany(2);
        TestConsumer consumer = broker.consumer(10);
        broker.settleDown();
        consumer.accept(0, 0);
        broker.turn();
        // When
        broker.elect(0);
        long before = broker.partition().state().floor(SubscriptionKey.QUEUE);
        broker.settleDown();
        // Then
        assertThat(before).isZero();
        assertThat(broker.partition().state().floor(SubscriptionKey.QUEUE)).isEqualTo(1);
        assertThat(broker.stopped).isNull();
    }
}
