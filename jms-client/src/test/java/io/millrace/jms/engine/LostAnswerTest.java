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
        broker.answer(broker.nextRequest(ResolveDestinationRequestData.class), ledIn(1));
    }

    private static ResolveDestinationResponseData ledIn(int epoch) {
        return EngineFixture.ledBy(LEADER, epoch, LEADER, OTHER);
    }

    /** The other broker names the leader as before, and its link comes back. */
    private EngineFixture.Request askedOfTheLeader() {
        broker.advance(100);
        answerResolve();
        int again = broker.connectTo(LEADER);
        EngineFixture.Request asked = broker.nextRequest(ResolveDestinationRequestData.class);
        assertThat(asked.channel()).isEqualTo(again);
        assertThat(broker.requests).isEmpty();
        return asked;
    }

    @Test
    void isNotSentAgainWhenTheLeaderSaysThatItWasElectedAnew() {
        // When
        broker.answer(askedOfTheLeader(), ledIn(2));

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
        // Given
        EngineFixture.Request asked = askedOfTheLeader();

        // When
        broker.answer(asked, ledIn(1));

        // Then
        assertThat(send.isSent).isFalse();
        EngineFixture.Request again = broker.nextSend();
        assertThat(again.channel()).isEqualTo(asked.channel());
        assertThat(EngineFixture.batch(again).producerEpoch()).isEqualTo(broker.producerEpoch);
        broker.answerSend(again, ErrorCode.NONE);
        assertThat(send.isSent).isTrue();
    }

    @Test
    void aLeaderThatDoesNotKnowYetIsAskedAgainAfterPauses() {
        // Given
        broker.answer(askedOfTheLeader(), ledIn(0));

        // When
        int asked = 0;
        long endMs = broker.nowMs + 10_000;
        while (broker.nowMs < endMs) {
            broker.advance(1);
            while (!broker.requests.isEmpty()) {
                EngineFixture.Request request = broker.nextRequest(ResolveDestinationRequestData.class);
                boolean isLeader = request.channel() == broker.channel;
                broker.answer(request, ledIn(isLeader ? 0 : 1));
                asked++;
            }
        }

        // Then
        assertThat(send.isSent).isFalse();
        assertThat(asked).isBetween(10, 100);
    }

    @Test
    void theLeaderIsAskedAgainWhenItCouldNotSay() {
        // When
        broker.answer(
                askedOfTheLeader(),
                new ResolveDestinationResponseData().setErrorCode(ErrorCode.BROKER_ID_NOT_REGISTERED.code()));
        broker.advance(1_000);
        broker.answer(broker.nextRequest(ResolveDestinationRequestData.class), ledIn(1));
        while (broker.requests.element().message() instanceof ResolveDestinationRequestData) {
            broker.answer(broker.requests.remove(), ledIn(1));
        }

        // Then
        broker.answerSend(broker.nextSend(), ErrorCode.NONE);
        assertThat(send.isSent).isTrue();
    }

    @Test
    void theLeaderIsAskedAgainWhenItRefusesAfterAll() {
        // Given it took itself for the leader before it heard that it was elected anew
        EngineFixture.Request asked = askedOfTheLeader();
        broker.answer(asked, ledIn(1));
        broker.answerSend(broker.nextSend(), ErrorCode.NOT_LEADER_OR_FOLLOWER);

        // When the other one names it as before
        broker.advance(1_000);
        EngineFixture.Request resolve = broker.nextRequest(ResolveDestinationRequestData.class);
        while (resolve.channel() == asked.channel()) {
            broker.answer(
                    resolve, new ResolveDestinationResponseData().setErrorCode(ErrorCode.LEADER_NOT_AVAILABLE.code()));
            broker.advance(1_000);
            resolve = broker.nextRequest(ResolveDestinationRequestData.class);
        }
        broker.answer(resolve, ledIn(1));

        // Then
        EngineFixture.Request again = broker.nextRequest(ResolveDestinationRequestData.class);
        assertThat(again.channel()).isEqualTo(asked.channel());
        broker.answer(again, ledIn(2));
        assertThat(broker.requests).isEmpty();
        assertThat(send.isSent).isTrue();
    }
}
