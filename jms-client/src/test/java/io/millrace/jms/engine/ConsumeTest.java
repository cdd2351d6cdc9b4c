package io.millrace.jms.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.jms.engine.EngineFixture.Kept;
import io.millrace.jms.engine.EngineFixture.KeptSink;
import io.millrace.jms.engine.EngineFixture.Request;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SettlementKind;
import io.millrace.protocol.SubscriptionKind;
import io.millrace.protocol.message.AttachRequestData;
import io.millrace.protocol.message.AttachResponseData;
import io.millrace.protocol.message.DeliverRequestData;
import io.millrace.protocol.message.DeliverResponseData;
import io.millrace.protocol.message.DetachRequestData;
import io.millrace.protocol.message.DetachResponseData;
import io.millrace.protocol.message.SettleRequestData;
import io.millrace.protocol.message.SettleResponseData;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConsumeTest {
    private final EngineFixture broker = new EngineFixture();
    private final KeptSink sink = new KeptSink();
    private Destination queue;

    @BeforeEach
    void open() {
        broker.open();
        queue = broker.resolve();
    }

    private Request attached(int prefetch) {
        broker.attach(queue, sink, prefetch);
        return broker.nextRequest(DeliverRequestData.class);
    }

    private void settle(long first, long last) {
        PartitionAttachment source = sink.deliveries.get(0).source();
        broker.engine.settle(source, SettlementKind.ACCEPT, first, last, broker.nowMs);
        broker.turn();
    }

    @Test
    void standsADeliverOnceAttached() {
        // When
        Request deliver = attached(10);

        // Then
        assertThat(deliver.header().correlationId()).isNegative();
        broker.deliver(deliver, EngineFixture.deliveries(1, 0, 1));
        broker.deliver(deliver, EngineFixture.deliveries(1, 2));
        assertThat(sink.offsets()).containsExactly(0L, 1L, 2L);
    }

    @Test
    void givesCreditWhenHalfIsConsumed() {
        // Given
        Request deliver = attached(4);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0, 1, 2));
        Delivery delivery = sink.deliveries.get(0);

        // When
        broker.engine.consumed(delivery.source(), 1, delivery.sizeBytes(), broker.nowMs);
        broker.turn();
        assertThat(broker.requests).isEmpty();
        broker.engine.consumed(delivery.source(), 1, delivery.sizeBytes(), broker.nowMs);
        broker.turn();

        // Then
        DeliverRequestData.Credit credit =
                broker.next(DeliverRequestData.class).credits().get(0);
        assertThat(credit.deliveryLimit()).isEqualTo(6);
        assertThat(credit.byteLimit()).isEqualTo(1_000_000 + 2L * delivery.sizeBytes());
        assertThat(credit.drain()).isFalse();
    }

    @Test
    void settlesManyInOneRequestAndForgetsThemWhenConfirmed() {
        // Given
        Request deliver = attached(10);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0, 1, 2, 5));
        PartitionAttachment source = sink.deliveries.get(0).source();

        // When
        for (long offset : new long[] {0, 1, 2, 5}) {
            broker.engine.settle(source, SettlementKind.ACCEPT, offset, offset, broker.nowMs);
        }
        broker.turn();

        // Then
        DeliverRequestData request = broker.next(DeliverRequestData.class);
        assertThat(request.settlements())
                .extracting(s -> s.firstOffset() + "-" + s.lastOffset())
                .containsExactly("0-2", "5-5");
        assertThat(source.hasUnconfirmed()).isTrue();
        broker.deliver(deliver, new DeliverResponseData().setConfirmedSequence(request.settlementSequence()));
        assertThat(source.hasUnconfirmed()).isFalse();
    }

    @Test
    void comesBackWithWhatItHoldsAndWhatWasNotConfirmed() {
        // Given
        Request deliver = attached(10);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0, 1, 2, 3));
        settle(0, 1);
        long confirmed = broker.next(DeliverRequestData.class).settlementSequence();
        broker.deliver(deliver, new DeliverResponseData().setConfirmedSequence(confirmed));
        settle(2, 2);

        // When
        broker.reconnect();
        broker.answerResolve();

        // Then
        Request attach = broker.nextRequest(AttachRequestData.class);
        AttachRequestData request = (AttachRequestData) attach.message();
        assertThat(request.reattach()).isTrue();
        assertThat(request.held())
                .extracting(h -> h.firstOffset() + "-" + h.lastOffset())
                .containsExactly("3-3");
        assertThat(request.settlements())
                .extracting(s -> s.firstOffset() + "-" + s.lastOffset())
                .containsExactly("2-2");
        assertThat(request.deliveryLimit()).isEqualTo(6);
        assertThat(sink.events).endsWith("suspended");
        broker.answer(attach, new AttachResponseData());
        assertThat(sink.events).endsWith("resumed");
        DeliverRequestData standing = broker.next(DeliverRequestData.class);
        assertThat(standing.settlements()).isEmpty();
        PartitionAttachment source = sink.deliveries.get(0).source();
        assertThat(source.hasUnconfirmed()).isTrue();
        assertThat(standing.settlementSequence()).isPositive();
    }

    @Test
    void repeatsASettlementOverAnyNumberOfRestarts() {
        // Given
        Request deliver = attached(10);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0, 1, 2));
        settle(0, 0);

        for (int restart = 0; restart < 5; restart++) {
            // When
            broker.reconnect();
            broker.answerResolve();
            AttachRequestData request = broker.answerAttach(0);

            // Then
            assertThat(request.settlements())
                    .extracting(s -> s.firstOffset() + "-" + s.lastOffset())
                    .containsExactly("0-0");
        }
        Request standing = broker.nextRequest(DeliverRequestData.class);
        broker.deliver(
                standing,
                new DeliverResponseData()
                        .setConfirmedSequence(((DeliverRequestData) standing.message()).settlementSequence()));
        assertThat(sink.deliveries.get(0).source().hasUnconfirmed()).isFalse();
    }

    @Test
    void dropsWhatTheBrokerGaveToOthers() {
        // Given
        Request deliver = attached(10);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0, 1, 2));

        // When
        broker.reconnect();
        broker.answerResolve();
        broker.answer(
                broker.nextRequest(AttachRequestData.class),
                new AttachResponseData()
                        .setLost(List.of(new AttachResponseData.LostRange()
                                .setFirstOffset(1)
                                .setLastOffset(2))));

        // Then
        assertThat(sink.events).contains("lost 1-2").endsWith("resumed");
        broker.nextRequest(DeliverRequestData.class);
        broker.reconnect();
        broker.answerResolve();
        assertThat(broker.next(AttachRequestData.class).held())
                .extracting(h -> h.firstOffset() + "-" + h.lastOffset())
                .containsExactly("0-0");
    }

    @Test
    void namesTheEpochThatItsLastAttachWasAnsweredWith() {
        // Given
        Request deliver = attached(10);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0, 1));
        broker.reconnect();
        broker.answerResolve();
        Request attach = broker.nextRequest(AttachRequestData.class);
        broker.answer(attach, new AttachResponseData().setLeaderEpoch(7));

        // When
        broker.nextRequest(DeliverRequestData.class);
        broker.reconnect();
        broker.answerResolve();

        // Then
        assertThat(((AttachRequestData) attach.message()).leaderEpoch()).isEqualTo(-1);
        assertThat(broker.next(AttachRequestData.class).leaderEpoch()).isEqualTo(7);
    }

    @Test
    void failsWhoWaitsForASettlementThatWasLost() {
        // Given
        Request deliver = attached(10);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0, 1));
        settle(0, 1);
        Kept<Done> reply = new Kept<>();
        broker.engine.awaitSettled(List.of(sink.deliveries.get(0).source().owner()), reply, broker.nowMs);
        broker.reconnect();
        broker.answerResolve();

        // When
        broker.answer(
                broker.nextRequest(AttachRequestData.class),
                new AttachResponseData()
                        .setLost(List.of(new AttachResponseData.LostRange()
                                .setFirstOffset(1)
                                .setLastOffset(1))));

        // Then
        assertThat(reply.failure.code()).isEqualTo(ErrorCode.DELIVERY_LOST);
    }

    @Test
    void saysNothingMoreOfMessagesThatAreNoMore() {
        // Given
        Request deliver = attached(10);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0, 1, 2));
        settle(0, 2);
        broker.reconnect();
        broker.answerResolve();
        broker.answer(
                broker.nextRequest(AttachRequestData.class),
                new AttachResponseData().setLeaderEpoch(2).setKnownEnd(1));
        broker.nextRequest(DeliverRequestData.class);

        // When
        broker.reconnect();
        broker.answerResolve();

        // Then
        assertThat(broker.next(AttachRequestData.class).settlements())
                .extracting(s -> s.firstOffset() + "-" + s.lastOffset())
                .containsExactly("0-0");
    }

    @Test
    void settlesNothingOfWhatItLearnsToBeLost() {
        // Given
        Request deliver = attached(10);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0, 1, 2));
        broker.reconnect();
        broker.answerResolve();
        Request attach = broker.nextRequest(AttachRequestData.class);
        settle(0, 2);

        // When
        broker.answer(
                attach,
                new AttachResponseData()
                        .setLost(List.of(new AttachResponseData.LostRange()
                                .setFirstOffset(1)
                                .setLastOffset(1))));

        // Then
        assertThat(broker.next(DeliverRequestData.class).settlements())
                .extracting(s -> s.firstOffset() + "-" + s.lastOffset())
                .containsExactly("0-0", "2-2");
    }

    @Test
    void takesDeliveriesWhileItIsAttaching() {
        // Given
        Request deliver = attached(10);
        KeptSink second = new KeptSink();
        broker.engine.attach(
                queue,
                new AttachSpec(SubscriptionKind.QUEUE, null, null, false, 10, 1_000_000),
                second,
                true,
                new Kept<>(),
                broker.nowMs);
        broker.turn();
        Request attach = broker.nextRequest(AttachRequestData.class);

        // When
        broker.deliver(deliver, EngineFixture.deliveries(2, 7));
        broker.answer(attach, new AttachResponseData());

        // Then
        assertThat(second.offsets()).containsExactly(7L);
    }

    @Test
    void aNonDurableSubscriberTakesNewMessagesInPlaceOfLostOnes() {
        // Given
        broker.attach(queue, sink, SubscriptionKind.NON_DURABLE, 10);
        Request deliver = broker.nextRequest(DeliverRequestData.class);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0, 1, 2));
        broker.reconnect();
        broker.answerResolve();
        broker.answer(
                broker.nextRequest(AttachRequestData.class),
                new AttachResponseData().setStartOffset(1).setLeaderEpoch(2));

        // When
        broker.deliver(broker.nextRequest(DeliverRequestData.class), EngineFixture.deliveries(1, 1));

        // Then
        assertThat(sink.events).contains("lost 1-2");
        assertThat(sink.offsets()).containsExactly(0L, 1L, 2L, 1L);
    }

    @Test
    void takesADeliveryThatItHoldsOnlyOnce() {
        // Given
        Request deliver = attached(10);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0, 1));

        // When
        broker.deliver(deliver, EngineFixture.deliveries(1, 1, 2));

        // Then
        assertThat(sink.offsets()).containsExactly(0L, 1L, 2L);
    }

    @Test
    void waitsUntilSettlementsAreDurable() {
        // Given
        Request deliver = attached(10);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0));
        Attachment attachment = sink.deliveries.get(0).source().owner();
        Kept<Done> settled = new Kept<>();

        // When
        broker.engine.settle(sink.deliveries.get(0).source(), SettlementKind.ACCEPT, 0, 0, broker.nowMs);
        broker.engine.awaitSettled(List.of(attachment), settled, broker.nowMs);
        broker.turn();

        // Then
        Request settle = broker.nextRequest(SettleRequestData.class);
        assertThat(settled.isAnswered()).isFalse();
        broker.answer(
                settle,
                new SettleResponseData()
                        .setConfirmedSequence(((SettleRequestData) settle.message()).settlementSequence()));
        assertThat(settled.value).isEqualTo(Done.DONE);
    }

    @Test
    void waitsOverALostLink() {
        // Given
        Request deliver = attached(10);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0));
        Kept<Done> settled = new Kept<>();
        broker.engine.settle(sink.deliveries.get(0).source(), SettlementKind.ACCEPT, 0, 0, broker.nowMs);
        broker.engine.awaitSettled(List.of(sink.deliveries.get(0).source().owner()), settled, broker.nowMs);
        broker.turn();

        // When
        broker.reconnect();
        broker.answerResolve();
        AttachRequestData attach = broker.answerAttach(0);

        // Then
        assertThat(attach.settlements()).hasSize(1);
        assertThat(settled.isAnswered()).isFalse();
        Request settle = broker.nextRequest(SettleRequestData.class);
        assertThat(((SettleRequestData) settle.message()).settlements()).isEmpty();
        broker.answer(
                settle,
                new SettleResponseData()
                        .setConfirmedSequence(((SettleRequestData) settle.message()).settlementSequence()));
        assertThat(settled.value).isEqualTo(Done.DONE);
    }

    @Test
    void tellsWhoWaitsThatASettlementFailed() {
        // Given
        Request deliver = attached(10);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0));
        Kept<Done> settled = new Kept<>();
        broker.engine.settle(sink.deliveries.get(0).source(), SettlementKind.ACCEPT, 0, 0, broker.nowMs);
        broker.engine.awaitSettled(List.of(sink.deliveries.get(0).source().owner()), settled, broker.nowMs);
        broker.turn();

        // When
        broker.answer(
                broker.nextRequest(SettleRequestData.class),
                new SettleResponseData().setErrorCode(ErrorCode.KAFKA_STORAGE_ERROR.code()));

        // Then
        assertThat(settled.failure.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
    }

    @Test
    void drains() {
        // Given
        Request deliver = attached(10);
        Attachment attachment = broker.attach(queue, new KeptSink(), 10);
        broker.nextRequest(DeliverRequestData.class);

        // When
        broker.engine.drain(attachment, broker.nowMs);
        broker.turn();

        // Then
        DeliverRequestData.Credit credit =
                broker.next(DeliverRequestData.class).credits().get(0);
        assertThat(credit.drain()).isTrue();
        assertThat(credit.deliveryLimit()).isEqualTo(10);
        broker.deliver(deliver, new DeliverResponseData().setDrained(List.of(2)));
        assertThat(((KeptSink) attachment.sink).events).containsExactly("drained");
    }

    @Test
    void drainsAgainAfterALostLink() {
        // Given
        Attachment attachment = broker.attach(queue, sink, 10);
        broker.nextRequest(DeliverRequestData.class);
        broker.engine.drain(attachment, broker.nowMs);
        broker.turn();

        // When
        broker.reconnect();
        broker.answerResolve();
        broker.answerAttach(0);

        // Then
        assertThat(broker.next(DeliverRequestData.class).credits().get(0).drain())
                .isTrue();
    }

    @Test
    void detachesWithTheLastSettlements() {
        // Given
        Request deliver = attached(10);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0, 1));
        PartitionAttachment source = sink.deliveries.get(0).source();
        Kept<Done> detached = new Kept<>();

        // When
        broker.engine.settle(source, SettlementKind.ACCEPT, 0, 0, broker.nowMs);
        broker.engine.detach(source.owner(), detached, broker.nowMs);
        broker.turn();

        // Then
        Request request = broker.nextRequest(DetachRequestData.class);
        assertThat(((DetachRequestData) request.message()).settlements()).hasSize(1);
        assertThat(detached.isAnswered()).isFalse();
        broker.answer(request, new DetachResponseData());
        assertThat(detached.value).isEqualTo(Done.DONE);
        assertThat(broker.requests).isEmpty();
    }

    @Test
    void comesBackToDetachWhatIsNotConfirmed() {
        // Given
        Request deliver = attached(10);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0, 1));
        PartitionAttachment source = sink.deliveries.get(0).source();
        Kept<Done> detached = new Kept<>();
        broker.engine.settle(source, SettlementKind.ACCEPT, 0, 0, broker.nowMs);
        broker.engine.detach(source.owner(), detached, broker.nowMs);

        // When
        broker.reconnect();
        broker.answerResolve();
        AttachRequestData attach = broker.answerAttach(0);

        // Then
        assertThat(attach.settlements()).hasSize(1);
        assertThat(detached.isAnswered()).isFalse();
        broker.answer(broker.nextRequest(DetachRequestData.class), new DetachResponseData());
        assertThat(detached.value).isEqualTo(Done.DONE);
    }

    @Test
    void doesNotComeBackToDetachNothing() {
        // Given
        Attachment attachment = broker.attach(queue, sink, 10);
        Kept<Done> detached = new Kept<>();
        broker.engine.detach(attachment, detached, broker.nowMs);

        // When
        broker.reconnect();

        // Then
        assertThat(detached.value).isEqualTo(Done.DONE);
        assertThat(broker.requests).isEmpty();
    }

    @Test
    void hearsThatTheBrokerEndedAConsumer() {
        // Given
        Request deliver = attached(10);

        // When
        broker.deliver(
                deliver,
                new DeliverResponseData()
                        .setEnded(List.of(new DeliverResponseData.EndedConsumer()
                                .setConsumerId(1)
                                .setErrorCode(ErrorCode.DESTINATION_DELETED.code())
                                .setErrorMessage("q was deleted"))));

        // Then
        assertThat(sink.ended.code()).isEqualTo(ErrorCode.DESTINATION_DELETED);
        assertThat(sink.ended).hasMessage("q was deleted");
    }

    @Test
    void refusesAConsumerThatTheBrokerRefuses() {
        // Given
        Kept<Done> attached = new Kept<>();
        broker.engine.attach(
                queue,
                new AttachSpec(SubscriptionKind.DURABLE, "s", null, false, 1, 1),
                sink,
                true,
                attached,
                broker.nowMs);

        // When
        broker.answer(
                broker.nextRequest(AttachRequestData.class),
                new AttachResponseData().setErrorCode(ErrorCode.SUBSCRIPTION_IN_USE.code()));

        // Then
        assertThat(attached.failure.code()).isEqualTo(ErrorCode.SUBSCRIPTION_IN_USE);
        broker.reconnect();
        assertThat(broker.requests).isEmpty();
        assertThat(sink.ended).isNull();
    }

    @Test
    void aNonDurableConsumerGoesOnWhereItWas() {
        // Given
        broker.attach(queue, sink, SubscriptionKind.NON_DURABLE, 10);
        Request deliver = broker.nextRequest(DeliverRequestData.class);
        broker.deliver(deliver, EngineFixture.deliveries(1, 7, 8));
        settle(7, 7);

        // When
        broker.reconnect();
        broker.answerResolve();

        // Then
        AttachRequestData attach = broker.answerAttach(9);
        assertThat(attach.startOffset()).isEqualTo(9);
        assertThat(attach.held()).isEmpty();
        assertThat(attach.settlements()).isEmpty();
    }

    @Test
    void aNonDurableConsumerThatHasSeenNothingGoesOnWhereItBegan() {
        // Given
        Kept<Done> reply = new Kept<>();
        broker.engine.attach(
                queue,
                new AttachSpec(SubscriptionKind.NON_DURABLE, null, null, false, 10, 1_000),
                sink,
                true,
                reply,
                broker.nowMs);
        assertThat(broker.answerAttach(33).startOffset()).isEqualTo(-1);

        // When
        broker.reconnect();
        broker.answerResolve();

        // Then
        assertThat(broker.answerAttach(33).startOffset()).isEqualTo(33);
    }

    @Test
    void asksForNothingBeforeItFlows() {
        // Given
        Kept<Done> reply = new Kept<>();
        Attachment attachment = broker.engine.attach(
                queue,
                new AttachSpec(SubscriptionKind.QUEUE, null, null, false, 10, 1_000),
                sink,
                false,
                reply,
                broker.nowMs);
        assertThat(broker.answerAttach(0).deliveryLimit()).isZero();
        assertThat(broker.next(DeliverRequestData.class).credits()).isEmpty();

        // When
        broker.engine.setFlowing(attachment, true, broker.nowMs);
        broker.turn();

        // Then
        assertThat(broker.next(DeliverRequestData.class).credits().get(0).deliveryLimit())
                .isEqualTo(10);
    }

    @Test
    void givesNoCreditWhileTooMuchIsUnconfirmed() {
        // Given
        long half = PartitionAttachment.MAX_UNCONFIRMED / 2;
        Request deliver = attached((int) (4 * half));
        broker.deliver(
                deliver,
                EngineFixture.deliveries(1, LongStream.range(0, 2 * half).toArray()));
        PartitionAttachment source = sink.deliveries.get(0).source();
        for (long i = 0; i < half; i++) {
            broker.engine.settle(source, SettlementKind.ACCEPT, 2 * i, 2 * i, broker.nowMs);
            broker.engine.settle(source, SettlementKind.FAIL, 2 * i + 1, 2 * i + 1, broker.nowMs);
        }
        broker.turn();
        DeliverRequestData settling = broker.next(DeliverRequestData.class);

        // When
        broker.engine.consumed(source, (int) (2 * half), 2 * half, broker.nowMs);
        broker.turn();

        // Then
        assertThat(broker.requests).isEmpty();
        broker.deliver(deliver, new DeliverResponseData().setConfirmedSequence(settling.settlementSequence()));
        assertThat(broker.next(DeliverRequestData.class).credits()).hasSize(1);
    }
}
