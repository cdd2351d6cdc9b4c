package io.millrace.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.delivery.AttachResult;
import io.millrace.broker.delivery.OffsetRange;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.protocol.SettlementKind;
import io.millrace.protocol.SubscriptionKind;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a client that comes back may have, and what its word counts: under the same leader after a long time, and under later ones. */
final class ReattachTest {
    private final PartitionFixture broker = PartitionFixture.queue();

    // ---- under the same leader

    @Test
    void takesASettlementThatComesLateIfNobodyElseHasTheMessage() {
        // Given
        TestConsumer consumer = broker.consumer(10);
        broker.sendMany(2);
        consumer.client.lose();
        broker.advance(5000);
        // When
        consumer.held.remove(0L);
        AttachResult result = consumer.reattach(10, consumer.settlement(SettlementKind.ACCEPT, 0, 0));
        // Then
        assertThat(result.lost()).isEmpty();
        assertThat(consumer.received).hasSize(2);
        assertThat(broker.describe(SubscriptionKey.QUEUE).floor()).isEqualTo(1);
    }

    @Test
    void takesALateSettlementOfADurableSubscriberThatWasGivenUp() {
        // Given
        PartitionFixture topic = PartitionFixture.topic();
        SubscriptionKey key = SubscriptionKey.durable("c", "one");
        topic.open(key, 1);
        topic.settleDown();
        TestConsumer consumer = topic.connect().consume(key, 10);
        topic.sendMany(1);
        consumer.client.lose();
        topic.advance(5000);
        // When
        consumer.held.clear();
        AttachResult result = consumer.reattach(10, consumer.settlement(SettlementKind.ACCEPT, 0, 0));
        // Then
        assertThat(result.lost()).isEmpty();
        assertThat(consumer.received).hasSize(1);
        assertThat(topic.describe(key).floor()).isEqualTo(1);
    }

    @Test
    void saysThatALateSettlementDidNotCount() {
        // Given
        broker.sendMany(2);
        TestConsumer consumer = broker.consumer(10);
        TestConsumer other = broker.consumer(10);
        consumer.client.lose();
        broker.advance(5000);
        // When
        consumer.held.clear();
        AttachResult result = consumer.reattach(
                10, consumer.settlement(SettlementKind.ACCEPT, 0, 0), consumer.settlement(SettlementKind.FAIL, 1, 1));
        // Then
        assertThat(other.received).hasSize(2);
        assertThat(result.lost()).containsExactly(new OffsetRange(0, 0));
        assertThat(broker.describe(SubscriptionKey.QUEUE).floor()).isZero();
    }

    @Test
    void answersOneWhoTakesUpWhatWasGivenBackWhenThatIsDurable() {
        // Given
        TestConsumer consumer = broker.consumer(10);
        broker.sendMany(1);
        consumer.client.lose();
        broker.advance(5000);
        // When
        Answer<AttachResult> answer = consumer.attach(10, true, List.of(new OffsetRange(0, 0)), List.of());
        broker.turn();
        boolean early = answer.isAnswered();
        broker.settleDown();
        broker.kill();
        TestConsumer other = broker.consumer(10);
        broker.advance(1000);
        // Then
        assertThat(early).isFalse();
        assertThat(answer.value().lost()).isEmpty();
        assertThat(other.received).isEmpty();
    }

    // ---- under a later leader

    @Test
    void anOldSettlementDoesNotAcceptTheMessageThatHasItsOffsetNow() {
        // Given
        TestConsumer holder = holderOfWhatThePowerTook();
        broker.send("new");
        broker.consumer(10); // gets it, and does not come back
        broker.kill();
        // When
        holder.held.clear();
        AttachResult result = holder.reattach(10, holder.settlement(SettlementKind.ACCEPT, 0, 0));
        broker.advance(5000);
        // Then
        assertThat(result.lost()).isEmpty();
        assertThat(holder.texts()).containsExactly("gone", "new");
    }

    @Test
    void anOldHolderIsNotGivenTheMessageThatHasItsOffsetNow() {
        // Given
        TestConsumer holder = holderOfWhatThePowerTook();
        broker.send("new");
        TestConsumer other = broker.consumer(10);
        broker.settleDown();
        broker.kill();
        // When
        AttachResult result = holder.reattach(10);
        AttachResult ofOther = other.reattach(10);
        // Then
        assertThat(result.lost()).containsExactly(new OffsetRange(0, 0));
        assertThat(ofOther.lost()).isEmpty();
    }

    @Test
    void whoComesBackTwiceKeepsWhatItHolds() {
        // Given
        TestConsumer consumer = broker.consumer(10);
        broker.sendMany(2);
        broker.kill();
        consumer.reattach(10);
        broker.send("more");
        broker.settleDown();
        broker.kill();
        // When
        AttachResult result = consumer.reattach(10);
        // Then
        assertThat(result.lost()).isEmpty();
        assertThat(consumer.held.keySet()).containsExactly(0L, 1L, 2L);
    }

    @Test
    void grantsNothingToOneWhoSaysNoEpochOrOneToCome() {
        for (int epoch : new int[] {-1, 99}) {
            // Given
            PartitionFixture fixture = PartitionFixture.queue();
            TestConsumer consumer = fixture.consumer(10);
            fixture.sendMany(1);
            fixture.kill();
            // When
            consumer.leaderEpoch = epoch;
            AttachResult result = consumer.reattach(10);
            // Then
            assertThat(result.lost()).containsExactly(new OffsetRange(0, 0));
        }
    }

    @Test
    void aNonDurableSubscriberGoesOnWhereItsLogEnded() {
        // Given
        PartitionFixture topic = PartitionFixture.topic();
        TestConsumer subscriber =
                topic.connect().consume(new SubscriptionKey(SubscriptionKind.NON_DURABLE, null, null), 10);
        topic.sendNonPersistent("gone");
        topic.turn();
        topic.losePower(powerThatTakesAll());
        topic.send("new");
        topic.settleDown();
        // When
        Answer<AttachResult> answer = subscriber.attach(10, true, List.of(), List.of());
        subscriber.held.clear();
        topic.settleDown();
        // Then
        assertThat(answer.value().startOffset()).isZero();
        assertThat(subscriber.texts()).containsExactly("gone", "new");
    }

    /** It was given offset 0, which was never synced; the log is empty again. */
    private TestConsumer holderOfWhatThePowerTook() {
        TestConsumer holder = broker.consumer(10);
        broker.sendNonPersistent("gone");
        broker.turn();
        assertThat(holder.texts()).containsExactly("gone");
        broker.losePower(powerThatTakesAll());
        assertThat(broker.messages().logEndOffset()).isZero();
        return holder;
    }

    /** Of what was not synced nothing survives. */
    private static Random powerThatTakesAll() {
        return new Random() {
            @Override
            public int nextInt(int bound) {
                return 0;
            }

            @Override
            public boolean nextBoolean() {
                return false;
            }
        };
    }
}
