package io.millrace.jms.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.jms.engine.EngineFixture.KeptSend;
import io.millrace.jms.engine.EngineFixture.Request;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.SendRequestData;
import io.millrace.protocol.record.RecordBatch;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SendTest {
    private final EngineFixture broker = new EngineFixture();
    private Destination queue;

    @BeforeEach
    void open() {
        broker.open();
        queue = broker.resolve();
    }

    @Test
    void sendsUnderTheProducerIdOfHello() {
        // When
        KeptSend send = broker.sendNow(queue, "m");

        // Then
        Request request = broker.nextSend();
        RecordBatch batch = EngineFixture.batch(request);
        assertThat(batch.producerId()).isEqualTo(42);
        assertThat(batch.producerEpoch()).isEqualTo((short) 3);
        assertThat(batch.baseSequence()).isZero();
        assertThat(((SendRequestData) request.message()).durable()).isTrue();
        assertThat(send.isSent).isFalse();
        broker.answerSend(request, ErrorCode.NONE);
        assertThat(send.isSent).isTrue();
    }

    @Test
    void gathersMessagesOfOneTurnInABatch() {
        // Given
        List<KeptSend> sends = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            sends.add(broker.send(queue, "m" + i));
        }

        // When
        broker.turn();

        // Then
        Request request = broker.nextSend();
        assertThat(EngineFixture.batch(request).count()).isEqualTo(10);
        assertThat(broker.requests).isEmpty();
        broker.answerSend(request, ErrorCode.NONE);
        assertThat(sends).allMatch(send -> send.isSent);
        broker.sendNow(queue, "next");
        assertThat(EngineFixture.batch(broker.nextSend()).baseSequence()).isEqualTo(10);
    }

    @Test
    void gathersMoreWhileBatchesAreUnderWay() {
        // Given
        for (int i = 0; i < 20; i++) {
            broker.sendNow(queue, "m" + i);
        }
        Request first = broker.nextSend();
        broker.nextSend();
        assertThat(broker.requests).isEmpty();

        // When
        broker.answerSend(first, ErrorCode.NONE);

        // Then
        assertThat(EngineFixture.batch(broker.nextSend()).count()).isEqualTo(18);
    }

    @Test
    void keepsDurableAndOtherMessagesInBatchesOfTheirOwn() {
        // Given
        broker.engine.send(new KeptSend(queue, true, "a"), broker.nowMs);
        broker.engine.send(new KeptSend(queue, false, "b"), broker.nowMs);

        // When
        broker.turn();

        // Then
        assertThat(((SendRequestData) broker.nextSend().message()).durable()).isTrue();
        assertThat(((SendRequestData) broker.nextSend().message()).durable()).isFalse();
    }

    @Test
    void sendsTheSameBatchAgainAfterALostLink() {
        // Given
        KeptSend first = broker.sendNow(queue, "a");
        KeptSend second = broker.sendNow(queue, "b");
        broker.send(queue, "c");

        // When
        broker.reconnect();
        broker.answerResolve();

        // Then
        Request again = broker.nextSend();
        Request next = broker.nextSend();
        assertThat(EngineFixture.batch(again).baseSequence()).isZero();
        assertThat(EngineFixture.batch(next).baseSequence()).isEqualTo(1);
        assertThat(EngineFixture.batch(next).count()).isEqualTo(1);
        broker.answerSend(again, ErrorCode.DUPLICATE_SEQUENCE_NUMBER);
        assertThat(first.isSent).isTrue();
        broker.answerSend(next, ErrorCode.NONE);
        assertThat(second.isSent).isTrue();
        assertThat(EngineFixture.batch(broker.nextSend()).baseSequence()).isEqualTo(2);
    }

    @Test
    void failsAMessageThatIsTooLargeWithoutSendingIt() {
        // When
        KeptSend send = broker.sendNow(queue, "x".repeat(EngineFixture.MAX_MESSAGE_BYTES));

        // Then
        assertThat(send.failure.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
        assertThat(send.failure).hasMessageContaining("max.message.bytes is 100000");
        assertThat(broker.requests).isEmpty();
    }

    @Test
    void beginsANewEpochAfterARefusalForGood() {
        // Given
        KeptSend refused = broker.sendNow(queue, "a");
        KeptSend behind = broker.sendNow(queue, "b");
        Request first = broker.nextSend();
        Request second = broker.nextSend();

        // When
        broker.answerSend(first, ErrorCode.INVALID_RECORD);
        broker.answerSend(second, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);

        // Then
        assertThat(refused.failure.code()).isEqualTo(ErrorCode.INVALID_RECORD);
        Request again = broker.nextSend();
        assertThat(EngineFixture.batch(again).producerEpoch()).isEqualTo((short) 4);
        assertThat(EngineFixture.batch(again).baseSequence()).isZero();
        broker.answerSend(again, ErrorCode.NONE);
        assertThat(behind.isSent).isTrue();
    }

    @Test
    void resolvesAfterTheRestartWhatADiskFailureLeftOpen() {
        // Given
        KeptSend send = broker.sendNow(queue, "a");
        broker.answerSend(broker.nextSend(), ErrorCode.KAFKA_STORAGE_ERROR);
        assertThat(send.failure).isNull();

        // When
        broker.reconnect();
        broker.advance(100);
        broker.answerResolve();

        // Then
        Request again = broker.nextSend();
        assertThat(EngineFixture.batch(again).producerEpoch()).isEqualTo((short) 3);
        assertThat(EngineFixture.batch(again).baseSequence()).isZero();
        broker.answerSend(again, ErrorCode.DUPLICATE_SEQUENCE_NUMBER);
        assertThat(send.isSent).isTrue();
    }

    @Test
    void saysAtOnceThatTheDiskIsFull() {
        // Given
        KeptSend send = broker.sendNow(queue, "a");

        // When
        broker.answerSend(broker.nextSend(), ErrorCode.DISK_FULL);

        // Then
        assertThat(send.failure.code()).isEqualTo(ErrorCode.DISK_FULL);
    }

    @Test
    void neverReusesTheSequenceOfARefusedBatchInItsEpoch() {
        // Given
        broker.sendNow(queue, "a");
        broker.answerSend(broker.nextSend(), ErrorCode.NONE);
        broker.sendNow(queue, "b");
        broker.answerSend(broker.nextSend(), ErrorCode.INVALID_RECORD);

        // When
        broker.sendNow(queue, "c");

        // Then
        RecordBatch batch = EngineFixture.batch(broker.nextSend());
        assertThat(batch.producerEpoch()).isEqualTo((short) 4);
        assertThat(batch.baseSequence()).isZero();
    }

    @Test
    void refusesToSendWhenItsEpochsAreUsedUp() {
        // Given
        EngineFixture old = new EngineFixture();
        old.producerEpoch = Short.MAX_VALUE;
        old.open();
        Destination destination = old.resolve();
        KeptSend refused = old.sendNow(destination, "a");

        // When
        old.answerSend(old.nextSend(), ErrorCode.INVALID_RECORD);
        KeptSend next = old.sendNow(destination, "b");

        // Then
        assertThat(refused.failure.code()).isEqualTo(ErrorCode.INVALID_RECORD);
        assertThat(next.failure.code()).isEqualTo(ErrorCode.INVALID_PRODUCER_EPOCH);
        assertThat(old.requests).isEmpty();
    }

    @Test
    void goesOnUnderANewEpochWhenTheBrokerLostWhatWasNotDurable() {
        // Given
        broker.engine.send(new KeptSend(queue, false, "lost"), broker.nowMs);
        broker.turn();
        broker.answerSend(broker.nextSend(), ErrorCode.NONE);
        KeptSend next = broker.sendNow(queue, "next");
        broker.reconnect();
        broker.answerResolve();

        // When
        Request request = broker.nextSend();
        assertThat(EngineFixture.batch(request).baseSequence()).isEqualTo(1);
        broker.answerSend(request, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);

        // Then
        Request again = broker.nextSend();
        assertThat(EngineFixture.batch(again).producerEpoch()).isEqualTo((short) 4);
        assertThat(EngineFixture.batch(again).baseSequence()).isZero();
        broker.answerSend(again, ErrorCode.NONE);
        assertThat(next.isSent).isTrue();
    }

    @Test
    void looksForTheLeaderAgainAndKeepsTheOrder() {
        // Given
        KeptSend first = broker.sendNow(queue, "a");
        KeptSend second = broker.sendNow(queue, "b");
        Request one = broker.nextSend();
        Request two = broker.nextSend();

        // When
        broker.answerSend(one, ErrorCode.NOT_LEADER_OR_FOLLOWER);
        broker.answerSend(two, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        broker.advance(50);
        broker.answerResolve();

        // Then
        Request again = broker.nextSend();
        assertThat(EngineFixture.batch(again).baseSequence()).isZero();
        assertThat(EngineFixture.batch(again).producerEpoch()).isEqualTo((short) 3);
        broker.answerSend(again, ErrorCode.NONE);
        broker.answerSend(broker.nextSend(), ErrorCode.NONE);
        assertThat(first.isSent && second.isSent).isTrue();
    }

    @Test
    void asksForTheNextLeaderAtOnceAndThenAfterAPause() {
        // Given
        broker.sendNow(queue, "a");
        broker.answerSend(broker.nextSend(), ErrorCode.NONE);
        KeptSend send = broker.sendNow(queue, "b");
        Request one = broker.nextSend();

        // When
        broker.answerSend(one, ErrorCode.NOT_LEADER_OR_FOLLOWER);
        broker.answerResolve();
        broker.answerSend(broker.nextSend(), ErrorCode.NOT_LEADER_OR_FOLLOWER);

        // Then
        assertThat(broker.requests).isEmpty();
        broker.advance(50);
        broker.answerResolve();
        broker.answerSend(broker.nextSend(), ErrorCode.NONE);
        assertThat(send.isSent).isTrue();
    }

    @Test
    void waitsForAllAnswersBeforeItSendsAgain() {
        // Given
        broker.sendNow(queue, "a");
        broker.sendNow(queue, "b");
        Request one = broker.nextSend();
        broker.nextSend();

        // When
        broker.answerSend(one, ErrorCode.NOT_LEADER_OR_FOLLOWER);
        broker.advance(50);
        broker.answerResolve();

        // Then
        assertThat(broker.requests).isEmpty();
    }

    @Test
    void sendsEverythingToATopicMadeAnew() {
        // Given
        KeptSend send = broker.sendNow(queue, "a");
        Request request = broker.nextSend();

        // When
        broker.answerSend(request, ErrorCode.UNKNOWN_TOPIC_ID);
        broker.advance(50);
        Uuid other = new Uuid(8, 8);
        broker.answer(
                broker.nextRequest(io.millrace.protocol.message.ResolveDestinationRequestData.class),
                EngineFixture.resolved(other, EngineFixture.BROKER));

        // Then
        Request again = broker.nextSend();
        assertThat(((SendRequestData) again.message()).topicId()).isEqualTo(other);
        assertThat(EngineFixture.batch(again).baseSequence()).isZero();
        broker.answerSend(again, ErrorCode.NONE);
        assertThat(send.isSent).isTrue();
    }

    @Test
    void takesBackAMessageOnlyBeforeItHasASequence() {
        // Given
        for (int i = 0; i < 2; i++) {
            broker.sendNow(queue, "m" + i);
        }
        KeptSend waiting = broker.sendNow(queue, "waiting");
        KeptSend sent = broker.send(queue, "also waiting");

        // When
        boolean isCancelled = broker.engine.cancel(waiting);

        // Then
        assertThat(isCancelled).isTrue();
        broker.answerSend(broker.nextSend(), ErrorCode.NONE);
        broker.nextSend();
        assertThat(EngineFixture.batch(broker.nextSend()).count()).isEqualTo(1);
        assertThat(broker.engine.cancel(sent)).isFalse();
    }

    @Test
    void failsWhatIsUnderWayWhenTheConnectionIsLostForGood() {
        // Given
        KeptSend send = broker.sendNow(queue, "a");

        // When
        broker.broken();
        for (int i = 0; i < 2_000 && broker.losses.isEmpty(); i++) {
            if (broker.connecting.isEmpty()) {
                broker.advance(500);
            } else {
                broker.refused();
            }
        }

        // Then
        assertThat(broker.losses).hasSize(1);
        assertThat(send.failure.code()).isEqualTo(ErrorCode.NETWORK_EXCEPTION);
        assertThat(send.failure).hasMessageContaining("reconnectTimeout is 300000 ms");
        assertThat(broker.sendNow(queue, "b").failure).isNotNull();
    }

    @Test
    void closesOnceEverythingIsAnswered() {
        // Given
        broker.sendNow(queue, "a");
        EngineFixture.Kept<Done> closed = new EngineFixture.Kept<>();

        // When
        broker.engine.close(closed, broker.nowMs);
        broker.turn();

        // Then
        assertThat(closed.isAnswered()).isFalse();
        broker.answerSend(broker.nextSend(), ErrorCode.NONE);
        assertThat(closed.value).isEqualTo(Done.DONE);
        assertThat(broker.disconnected).containsExactly(broker.channel);
    }
}
