package io.millrace.jms.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.jms.engine.EngineFixture.Kept;
import io.millrace.jms.engine.EngineFixture.Request;
import io.millrace.protocol.DestinationName;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ClaimClientIdRequestData;
import io.millrace.protocol.message.ClaimClientIdResponseData;
import io.millrace.protocol.message.CreateDestinationRequestData;
import io.millrace.protocol.message.CreateDestinationResponseData;
import io.millrace.protocol.message.HelloRequestData;
import io.millrace.protocol.message.HelloResponseData;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A broker that is cut off from the cluster says so to whoever asks it for something that any broker does. */
class CutOffBrokerTest {
    private static final int OTHER = EngineFixture.BROKER + 1;

    private final EngineFixture broker = new EngineFixture("a:1", "b:2");
    private final Kept<Done> created = new Kept<>();

    @BeforeEach
    void open() {
        broker.open();
    }

    private void create(Kept<Done> reply) {
        broker.engine.createDestination(DestinationName.queue("q"), 1, 1, Map.of(), reply, broker.nowMs);
        broker.turn();
    }

    private void welcomeOther() {
        broker.connected();
        broker.answer(
                broker.nextRequest(HelloRequestData.class),
                new HelloResponseData().setBrokerId(OTHER).setMaxFrameBytes(1 << 20));
    }

    private Request sentOn() {
        Request request = broker.nextRequest(CreateDestinationRequestData.class);
        broker.answer(
                request,
                new CreateDestinationResponseData()
                        .setErrorCode(ErrorCode.BROKER_ID_NOT_REGISTERED.code())
                        .setErrorMessage("cut off"));
        return request;
    }

    private Request taken() {
        Request request = broker.nextRequest(CreateDestinationRequestData.class);
        broker.answer(request, new CreateDestinationResponseData());
        return request;
    }

    @Test
    void looksForAnotherBrokerAndAsksThat() {
        // Given
        create(created);

        // When
        Request first = sentOn();
        welcomeOther();
        broker.advance(500);

        // Then
        assertThat(taken().channel()).isNotEqualTo(first.channel());
        assertThat(created.value).isEqualTo(Done.DONE);
    }

    @Test
    void asksAnotherThatIsThereAtOnce() {
        // Given
        create(created);
        sentOn();
        welcomeOther();
        broker.advance(500);
        taken();
        Kept<Done> second = new Kept<>();
        create(second);

        // When
        Request first = sentOn();

        // Then
        assertThat(taken().channel()).isNotEqualTo(first.channel());
        assertThat(second.value).isEqualTo(Done.DONE);
    }

    @Test
    void asksAgainWhenTheCutMayHaveHealed() {
        // Given
        create(created);
        sentOn();
        broker.refused();

        // When
        broker.advance(500);

        // Then
        taken();
        assertThat(created.value).isEqualTo(Done.DONE);
    }

    @Test
    void givesUpWhenAllAreCutOffForTooLong() {
        // Given
        create(created);
        sentOn();
        welcomeOther();

        // When
        int asked = 1;
        while (!created.isAnswered()) {
            broker.advance(500);
            while (!broker.requests.isEmpty()) {
                sentOn();
                asked++;
            }
        }

        // Then
        assertThat(created.failure.code()).isEqualTo(ErrorCode.BROKER_ID_NOT_REGISTERED);
        assertThat(created.failure).hasMessage("cut off");
        assertThat(broker.nowMs).isBetween(31_000L, 32_500L);
        assertThat(asked).isLessThan(150);
    }

    @Test
    void failsWhatWaitsForTheNextTryWhenTheConnectionIsClosed() {
        // Given
        create(created);
        sentOn();

        // When
        broker.engine.abort(broker.nowMs);

        // Then
        assertThat(created.failure.code()).isEqualTo(ErrorCode.NETWORK_EXCEPTION);
    }

    @Test
    void asksWhenABrokerComesBackThatSentItOnBefore() {
        // Given
        create(created);
        sentOn();
        broker.refused();
        broker.advance(500);
        broker.broken();

        // When
        broker.connected();
        broker.welcome();
        broker.advance(500);

        // Then
        taken();
        assertThat(created.value).isEqualTo(Done.DONE);
    }

    @Test
    void comesBackUnderItsClientIdToABrokerThatDoesNotKnowIt() {
        // Given
        Kept<Done> claimed = new Kept<>();
        broker.engine.claimClientId("me", claimed, broker.nowMs);
        Request first = broker.nextRequest(ClaimClientIdRequestData.class);
        broker.answer(first, new ClaimClientIdResponseData().setErrorCode(ErrorCode.BROKER_ID_NOT_REGISTERED.code()));
        welcomeOther();
        broker.advance(500);

        // When
        broker.answer(broker.nextRequest(ClaimClientIdRequestData.class), new ClaimClientIdResponseData());

        // Then
        assertThat(claimed.value).isEqualTo(Done.DONE);
        assertThat(broker.disconnected).containsExactly(first.channel());
        assertThat(broker.losses).isEmpty();
    }
}
