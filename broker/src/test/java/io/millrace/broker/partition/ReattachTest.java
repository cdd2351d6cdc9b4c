package io.millrace.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.delivery.AttachResult;
import io.millrace.broker.delivery.OffsetRange;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.protocol.ErrorCode;
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
    void doesNotCountItsOwnStopAgainstAClientThatWaits() {
        // Given
        broker.sendMany(1);
        TestConsumer consumer = broker.consumer(10);
        TestConsumer other = broker.consumer(10);
        consumer.client.lose();
        broker.advance(100);
        // When the process is stopped, and the client is heard right after it went on
        broker.nowMs += 60_000;
        broker.settleDown();
        consumer.held.clear();
        AttachResult result = consumer.reattach(10, consumer.settlement(SettlementKind.ACCEPT, 0, 0));
        // Then
        assertThat(result.lost()).isEmpty();
        assertThat(other.received).isEmpty();
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
    void passesOverAnAttachThatComesLateByAnOldConnection() {
        // Given a client that is back by a second connection, and got a message by that
        TestConsumer consumer = broker.consumer(10);
        TestConsumer other = broker.consumer(10);
        Client.Sink old = consumer.client.sink;
        consumer.client.cutOff();
        consumer.reattach(10);
        broker.sendMany(1);
        int had = other.received.size();
        // When what it wrote to the first arrives
        Client.Sink present = consumer.client.sink;
        consumer.client.sink = old;
        Answer<AttachResult> late = consumer.attach(10, true, List.of(), List.of());
        consumer.client.sink = present;
        broker.settleDown();
        // Then
        assertThat(consumer.received).hasSize(1);
        assertThat(late.error()).isEqualTo(ErrorCode.NETWORK_EXCEPTION);
        assertThat(other.received).hasSize(had);
    }

    @Test
    void tellsOneWhoseReturnIsNotAnsweredYetOnlyOnceThatNobodyLeadsHere() {
        // Given
        TestConsumer consumer = broker.consumer(10);
        broker.sendMany(1);
        consumer.client.lose();
        Answer<AttachResult> answer =
                consumer.attach(10, true, List.of(), List.of(consumer.settlement(SettlementKind.ACCEPT, 0, 0)));
        // When
        broker.partition().onFollow(7, true, broker.nowMs);
        // Then
        assertThat(answer.error()).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        assertThat(consumer.ended).isEqualTo(ErrorCode.NONE);
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

    @Test
    void deliversNothingBeforeTheAttachIsAnswered() {
        // Given
        TestConsumer consumer = broker.consumer(1);
        broker.sendMany(3);
        consumer.client.lose();
        // When
        consumer.held.clear();
        Answer<AttachResult> answer =
                consumer.attach(10, true, List.of(), List.of(consumer.settlement(SettlementKind.ACCEPT, 0, 0)));
        broker.turn();
        boolean isAnswered = answer.isAnswered();
        int early = consumer.received.size();
        broker.settleDown();
        // Then
        assertThat(isAnswered).isFalse();
        assertThat(early).isEqualTo(1);
        assertThat(answer.isSuccess()).isTrue();
        assertThat(consumer.texts()).containsExactly("m0", "m1", "m2");
    }

    @Test
    void aConnectionThatWasLeftSettlesNothingMore() {
        // Given
        broker.sendMany(1);
        TestConsumer consumer = broker.consumer(10);
        TestConsumer other = broker.consumer(10);
        Client.Sink left = consumer.client.sink;
        consumer.client.cutOff();
        consumer.reattach(10);
        // When
        Answer<Void> answer = consumer.client.settle(left, true, consumer.settlement(SettlementKind.FAIL, 0, 0));
        broker.settleDown();
        // Then
        assertThat(answer.error()).isEqualTo(ErrorCode.UNKNOWN_CONSUMER);
        assertThat(other.received).isEmpty();
        assertThat(consumer.received).hasSize(1);
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

    // ---- order after a restart

    @Test
    void whatNeverArrivedComesBeforeWhatIsYounger() {
        // Given
        TestConsumer consumer = broker.consumer(10);
        broker.sendMany(4);
        broker.kill();
        broker.send("younger");
        broker.settleDown();
        // When
        consumer.held.tailMap(2L).clear();
        consumer.received.clear();
        consumer.reattach(10);
        // Then
        assertThat(consumer.texts()).containsExactly("m2", "m3", "younger");
    }

    @Test
    void nobodyIsWaitedForWhenAllHaveGone() {
        // Given
        broker.sendMany(3);
        TestConsumer consumer = broker.consumer(2);
        consumer.detach();
        broker.settleDown();
        broker.kill();
        // When
        TestConsumer next = broker.consumer(10);
        // Then
        assertThat(next.texts()).containsExactly("m0", "m1", "m2");
    }

    @Test
    void theOnlyOnesSuccessorGetsNothingYoungerFirst() {
        // Given
        broker.sendMany(2);
        broker.consumer(10);
        broker.kill();
        broker.send("younger");
        TestConsumer next = broker.consumer(10);
        boolean early = !next.received.isEmpty();
        // When
        broker.advance(2000);
        // Then
        assertThat(early).isFalse();
        assertThat(next.texts()).containsExactly("m0", "m1", "younger");
    }

    @Test
    void whoDidNotComeBackIsNotWaitedForAgain() {
        // Given
        broker.sendMany(2);
        broker.consumer(10);
        broker.kill();
        broker.advance(2000);
        broker.kill();
        // When
        TestConsumer next = broker.consumer(10);
        // Then
        assertThat(next.texts()).containsExactly("m0", "m1");
    }

    @Test
    void allWhoWereThereAreWaitedFor() {
        // Given
        TestConsumer one = broker.consumer(2);
        TestConsumer two = broker.consumer(2);
        broker.sendMany(4);
        broker.kill();
        // When
        AttachResult first = one.reattach(10);
        broker.advance(1000);
        boolean early = one.received.size() > 2;
        AttachResult second = two.reattach(10);
        // Then
        assertThat(early).isFalse();
        assertThat(first.lost()).isEmpty();
        assertThat(second.lost()).isEmpty();
    }

    @Test
    void aConsumerGetsNothingBeforeTheDeliveryLogHasIt() {
        // Given
        broker.consumer(1); // the dispatch mark is far ahead from now on
        broker.sendMany(4);
        Client client = broker.connect();
        TestConsumer consumer = new TestConsumer(client, 1, SubscriptionKey.QUEUE);
        client.consumers.put(1, consumer);
        // When
        consumer.attach(10);
        broker.turn();
        int early = consumer.received.size();
        broker.flush();
        // Then
        assertThat(early).isZero();
        assertThat(consumer.received).hasSize(3);
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
