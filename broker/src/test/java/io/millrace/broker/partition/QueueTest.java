package io.millrace.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SettlementKind;
import java.util.List;
import org.junit.jupiter.api.Test;

final class QueueTest {
    private final PartitionFixture broker = PartitionFixture.queue();

    @Test
    void deliversInOrderWhatWasSentBeforeAndAfter() {
        // Given
        broker.send("a", "b");
        broker.settleDown();
        TestConsumer consumer = broker.consumer(10);
        // When
        broker.send("c");
        broker.settleDown();
        // Then
        assertThat(consumer.texts()).containsExactly("a", "b", "c");
        assertThat(consumer.received).allMatch(delivery -> delivery.count() == 1);
    }

    @Test
    void answersADurableSendWhenItIsFlushed() {
        // Given
        Answer<AppendResult> answer = broker.send("a");
        broker.turn();
        boolean before = answer.isAnswered();
        // When
        broker.flush();
        // Then
        assertThat(before).isFalse();
        assertThat(answer.value().baseOffset()).isZero();
    }

    @Test
    void confirmsASettlementThatIsCommittedBeforeItsTurnEnds() {
        // Given
        TestConsumer consumer = broker.consumer(10);
        broker.sendMany(1);
        consumer.settle(SettlementKind.ACCEPT, 0, 0);
        broker.turn();
        // When
        Answer<Void> again = consumer.settle(SettlementKind.ACCEPT, 0, 0);
        broker.leader().flushed(); // before the turn in which it was asked ends
        broker.turn();
        // Then
        assertThat(again.isSuccess()).isTrue();
    }

    @Test
    void neverDeliversAboveTheHighWatermark() {
        // Given
        TestConsumer consumer = broker.consumer(10);
        // When
        broker.send("a");
        broker.turn();
        broker.turn();
        // Then
        assertThat(consumer.received).isEmpty();
    }

    @Test
    void deliversANonPersistentMessageAtOnce() {
        // Given
        TestConsumer consumer = broker.consumer(10);
        // When
        Answer<AppendResult> answer = broker.sendNonPersistent("a");
        broker.turn();
        // Then
        assertThat(answer.isSuccess()).isTrue();
        assertThat(consumer.texts()).containsExactly("a");
    }

    @Test
    void aNonPersistentMessageDoesNotOvertakeAPersistentOne() {
        // Given
        TestConsumer consumer = broker.consumer(10);
        broker.send("a");
        // When
        broker.sendNonPersistent("b");
        broker.turn();
        boolean early = !consumer.received.isEmpty();
        broker.flush();
        // Then
        assertThat(early).isFalse();
        assertThat(consumer.texts()).containsExactly("a", "b");
    }

    @Test
    void deliversNoMoreThanTheCredit() {
        // Given
        TestConsumer consumer = broker.consumer(2);
        broker.sendMany(5);
        int before = consumer.received.size();
        // When
        consumer.credit(1);
        // Then
        assertThat(before).isEqualTo(2);
        assertThat(consumer.texts()).containsExactly("m0", "m1", "m2");
    }

    @Test
    void stopsAtTheByteLimitWithTheMessageThatReachesIt() {
        // Given
        Client client = broker.connect();
        TestConsumer consumer = new TestConsumer(client, 1, SubscriptionKey.QUEUE);
        client.consumers.put(1, consumer);
        consumer.byteLimit = 100;
        consumer.attach(10);
        // When
        broker.sendMany(5);
        // Then
        assertThat(consumer.received).hasSize(2);
    }

    @Test
    void competingConsumersShareFairly() {
        // Given
        TestConsumer one = broker.consumer(100);
        TestConsumer other = broker.consumer(100);
        // When
        broker.send("a", "b", "c", "d", "e", "f", "g", "h");
        broker.settleDown();
        // Then
        assertThat(one.received).hasSize(4);
        assertThat(other.received).hasSize(4);
    }

    @Test
    void anAcceptedMessageIsNotDeliveredAgainAfterAKill() {
        // Given
        broker.sendMany(3);
        TestConsumer consumer = broker.consumer(10);
        Answer<Void> accepted = consumer.accept(0, 1);
        broker.settleDown();
        // When
        broker.kill();
        TestConsumer next = broker.consumer(10);
        broker.advance(5000);
        // Then
        assertThat(accepted.isSuccess()).isTrue();
        assertThat(next.texts()).containsExactly("m2");
    }

    @Test
    void confirmsASettlementOnlyWhenItIsFlushed() {
        // Given
        broker.sendMany(1);
        TestConsumer consumer = broker.consumer(10);
        // When
        Answer<Void> accepted = consumer.accept(0, 0);
        broker.turn();
        boolean before = accepted.isAnswered();
        broker.flush();
        // Then
        assertThat(before).isFalse();
        assertThat(accepted.isSuccess()).isTrue();
    }

    @Test
    void redeliversAFailedMessageFirstWithAHigherCount() {
        // Given
        broker.sendMany(4);
        TestConsumer consumer = broker.consumer(3);
        // When
        consumer.fail(1, 2);
        consumer.accept(0, 0);
        consumer.credit(3);
        // Then
        assertThat(consumer.texts()).containsExactly("m0", "m1", "m2", "m1", "m2", "m3");
        assertThat(consumer.received.stream().map(TestConsumer.Delivery::count)).containsExactly(1, 1, 1, 2, 2, 1);
    }

    @Test
    void redeliversAReleasedMessageAsIfItHadNotBeenDelivered() {
        // Given
        broker.sendMany(2);
        TestConsumer consumer = broker.consumer(2);
        // When
        consumer.release(0, 1);
        consumer.credit(2);
        // Then
        assertThat(consumer.texts()).containsExactly("m0", "m1", "m0", "m1");
        assertThat(consumer.received).noneMatch(TestConsumer.Delivery::redelivered);
    }

    @Test
    void aClosedConsumerGivesBackWhatItHolds() {
        // Given
        broker.sendMany(3);
        TestConsumer consumer = broker.consumer(10);
        consumer.accept(0, 0);
        // When
        Answer<Void> detached = consumer.detach();
        broker.settleDown();
        TestConsumer next = broker.consumer(10);
        // Then
        assertThat(detached.isSuccess()).isTrue();
        assertThat(next.texts()).containsExactly("m1", "m2");
        assertThat(next.received).noneMatch(TestConsumer.Delivery::redelivered);
    }

    @Test
    void whatAClosedConsumerGaveBackIsNotRedeliveredAfterAKill() {
        // Given
        broker.sendMany(3);
        broker.consumer(10).detach();
        broker.settleDown();
        // When
        broker.kill();
        TestConsumer next = broker.consumer(10);
        // Then
        assertThat(next.texts()).containsExactly("m0", "m1", "m2");
        assertThat(next.received).noneMatch(TestConsumer.Delivery::redelivered);
    }

    @Test
    void redeliversWhenAConsumerDies() {
        // Given
        broker.sendMany(2);
        TestConsumer consumer = broker.consumer(10);
        TestConsumer other = broker.consumer(10);
        // When
        consumer.client.lose();
        broker.advance(1999);
        int early = other.received.size();
        broker.advance(1);
        // Then
        assertThat(early).isZero();
        assertThat(other.texts()).containsExactly("m0", "m1");
        assertThat(other.received).allMatch(delivery -> delivery.count() == 2);
    }

    @Test
    void aClientThatReturnsInTimeKeepsWhatItHolds() {
        // Given
        broker.sendMany(2);
        TestConsumer consumer = broker.consumer(2);
        TestConsumer other = broker.consumer(10);
        consumer.client.lose();
        broker.advance(1000);
        // When
        var result = consumer.reattach(10);
        broker.advance(5000);
        consumer.acceptAll();
        broker.settleDown();
        broker.kill();
        TestConsumer later = broker.consumer(10);
        broker.advance(5000);
        // Then
        assertThat(result.lost()).isEmpty();
        assertThat(consumer.received).hasSize(2);
        assertThat(other.received).isEmpty();
        assertThat(later.received).isEmpty();
    }

    @Test
    void aClientThatReturnsToANewLeaderKeepsWhatItHolds() {
        // Given
        broker.sendMany(3);
        TestConsumer consumer = broker.consumer(3);
        broker.kill();
        TestConsumer other = broker.consumer(10);
        broker.sendMany(1);
        // When
        var result = consumer.reattach(10, consumer.settlement(SettlementKind.ACCEPT, 0, 0));
        consumer.held.remove(0L);
        broker.advance(5000);
        Answer<Void> accepted = consumer.accept(1, 2);
        broker.settleDown();
        // Then
        assertThat(result.lost()).containsExactly(new io.millrace.broker.delivery.OffsetRange(0, 0));
        assertThat(accepted.isSuccess()).isTrue();
        assertThat(other.received).extracting(TestConsumer.Delivery::offset).containsExactly(3L);
        assertThat(broker.describe(SubscriptionKey.QUEUE).floor()).isEqualTo(3);
    }

    @Test
    void aReturningClientLearnsWhatItLost() {
        // Given
        broker.sendMany(3);
        TestConsumer consumer = broker.consumer(3);
        TestConsumer other = broker.consumer(10);
        consumer.client.lose();
        broker.advance(2000);
        // When
        var result = consumer.reattach(10);
        // Then
        assertThat(other.received).hasSize(3);
        assertThat(result.lost()).containsExactly(new io.millrace.broker.delivery.OffsetRange(0, 2));
    }

    @Test
    void afterARestartUnsettledDeliveriesWaitForTheirHoldersThenGoOutAsRedelivered() {
        // Given
        broker.sendMany(3);
        broker.consumer(3);
        broker.consumer(3);
        broker.kill();
        TestConsumer next = broker.consumer(10);
        broker.send("new");
        broker.settleDown();
        List<String> before = next.texts();
        // When
        broker.advance(2000);
        // Then
        assertThat(before).containsExactly("new");
        assertThat(next.texts()).containsExactly("new", "m0", "m1", "m2");
        assertThat(next.received.subList(1, 4)).allMatch(delivery -> delivery.count() == 2);
    }

    @Test
    void restartsWithoutDeliveriesCountNothing() {
        // Given
        broker.sendMany(2);
        broker.kill();
        broker.kill();
        broker.restart();
        // When
        TestConsumer consumer = broker.consumer(10);
        // Then
        assertThat(consumer.texts()).containsExactly("m0", "m1");
        assertThat(consumer.received).noneMatch(TestConsumer.Delivery::redelivered);
    }

    @Test
    void ignoresASettlementOfWhatAnotherConsumerHolds() {
        // Given
        broker.sendMany(1);
        TestConsumer holder = broker.consumer(10);
        TestConsumer other = broker.consumer(10);
        // When
        Answer<Void> answer = other.accept(0, 0);
        broker.settleDown();
        holder.fail(0, 0);
        broker.settleDown();
        // Then
        assertThat(answer.isSuccess()).isTrue();
        assertThat(holder.received.size() + other.received.size()).isEqualTo(2);
    }

    @Test
    void refusesASettlementOfAConsumerThatIsNotAttached() {
        // Given
        Client stranger = broker.connect();
        // When
        Answer<Void> answer =
                stranger.settle(true, new io.millrace.broker.delivery.Settlement(9, SettlementKind.ACCEPT, 0, 0));
        // Then
        assertThat(answer.error()).isEqualTo(ErrorCode.UNKNOWN_CONSUMER);
    }

    @Test
    void settlingTwiceIsHarmless() {
        // Given
        broker.sendMany(2);
        TestConsumer consumer = broker.consumer(10);
        consumer.accept(0, 0);
        broker.settleDown();
        // When
        Answer<Void> again = consumer.accept(0, 0);
        Answer<Void> failed = consumer.fail(0, 0);
        broker.settleDown();
        // Then
        assertThat(again.isSuccess()).isTrue();
        assertThat(failed.isSuccess()).isTrue();
        assertThat(consumer.received).hasSize(2);
    }

    @Test
    void neverDeliversAnExpiredMessage() {
        // Given
        broker.append(Messages.expiring(broker.nowMs + 100, "old"), true);
        broker.append(Messages.expiring(broker.nowMs + 10_000, "young"), true);
        broker.settleDown();
        broker.advance(100);
        // When
        TestConsumer consumer = broker.consumer(10);
        consumer.acceptAll();
        broker.settleDown();
        // Then
        assertThat(consumer.texts()).containsExactly("young");
        assertThat(broker.describe(SubscriptionKey.QUEUE).floor()).isEqualTo(2);
    }

    @Test
    void anExpiredMessageAmongOthersOfItsBatchIsLeftOut() {
        // Given
        broker.append(
                Messages.of("a")
                        .with("gone", java.util.Map.of("JMSExpiration", "5"))
                        .with("b", java.util.Map.of()),
                true);
        broker.settleDown();
        // When
        TestConsumer consumer = broker.consumer(10);
        consumer.acceptAll();
        broker.settleDown();
        // Then
        assertThat(consumer.texts()).containsExactly("a", "b");
        assertThat(broker.describe(SubscriptionKey.QUEUE).floor()).isEqualTo(3);
    }

    @Test
    void passesOverAConnectionThatTakesNoBytes() {
        // Given
        TestConsumer consumer = broker.consumer(10);
        consumer.client.writable = false;
        broker.sendMany(2);
        int before = consumer.received.size();
        // When
        consumer.client.writable = true;
        broker.partition().onWritable(consumer.client.connectionId, broker.nowMs);
        broker.settleDown();
        // Then
        assertThat(before).isZero();
        assertThat(consumer.received).hasSize(2);
    }

    @Test
    void saysThatAConsumerIsDrainedAfterItsLastMessage() {
        // Given
        broker.sendMany(2);
        TestConsumer consumer = broker.consumer(1);
        consumer.acceptAll();
        broker.settleDown();
        // When
        consumer.limit += 5;
        consumer.drain();
        broker.settleDown();
        // Then
        assertThat(consumer.received).hasSize(2);
        assertThat(consumer.drained).isEqualTo(1);
    }

    @Test
    void aDrainWaitsForWhatMustBeCommittedFirst() {
        // Given
        broker.sendMany(1);
        Client client = broker.connect();
        TestConsumer consumer = new TestConsumer(client, 1, SubscriptionKey.QUEUE);
        client.consumers.put(1, consumer);
        // When
        consumer.attach(5);
        consumer.drain();
        broker.turn();
        int early = consumer.drained;
        broker.settleDown();
        // Then
        assertThat(early).isZero();
        assertThat(consumer.texts()).containsExactly("m0");
        assertThat(consumer.drained).isEqualTo(1);
    }

    @Test
    void findsInTheLogWhatWasSentWhileNobodyWasThere() {
        // Given
        TestConsumer first = broker.consumer(1);
        broker.sendMany(3);
        first.detach();
        broker.settleDown();
        broker.send("while nobody was there");
        broker.settleDown();
        // When
        TestConsumer next = broker.consumer(10);
        broker.send("last");
        broker.settleDown();
        // Then
        assertThat(next.texts()).containsExactly("m0", "m1", "m2", "while nobody was there", "last");
    }

    @Test
    void describesWhatWaitsAndWhatIsInFlight() {
        // Given
        broker.sendMany(5);
        TestConsumer consumer = broker.consumer(3);
        consumer.accept(0, 0);
        broker.settleDown();
        // When
        var described = broker.describe(SubscriptionKey.QUEUE);
        // Then
        assertThat(described.waiting()).isEqualTo(2);
        assertThat(described.inFlight()).isEqualTo(2);
        assertThat(described.consumers()).isEqualTo(1);
        assertThat(described.floor()).isEqualTo(1);
    }

    @Test
    void aFullDiskRefusesSendsAndLetsSettlementsWait() {
        // Given
        broker.sendMany(1);
        TestConsumer consumer = broker.consumer(5);
        broker.refusal = new io.millrace.broker.log.StorageException(
                io.millrace.broker.log.StorageException.Kind.DISK_FULL, "no room", null);
        // When
        Answer<AppendResult> send = broker.send("x");
        Answer<Void> accepted = consumer.accept(0, 0);
        broker.settleDown();
        boolean early = accepted.isAnswered();
        broker.refusal = null;
        broker.advance(1000);
        // Then
        assertThat(send.error()).isEqualTo(ErrorCode.DISK_FULL);
        assertThat(early).isFalse();
        assertThat(accepted.isSuccess()).isTrue();
        assertThat(broker.send("y").isAnswered()).isFalse();
    }

    @Test
    void aFailedJournalFailsWhatWaitsAndStopsThePartition() {
        // Given
        TestConsumer consumer = broker.consumer(5);
        Answer<AppendResult> send = broker.send("x");
        // When
        broker.failJournal();
        // Then
        assertThat(send.error()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        assertThat(consumer.ended).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        assertThat(broker.stopped).isNotNull();
        assertThat(broker.send("y").error()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        assertThat(broker.send("y").message()).contains("fdatasync failed");
    }

    @Test
    void theQueueSurvivesALossOfPower() {
        // Given
        broker.sendMany(10);
        TestConsumer consumer = broker.consumer(4);
        consumer.accept(0, 3);
        broker.settleDown();
        // When
        broker.losePower(new java.util.Random(1));
        TestConsumer next = broker.consumer(100);
        broker.advance(5000);
        // Then
        assertThat(next.received).extracting(TestConsumer.Delivery::offset).containsExactly(4L, 5L, 6L, 7L, 8L, 9L);
    }
}
