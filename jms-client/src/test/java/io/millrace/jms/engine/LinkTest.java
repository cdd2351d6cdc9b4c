package io.millrace.jms.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.jms.engine.EngineFixture.Kept;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ClaimClientIdRequestData;
import io.millrace.protocol.message.ClaimClientIdResponseData;
import io.millrace.protocol.message.HeartbeatRequestData;
import io.millrace.protocol.message.HeartbeatResponseData;
import io.millrace.protocol.message.HelloRequestData;
import io.millrace.protocol.message.HelloResponseData;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class LinkTest {
    private final EngineFixture broker = new EngineFixture("a:1", "b:2");
    private final Kept<Done> opened = new Kept<>();

    @Test
    void triesEachAddressOnceToBeginWith() {
        // Given
        broker.engine.open(opened, broker.nowMs);

        // When
        broker.refused();
        broker.refused();

        // Then
        assertThat(opened.failure.code()).isEqualTo(ErrorCode.NETWORK_EXCEPTION);
        assertThat(opened.failure).hasMessageContaining("b:2: connection refused");
        assertThat(broker.connecting).isEmpty();
        assertThat(broker.losses).isEmpty();
    }

    @Test
    void triesNothingElseWhenThePasswordIsWrong() {
        // Given
        broker.engine.open(opened, broker.nowMs);
        broker.connected();

        // When
        broker.answer(
                broker.nextRequest(HelloRequestData.class),
                new HelloResponseData()
                        .setErrorCode(ErrorCode.AUTHENTICATION_FAILED.code())
                        .setErrorMessage("wrong password for me")
                        .setClusterId("")
                        .setBrokerVersion(""));

        // Then
        assertThat(opened.failure.code()).isEqualTo(ErrorCode.AUTHENTICATION_FAILED);
        assertThat(broker.connecting).isEmpty();
        assertThat(broker.disconnected).containsExactly(1);
    }

    @Test
    void givesUpAnAddressThatDoesNotAnswerHello() {
        // Given
        broker.engine.open(opened, broker.nowMs);
        broker.connected();

        // When
        broker.advance(10_000);

        // Then
        assertThat(broker.disconnected).containsExactly(1);
        assertThat(broker.connecting).containsExactly(2);
    }

    @Test
    void comesBackWithItsProducerIdAndClientId() {
        // Given
        broker.open();
        Kept<Done> claimed = new Kept<>();
        broker.engine.claimClientId("me", claimed, broker.nowMs);
        broker.answer(broker.nextRequest(ClaimClientIdRequestData.class), new ClaimClientIdResponseData());
        assertThat(claimed.value).isEqualTo(Done.DONE);

        // When
        broker.broken();
        broker.connected();
        HelloRequestData hello = broker.welcome();

        // Then
        assertThat(hello.clientId()).isEqualTo("me");
        assertThat(hello.producerId()).isEqualTo(42);
        assertThat(hello.producerEpoch()).isEqualTo((short) 3);
    }

    @Test
    void pausesAfterAVainRound() {
        // Given
        broker.open();
        broker.broken();

        // When
        broker.refused();
        broker.refused();

        // Then
        assertThat(broker.connecting).isEmpty();
        assertThat(broker.deadlineMs - broker.nowMs).isBetween(10L, 20L);
        broker.advance(20);
        assertThat(broker.connecting).hasSize(1);
    }

    @Test
    void asksAgainForWhatWasNotAnswered() {
        // Given
        broker.open();
        Kept<Done> claimed = new Kept<>();
        broker.engine.claimClientId("me", claimed, broker.nowMs);

        // When
        broker.reconnect();

        // Then
        broker.answer(broker.nextRequest(ClaimClientIdRequestData.class), new ClaimClientIdResponseData());
        assertThat(claimed.value).isEqualTo(Done.DONE);
    }

    @Test
    void replacesALinkThatDoesNotAnswerInTime() {
        // Given
        broker.open();
        broker.engine.claimClientId("me", new Kept<>(), broker.nowMs);

        // When
        broker.advance(30_000);

        // Then
        assertThat(broker.disconnected).containsExactly(1);
        assertThat(broker.connecting).hasSize(1);
    }

    @Test
    void showsThatItLivesAndNoticesSilence() {
        // Given
        broker.engine.open(opened, broker.nowMs);
        broker.connected();
        broker.answer(
                broker.nextRequest(HelloRequestData.class),
                new HelloResponseData().setClusterId("c").setBrokerVersion("1").setIdleTimeoutMs(3_000));

        // When
        broker.advance(1_000);
        broker.answer(broker.nextRequest(HeartbeatRequestData.class), new HeartbeatResponseData());
        broker.advance(1_000);
        broker.nextRequest(HeartbeatRequestData.class);
        broker.advance(1_900);

        // Then
        assertThat(broker.disconnected).isEmpty();
        broker.advance(100);
        assertThat(broker.disconnected).containsExactly(1);
    }

    @Test
    void dropsALinkThatSendsWhatIsNoAnswer() {
        // Given
        broker.open();

        // When
        broker.engine.onFrame(broker.channel, Unpooled.wrappedBuffer(new byte[] {0, 0, 9, 9, 1, 2}), broker.nowMs);
        broker.turn();

        // Then
        assertThat(broker.disconnected).containsExactly(broker.channel);
        assertThat(broker.connecting).hasSize(1);
    }

    @Test
    void hearsNothingOfAChannelItGaveUp() {
        // Given
        broker.open();
        int old = broker.channel;
        broker.reconnect();

        // When
        broker.engine.onFrame(old, Unpooled.wrappedBuffer(new byte[] {0, 0, 9, 9}), broker.nowMs);
        broker.engine.onDisconnected(old, "late", broker.nowMs);
        broker.turn();

        // Then
        assertThat(broker.disconnected).isEmpty();
        assertThat(broker.connecting).isEmpty();
    }
}
