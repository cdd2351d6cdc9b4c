package io.millrace.jms.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ResolveDestinationRequestData;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A link is kept to the broker that may lead next. */
class StandbysTest {
    private static final int LEADER = EngineFixture.BROKER;
    private static final int NEXT = LEADER + 1;

    private final EngineFixture broker = new EngineFixture("host1:1");
    private final EngineFixture.Kept<Destination> queue = new EngineFixture.Kept<>();

    @BeforeEach
    void resolve() {
        broker.open();
        broker.engine.resolve(DestinationName.queue("q"), queue, broker.nowMs);
        broker.turn();
        broker.answer(
                broker.nextRequest(ResolveDestinationRequestData.class), EngineFixture.ledBy(LEADER, 1, LEADER, NEXT));
    }

    @Test
    void aNewLeaderIsSentToWithoutConnecting() {
        // Given
        int first = broker.channel;
        int next = broker.connectTo(NEXT);
        EngineFixture.KeptSend send = broker.sendNow(queue.value, "one");
        EngineFixture.Request request = broker.nextSend();
        assertThat(request.channel()).isEqualTo(first);

        // When
        broker.answerSend(request, ErrorCode.NOT_LEADER_OR_FOLLOWER);
        broker.advance(100);
        broker.answer(
                broker.nextRequest(ResolveDestinationRequestData.class), EngineFixture.ledBy(NEXT, 2, LEADER, NEXT));

        // Then
        EngineFixture.Request again = broker.nextSend();
        assertThat(again.channel()).isEqualTo(next);
        assertThat(broker.connecting).isEmpty();
        broker.answerSend(again, ErrorCode.NONE);
        assertThat(send.isSent).isTrue();
    }

    @Test
    void oneThatIsDownIsTriedAgainUntilItIsBackAndEverLessOften() {
        // Given
        broker.refused();

        // When
        int tries = 0;
        long endMs = broker.nowMs + 20_000;
        while (broker.nowMs < endMs) {
            broker.advance(1);
            while (!broker.connecting.isEmpty()) {
                broker.refused();
                tries++;
            }
        }

        // Then
        assertThat(tries).isBetween(10, 25);
        broker.advance(2_000);
        int next = broker.connectTo(NEXT);
        assertThat(broker.disconnected).doesNotContain(next);
        broker.advance(60_000);
        assertThat(broker.connecting).isEmpty();
    }

    @Test
    void oneThatStaysAwayIsForgottenAfterTheTimeLimitForReconnecting() {
        // When
        broker.refused();
        long endMs = broker.nowMs + 310_000;
        while (broker.nowMs < endMs) {
            broker.advance(50);
            while (!broker.connecting.isEmpty()) {
                broker.refused();
            }
        }

        // Then
        broker.advance(600_000);
        assertThat(broker.connecting).isEmpty();
        assertThat(broker.losses).isEmpty();
    }

    @Test
    void aNonPersistentMessageThatALeaderRefusedGoesToTheNext() {
        // Given
        int next = broker.connectTo(NEXT);
        EngineFixture.KeptSend send = new EngineFixture.KeptSend(queue.value, false, "one");
        broker.engine.send(send, broker.nowMs);
        broker.turn();
        broker.answerSend(broker.nextSend(), ErrorCode.NOT_LEADER_OR_FOLLOWER);

        // When
        broker.advance(100);
        broker.answer(
                broker.nextRequest(ResolveDestinationRequestData.class), EngineFixture.ledBy(NEXT, 2, LEADER, NEXT));

        // Then
        assertThat(send.isSent).isFalse();
        assertThat(broker.nextSend().channel()).isEqualTo(next);
    }
}
