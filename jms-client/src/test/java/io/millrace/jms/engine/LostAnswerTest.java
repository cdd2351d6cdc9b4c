package io.millrace.jms.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ResolveDestinationRequestData;
import io.millrace.protocol.message.ResolveDestinationResponseData;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The answer to a non-persistent message was lost with the connection. If the leader has lost the message with its memory, and a consumer has
 * had it, it must not be sent again; another broker may not know yet that the leader was restarted.
 */
class LostAnswerTest {
    private static final int LEADER = EngineFixture.BROKER;
    private static final int OTHER = LEADER + 1;

    private final EngineFixture broker = new EngineFixture("host1:1");
    private EngineFixture.KeptSend send;
    private Destination queue;

    @BeforeEach
    void loseAnAnswer() {
        EngineFixture.Kept<Destination> resolved = new EngineFixture.Kept<>();
        broker.open();
        int leader = broker.channel;
        broker.engine.resolve(DestinationName.queue("q"), resolved, broker.nowMs);
        broker.turn();
        answerResolve();
        broker.connectTo(OTHER);
        queue = resolved.value;
        send = new EngineFixture.KeptSend(queue, false, "one");
        broker.engine.send(send, broker.nowMs);
        broker.turn();
        broker.nextSend();
        broker.engine.onDisconnected(leader, "broken", broker.nowMs);
        broker.turn();
    }

    private void answerResolve() {
        broker.answer(
                broker.nextRequest(ResolveDestinationRequestData.class), EngineFixture.ledBy(LEADER, 1, LEADER, OTHER));
    }

    @Test
    void isNotSentAgainOnTheWordOfAnother() {
        // When
        broker.advance(100);
        answerResolve();
        broker.connectTo(LEADER);

        // Then
        assertThat(broker.requests).isEmpty();
        assertThat(send.isSent).isTrue();
        EngineFixture.KeptSend next = broker.sendNow(queue, "two");
        EngineFixture.Request request = broker.nextSend();
        assertThat(EngineFixture.batch(request).producerEpoch()).isEqualTo((short) (broker.producerEpoch + 1));
        broker.answerSend(request, ErrorCode.NONE);
        assertThat(next.isSent).isTrue();
    }

    @Test
    void isSentAgainWhenTheLeaderItselfSaysThatItIsTheSame() {
        // Given the other one knows of no leader
        int again = -1;
        while (broker.requests.isEmpty() || broker.requests.element().channel() != again) {
            if (!broker.requests.isEmpty()) {
                broker.answer(
                        broker.nextRequest(ResolveDestinationRequestData.class),
                        new ResolveDestinationResponseData().setErrorCode(ErrorCode.LEADER_NOT_AVAILABLE.code()));
            } else if (!broker.connecting.isEmpty()) {
                again = broker.connectTo(LEADER);
            } else {
                broker.advance(1);
            }
        }

        // When
        answerResolve();

        // Then
        assertThat(send.isSent).isFalse();
        assertThat(broker.nextSend().channel()).isEqualTo(again);
    }
}
