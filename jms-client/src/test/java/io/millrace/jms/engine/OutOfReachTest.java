package io.millrace.jms.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.jms.engine.EngineFixture.KeptSink;
import io.millrace.jms.engine.EngineFixture.Request;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SettlementKind;
import io.millrace.protocol.message.AttachRequestData;
import io.millrace.protocol.message.AttachResponseData;
import io.millrace.protocol.message.DeliverRequestData;
import io.millrace.protocol.message.DeliverResponseData;
import io.millrace.protocol.message.DetachRequestData;
import io.millrace.protocol.message.DetachResponseData;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A consumer whose broker is out of reach, and what it may say of its deliveries meanwhile. */
class OutOfReachTest {
    private final EngineFixture broker = new EngineFixture();
    private final KeptSink sink = new KeptSink();
    private Attachment attachment;

    @BeforeEach
    void attach() {
        broker.open();
        attachment = broker.attach(broker.resolve(), sink, 10);
        Request deliver = broker.nextRequest(DeliverRequestData.class);
        broker.deliver(deliver, EngineFixture.deliveries(1, 0, 1, 2));
    }

    private void settle(long first, long last) {
        broker.engine.settle(sink.deliveries.get(0).source(), SettlementKind.ACCEPT, first, last, broker.nowMs);
        broker.turn();
    }

    private Request comeBack() {
        broker.connected();
        broker.welcome();
        broker.answerResolve();
        return broker.nextRequest(AttachRequestData.class);
    }

    private static AttachResponseData lost(long first, long last) {
        return new AttachResponseData()
                .setLost(List.of(
                        new AttachResponseData.LostRange().setFirstOffset(first).setLastOffset(last)));
    }

    @Test
    void comesBackWithWhatItSettledMeanwhileAndHearsThatItWasLost() {
        // Given
        broker.broken();
        settle(0, 1);

        // When
        Request attach = comeBack();

        // Then
        AttachRequestData request = (AttachRequestData) attach.message();
        assertThat(request.settlements())
                .extracting(s -> s.firstOffset() + "-" + s.lastOffset())
                .containsExactly("0-1");
        assertThat(request.held())
                .extracting(h -> h.firstOffset() + "-" + h.lastOffset())
                .containsExactly("2-2");
        broker.answer(attach, lost(0, 0));
        assertThat(sink.events).contains("lost 0-0").endsWith("resumed");
    }

    @Test
    void settlesNothingThatItHoldsNoMore() {
        // Given
        broker.broken();
        broker.answer(comeBack(), lost(1, 1));
        broker.requests.clear();

        // When
        settle(0, 2);

        // Then
        assertThat(broker.next(DeliverRequestData.class).settlements())
                .extracting(s -> s.firstOffset() + "-" + s.lastOffset())
                .containsExactly("0-0", "2-2");
    }

    @Test
    void tellsWhoWaitsForWhatItSettledInTheTurnInWhichTheLinkBroke() {
        // Given
        EngineFixture.Kept<Done> settled = new EngineFixture.Kept<>();
        broker.engine.settle(sink.deliveries.get(0).source(), SettlementKind.ACCEPT, 0, 1, broker.nowMs);
        broker.engine.awaitSettled(List.of(attachment), settled, broker.nowMs);
        broker.broken();

        // When
        broker.answer(comeBack(), lost(0, 0));

        // Then
        assertThat(settled.failure.code()).isEqualTo(ErrorCode.DELIVERY_LOST);
    }

    @Test
    void tellsWhoClosesThatWhatItAcceptedBeforeWasLost() {
        // Given
        EngineFixture.Kept<Done> detached = new EngineFixture.Kept<>();
        broker.broken();
        settle(0, 1);
        broker.engine.detach(attachment, detached, broker.nowMs);

        // When
        broker.answer(comeBack(), lost(0, 0));
        broker.answer(broker.nextRequest(DetachRequestData.class), new DetachResponseData());

        // Then
        assertThat(detached.failure.code()).isEqualTo(ErrorCode.DELIVERY_LOST);
    }

    @Test
    void isReachableOnceItHasHeardWhatWasLost() {
        // Given
        List<String> order = new ArrayList<>();
        broker.broken();
        assertThat(broker.engine.areReachable(List.of(attachment))).isFalse();
        broker.engine.whenReachable(
                List.of(attachment), () -> order.add("reachable " + sink.events.contains("lost 0-0")));
        Request attach = comeBack();
        assertThat(order).isEmpty();

        // When
        broker.answer(attach, lost(0, 0));

        // Then
        assertThat(order).containsExactly("reachable true");
        assertThat(broker.engine.areReachable(List.of(attachment))).isTrue();
    }

    @Test
    void isReachableWhenTheConnectionIsLostForGood() {
        // Given
        List<String> order = new ArrayList<>();
        broker.broken();
        broker.engine.whenReachable(List.of(attachment), () -> order.add("over"));
        assertThat(order).isEmpty();

        // When
        broker.engine.abort(broker.nowMs);

        // Then
        assertThat(order).containsExactly("over");
    }

    @Test
    void takesNothingForConfirmedThatAConsumerSettledWhichTheBrokerHadEnded() {
        // Given
        settle(0, 0);
        Request settling = broker.nextRequest(DeliverRequestData.class);
        EngineFixture.Kept<Done> settled = new EngineFixture.Kept<>();
        broker.engine.awaitSettled(List.of(attachment), settled, broker.nowMs);
        broker.turn();
        broker.requests.clear();

        // When
        broker.deliver(
                settling,
                new DeliverResponseData()
                        .setConfirmedSequence(((DeliverRequestData) settling.message()).settlementSequence())
                        .setEnded(List.of(new DeliverResponseData.EndedConsumer()
                                .setConsumerId(1)
                                .setErrorCode(ErrorCode.BROKER_CLOSING.code())
                                .setErrorMessage("closing"))));

        // Then
        assertThat(settled.isAnswered()).isFalse();
        broker.reconnect();
        broker.advance(100);
        broker.answerResolve();
        assertThat(broker.next(AttachRequestData.class).settlements())
                .extracting(s -> s.firstOffset() + "-" + s.lastOffset())
                .containsExactly("0-0");
    }
}
