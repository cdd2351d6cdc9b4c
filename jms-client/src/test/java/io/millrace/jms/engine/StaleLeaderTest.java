package io.millrace.jms.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.jms.engine.EngineFixture.KeptSink;
import io.millrace.jms.engine.EngineFixture.Request;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.SettlementKind;
import io.millrace.protocol.message.AttachRequestData;
import io.millrace.protocol.message.AttachResponseData;
import io.millrace.protocol.message.DeliverRequestData;
import io.millrace.protocol.message.HelloRequestData;
import io.millrace.protocol.message.HelloResponseData;
import io.millrace.protocol.message.ResolveDestinationRequestData;
import io.millrace.protocol.message.ResolveDestinationResponseData;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A broker that is cut off from the others goes on to name itself as the leader, and refuses what a leader gets. */
class StaleLeaderTest {
    private static final int OTHER = EngineFixture.BROKER + 1;
    private static final int SILENT = EngineFixture.BROKER + 2;

    private final EngineFixture broker = new EngineFixture("a:1", "b:2");
    private Destination queue;
    private EngineFixture.KeptSend send;

    @BeforeEach
    void sendToALeaderThatIsNoneAnyMore() {
        broker.open();
        queue = broker.resolve();
        send = broker.sendNow(queue, "one");
        broker.answerSend(broker.nextSend(), ErrorCode.NOT_LEADER_OR_FOLLOWER);
        broker.advance(1000);
    }

    private void welcomeOther() {
        broker.connected();
        broker.answer(
                broker.nextRequest(HelloRequestData.class),
                new HelloResponseData().setBrokerId(OTHER).setMaxFrameBytes(1 << 20));
    }

    private static ResolveDestinationResponseData ledBy(int leaderId, int epoch) {
        ResolveDestinationResponseData answer = EngineFixture.resolved(EngineFixture.TOPIC, leaderId);
        answer.partitions().get(0).setLeaderEpoch(epoch);
        answer.brokers()
                .get(0)
                .setHost(leaderId == OTHER ? "b" : leaderId == SILENT ? "c" : "a")
                .setPort(leaderId);
        return answer;
    }

    @Test
    void looksForAnotherBrokerWhenTheOnlyOneItKnowsIsAskedAgain() {
        // Given
        assertThat(broker.connecting).hasSize(1);
        broker.answer(broker.nextRequest(ResolveDestinationRequestData.class), ledBy(EngineFixture.BROKER, 1));
        broker.answerSend(broker.nextSend(), ErrorCode.NOT_LEADER_OR_FOLLOWER);

        // When
        welcomeOther();
        broker.advance(1000);
        Request asked = broker.nextRequest(ResolveDestinationRequestData.class);
        broker.answer(asked, ledBy(OTHER, 2));

        // Then
        Request sent = broker.nextSend();
        assertThat(sent.channel()).isEqualTo(asked.channel()).isNotEqualTo(1);
        broker.answerSend(sent, ErrorCode.NONE);
        assertThat(send.isSent).isTrue();
    }

    @Test
    void doesNotBelieveAnEarlierEpochOnceItKnowsALaterOne() {
        // Given
        Request stale = broker.nextRequest(ResolveDestinationRequestData.class);
        broker.answer(stale, ledBy(OTHER, 2));
        welcomeOther();
        broker.answerSend(broker.nextSend(), ErrorCode.NOT_LEADER_OR_FOLLOWER);
        broker.advance(1000);

        // When
        broker.answer(broker.nextRequest(ResolveDestinationRequestData.class), ledBy(EngineFixture.BROKER, 1));

        // Then
        assertThat(broker.requests).isEmpty();
        broker.advance(1000);
        assertThat(broker.nextRequest(ResolveDestinationRequestData.class)).isNotNull();
    }

    @Test
    void asksAgainWhileALeaderThatItWasToldOfDoesNotAnswer() {
        // Given
        Request asked = broker.nextRequest(ResolveDestinationRequestData.class);
        welcomeOther();
        broker.answer(asked, ledBy(SILENT, 2));
        assertThat(broker.connecting).hasSize(1);

        // When
        broker.advance(1000);
        broker.answer(broker.nextRequest(ResolveDestinationRequestData.class), ledBy(OTHER, 3));

        // Then
        broker.answerSend(broker.nextSend(), ErrorCode.NONE);
        assertThat(send.isSent).isTrue();
    }

    @Test
    void takesItsConsumersAlongWhenItHearsOfALaterLeader() {
        // Given
        KeptSink sink = new KeptSink();
        broker.answer(broker.nextRequest(ResolveDestinationRequestData.class), ledBy(EngineFixture.BROKER, 1));
        Request sent = broker.nextSend();
        Attachment attachment = broker.attach(queue, sink, 10);
        broker.deliver(broker.nextRequest(DeliverRequestData.class), EngineFixture.deliveries(1, 0, 1));
        broker.engine.settle(sink.deliveries.get(0).source(), SettlementKind.ACCEPT, 0, 0, broker.nowMs);
        broker.turn();
        Request settled = broker.nextRequest(DeliverRequestData.class);

        // When
        broker.answerSend(sent, ErrorCode.NOT_LEADER_OR_FOLLOWER);
        welcomeOther();
        broker.advance(1000);
        broker.answer(broker.nextRequest(ResolveDestinationRequestData.class), ledBy(OTHER, 2));

        // Then
        Request attach = broker.nextRequest(AttachRequestData.class);
        assertThat(attach.channel()).isNotEqualTo(settled.channel());
        AttachRequestData request = (AttachRequestData) attach.message();
        assertThat(request.settlements())
                .extracting(s -> s.firstOffset() + "-" + s.lastOffset())
                .containsExactly("0-0");
        assertThat(request.held())
                .extracting(h -> h.firstOffset() + "-" + h.lastOffset())
                .containsExactly("1-1");
        broker.answer(attach, new AttachResponseData().setLeaderEpoch(2).setKnownEnd(2));
        assertThat(attachment.isAttached()).isTrue();
        assertThat(sink.events).endsWith("suspended", "resumed");
    }

    /** The first broker leads no more and has not answered one of two messages; the other one leads. */
    private Request turnedAwayFromOneUnanswered(EngineFixture.KeptSend second) {
        broker.answer(broker.nextRequest(ResolveDestinationRequestData.class), ledBy(EngineFixture.BROKER, 1));
        Request first = broker.nextSend();
        broker.engine.send(second, broker.nowMs);
        broker.turn();
        Request unanswered = broker.nextSend();
        broker.answerSend(first, ErrorCode.NOT_LEADER_OR_FOLLOWER);
        welcomeOther();
        broker.advance(1000);
        broker.answer(broker.nextRequest(ResolveDestinationRequestData.class), ledBy(OTHER, 2));
        assertThat(broker.requests).isEmpty();
        return unanswered;
    }

    @Test
    void waitsForAnAnswerOfALeaderBeforeWhenTheNextOneIsLost() {
        // Given
        EngineFixture.KeptSend second = new EngineFixture.KeptSend(queue, true, "two");
        Request unanswered = turnedAwayFromOneUnanswered(second);

        // When
        broker.broken();
        broker.advance(1000);
        broker.answer(broker.nextRequest(ResolveDestinationRequestData.class), ledBy(OTHER, 2));
        welcomeOther();

        // Then
        assertThat(broker.requests).isEmpty();
        broker.answerSend(unanswered, ErrorCode.NOT_LEADER_OR_FOLLOWER);
        broker.advance(1000);
        broker.answer(broker.nextRequest(ResolveDestinationRequestData.class), ledBy(OTHER, 2));
        broker.answerSend(broker.nextSend(), ErrorCode.NONE);
        broker.answerSend(broker.nextSend(), ErrorCode.NONE);
        assertThat(broker.requests).isEmpty();
        assertThat(send.isSent).isTrue();
        assertThat(second.isSent).isTrue();
    }

    @Test
    void sendsAgainWhatALeaderBeforeTookAlongIntoItsSilence() {
        // Given
        EngineFixture.KeptSend second = new EngineFixture.KeptSend(queue, true, "two");
        Request unanswered = turnedAwayFromOneUnanswered(second);

        // When
        broker.engine.onDisconnected(unanswered.channel(), "broken", broker.nowMs);
        broker.turn();

        // Then
        broker.answerSend(broker.nextSend(), ErrorCode.NONE);
        broker.answerSend(broker.nextSend(), ErrorCode.NONE);
        assertThat(second.isSent).isTrue();
    }

    @Test
    void doesNotGiveTheNextLeaderWhatIsNotDurableAndMayHaveBeenTaken() {
        // Given
        EngineFixture.KeptSend second = new EngineFixture.KeptSend(queue, false, "two");
        Request unanswered = turnedAwayFromOneUnanswered(second);

        // When
        broker.engine.onDisconnected(unanswered.channel(), "broken", broker.nowMs);
        broker.turn();

        // Then
        assertThat(second.isSent).isTrue();
        broker.answerSend(broker.nextSend(), ErrorCode.NONE);
        assertThat(broker.requests).isEmpty();
        assertThat(send.isSent).isTrue();
    }

    @Test
    void closesASecondLinkToTheSameBroker() {
        // Given
        Request asked = broker.nextRequest(ResolveDestinationRequestData.class);
        broker.connected();
        int second = broker.channel;

        // When
        broker.answer(
                broker.nextRequest(HelloRequestData.class),
                new HelloResponseData().setBrokerId(EngineFixture.BROKER).setMaxFrameBytes(1 << 20));

        // Then
        assertThat(broker.disconnected).containsExactly(second);
        broker.answer(asked, ledBy(EngineFixture.BROKER, 1));
        assertThat(broker.nextSend().channel()).isEqualTo(asked.channel());
        assertThat(broker.losses).isEmpty();
    }

    @Test
    void livesOnWhenTheOtherBrokerCanNotBeReached() {
        // When
        broker.refused();
        broker.advance(1000);

        // Then
        assertThat(broker.losses).isEmpty();
    }
}
