package io.millrace.broker.peer;

import static io.millrace.broker.peer.PeerFixtures.CONFIG;
import static io.millrace.broker.peer.PeerFixtures.SECRET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.lane.VirtualLane;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DescribeDestinationRequestData;
import io.millrace.protocol.message.DescribeDestinationResponseData;
import io.millrace.protocol.message.HeartbeatRequestData;
import io.millrace.protocol.message.HeartbeatResponseData;
import io.millrace.protocol.message.PeerHelloRequestData;
import io.millrace.protocol.message.PeerHelloResponseData;
import io.millrace.protocol.wire.Frames;
import io.millrace.protocol.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;

class FramedLinkTest {
    private static final long EPOCH = 7;
    private static final short FETCH_VERSION = 11;
    private static final int THIRD_OF_IDLE_MS = 300;

    private final VirtualLane lane = new VirtualLane();
    private final FakeChannel channel = new FakeChannel();
    private final Listener listener = new Listener();
    private final Replies replies = new Replies();
    private final FramedLink link = new FramedLink(
            PeerFixtures.peer(2, EPOCH), lane, channel, PeerFixtures.self(1, 5), CONFIG, listener, lane::elapsedMs);

    @Test
    void saysWhoItIsAndIsReadyWhenItHearsWhoTheOtherIs() {
        // Given
        link.open();
        lane.turn();
        link.onConnected();

        // When
        Sent hello = channel.sent.remove();
        PeerHelloRequestData said = (PeerHelloRequestData) hello.request;
        answer(hello, hello(EPOCH));

        // Then
        assertThat(said.brokerId()).isEqualTo(1);
        assertThat(said.brokerEpoch()).isEqualTo(5);
        assertThat(said.receiverId()).isEqualTo(2);
        assertThat(said.secret()).isEqualTo(SECRET);
        assertThat(listener.events).containsExactly("ready");
        assertThat(link.isReady()).isTrue();
        assertThat(link.maxFrameBytes()).isEqualTo(1000);
    }

    @Test
    void endsWhenItIsRefusedOrSomebodyElseAnswers() {
        rejects(hello(EPOCH).setErrorCode(ErrorCode.CLUSTER_AUTHORIZATION_FAILED.code()), "CLUSTER_AUTHORIZATION");
        rejects(hello(EPOCH).setBrokerId(3), "broker 3 answers in its place");
        rejects(hello(EPOCH + 1), "epoch 8");
        rejects(hello(EPOCH).setProtocol((short) 9), "protocol 9");
    }

    private void rejects(PeerHelloResponseData hello, String words) {
        FramedLink one = new FramedLink(
                PeerFixtures.peer(2, EPOCH), lane, channel, PeerFixtures.self(1, 5), CONFIG, listener, lane::elapsedMs);
        listener.events.clear();
        one.open();
        lane.turn();
        one.onConnected();
        one.onFrame(frame(channel.sent.remove(), hello));
        assertThat(listener.events)
                .singleElement()
                .satisfies(event -> assertThat(event).startsWith("REJECTED").contains(words));
    }

    @Test
    void givesUpConnectingAfterAWhile() {
        // Given
        link.open();

        // When
        lane.advance(CONFIG.connectTimeoutMs());

        // Then
        assertThat(listener.events).singleElement().satisfies(event -> assertThat(event)
                .startsWith("UNREACHABLE"));
        assertThat(channel.closed).isTrue();
    }

    @Test
    void matchesAnswersThatComeInAnyOrder() {
        // Given
        ready();
        call("a");
        call("b");
        Sent a = channel.sent.remove();
        Sent b = channel.sent.remove();

        // When
        answer(b, new DescribeDestinationResponseData().setErrorMessage("to b"));
        answer(a, new DescribeDestinationResponseData().setErrorMessage("to a"));

        // Then
        assertThat(replies.got).containsExactly("b: to b", "a: to a");
    }

    @Test
    void failsACallThatIsNotAnsweredInTimeAndTakesNoNoticeOfALateAnswer() {
        // Given
        ready();
        call("a");
        Sent a = channel.sent.remove();

        // When
        for (int i = 0; i < CONFIG.requestTimeoutMs() / 100; i++) {
            lane.advance(100);
            answerHeartbeats();
        }
        answer(a, new DescribeDestinationResponseData());

        // Then
        assertThat(replies.got).containsExactly("a: REQUEST_TIMED_OUT");
        assertThat(link.isReady()).isTrue();
    }

    @Test
    void failsItsCallsWhenItEnds() {
        // Given
        ready();
        call("a");
        call("b");
        answer(channel.sent.remove(), new DescribeDestinationResponseData().setErrorMessage("to a"));

        // When
        link.onDisconnected(new PeerEnd(PeerEnd.Cause.LOST, "gone"));
        call("c");

        // Then
        assertThat(replies.got).containsExactly("a: to a", "b: NETWORK_EXCEPTION", "c: NETWORK_EXCEPTION");
        assertThat(listener.events).containsExactly("ready", "LOST gone");
    }

    @Test
    void takesManyAnswersToAStandingRequestWithoutCopyingTheirRecords() {
        // Given
        ready();
        List<String> read = new ArrayList<>();
        List<ByteBuf> kept = new ArrayList<>();
        PeerAnswers answers = (answer, records, nowMs) -> {
            read.add(ByteBufUtil.hexDump(records.get(0)));
            kept.add(records.get(0).retain());
        };
        link.stand(new FetchRequestData(), FETCH_VERSION, FetchResponseData::new, answers);
        Sent first = channel.sent.remove();
        link.stand(new FetchRequestData(), FETCH_VERSION, FetchResponseData::new, answers);
        Sent second = channel.sent.remove();

        // When
        ByteBuf frame = frame(first, fetched((byte) 1));
        link.onFrame(frame);
        answer(first, fetched((byte) 2)); // still to the first, after the second was sent
        answer(second, fetched((byte) 3));

        // Then
        assertThat(first.header.correlationId()).isNegative().isEqualTo(second.header.correlationId());
        assertThat(read).containsExactly("01", "02", "03");
        assertThat(kept.get(0).memoryAddress()).isBetween(frame.memoryAddress(), frame.memoryAddress() + 1000);
    }

    @Test
    void sendsAHeartbeatWhenOneSideIsQuietForAThirdOfTheIdleTime() {
        // Given
        ready();

        // When
        lane.advance(THIRD_OF_IDLE_MS);

        // Then
        assertThat(channel.sent).singleElement().satisfies(sent -> assertThat(sent.request)
                .isInstanceOf(HeartbeatRequestData.class));

        // When
        answerHeartbeats();
        lane.advance(THIRD_OF_IDLE_MS);

        // Then
        assertThat(channel.sent).hasSize(1);
        assertThat(listener.events).containsExactly("ready");
    }

    @Test
    void noticesSilenceThoughTheClockIsSetBack() {
        // Given
        ready();

        // When
        lane.shiftClock(-3_600_000);
        lane.advance(THIRD_OF_IDLE_MS);
        int heartbeats = channel.sent.size();
        lane.advance(2 * THIRD_OF_IDLE_MS);

        // Then
        assertThat(heartbeats).isEqualTo(1);
        assertThat(listener.events).containsExactly("ready", "SILENT silent for 900 ms");
    }

    @Test
    void isNotInAHurryWhenTheClockIsSetForward() {
        // Given
        ready();

        // When
        lane.shiftClock(3_600_000);
        lane.advance(THIRD_OF_IDLE_MS);

        // Then
        assertThat(channel.sent).hasSize(1);
        assertThat(listener.events).containsExactly("ready");
    }

    @Test
    void givesUpAnotherThatIsSilent() {
        // Given
        ready();

        // When
        lane.advance(CONFIG.idleTimeoutMs());

        // Then
        assertThat(listener.events).containsExactly("ready", "SILENT silent for 900 ms");
        assertThat(channel.closed).isTrue();
    }

    @Test
    void isPatientWithALargeFrameThatIsOnItsWay() {
        // Given
        ready();

        // When
        for (int i = 0; i < 10; i++) {
            lane.advance(THIRD_OF_IDLE_MS);
            link.onBytes();
        }

        // Then
        assertThat(link.isReady()).isTrue();
    }

    @Test
    void endsWhenItCanNotReadAnAnswer() {
        // Given
        ready();
        call("a");

        // When
        link.onFrame(Unpooled.buffer().writeInt(2).writeByte(0).writeByte(1));

        // Then
        assertThat(replies.got).containsExactly("a: NETWORK_EXCEPTION");
        assertThat(listener.events).element(1).asString().startsWith("MALFORMED");
    }

    @Test
    void endsWhenAStandingRequestIsAnsweredThatWasNotSent() {
        ready();
        link.onFrame(Unpooled.buffer().writeInt(-1).writeByte(0));
        assertThat(listener.events).element(1).asString().startsWith("MALFORMED");
    }

    @Test
    void refusesRequestsBeforeItIsReady() {
        assertThatThrownBy(() -> call("a")).isInstanceOf(IllegalStateException.class);
    }

    private void ready() {
        link.open();
        lane.turn();
        link.onConnected();
        answer(channel.sent.remove(), hello(EPOCH));
    }

    private void call(String name) {
        link.call(
                new DescribeDestinationRequestData().setName(name),
                (short) 0,
                DescribeDestinationResponseData::new,
                replies.of(name));
    }

    private void answerHeartbeats() {
        while (!channel.sent.isEmpty()) {
            answer(channel.sent.remove(), new HeartbeatResponseData());
        }
    }

    private static PeerHelloResponseData hello(long epoch) {
        return new PeerHelloResponseData().setBrokerId(2).setBrokerEpoch(epoch).setMaxFrameBytes(1000);
    }

    private static FetchResponseData fetched(byte content) {
        FetchResponseData fetched = new FetchResponseData();
        fetched.responses()
                .add(new FetchResponseData.FetchableTopicResponse()
                        .setTopic("t")
                        .setPartitions(List.of(new FetchResponseData.PartitionData()
                                .setRecords(MemoryRecords.readableRecords(ByteBuffer.wrap(new byte[] {content}))))));
        return fetched;
    }

    private void answer(Sent request, ApiMessage answer) {
        link.onFrame(frame(request, answer));
    }

    private static ByteBuf frame(Sent request, ApiMessage answer) {
        ByteBuf frame = (ByteBuf) Frames.response(
                        UnpooledByteBufAllocator.DEFAULT,
                        request.header.apiVersion(),
                        request.header.correlationId(),
                        answer)
                .get(0);
        return frame.skipBytes(Frames.LENGTH_BYTES);
    }

    private record Sent(RequestHeader header, ApiMessage request) {}

    private static final class FakeChannel implements PeerChannel {
        private final ArrayDeque<Sent> sent = new ArrayDeque<>();
        private boolean closed;

        @Override
        public ByteBufAllocator allocator() {
            return UnpooledByteBufAllocator.DEFAULT;
        }

        @Override
        public void connect() {}

        @Override
        public void write(ByteBuf frame) {
            frame.skipBytes(Frames.LENGTH_BYTES);
            RequestHeader header = Frames.readRequestHeader(frame);
            sent.add(new Sent(header, Frames.readRequest(header, frame)));
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static final class Listener implements PeerLinkListener {
        private final List<String> events = new ArrayList<>();

        @Override
        public void onReady(PeerLink link, long nowMs) {
            events.add("ready");
        }

        @Override
        public void onClosed(PeerLink link, PeerEnd end, long nowMs) {
            events.add(end.cause() + " " + end);
        }
    }

    private static final class Replies {
        private final List<String> got = new ArrayList<>();

        PeerReply of(String name) {
            return new PeerReply() {
                @Override
                public void onAnswer(ApiMessage answer, List<ByteBuf> records, long nowMs) {
                    got.add(name + ": " + ((DescribeDestinationResponseData) answer).errorMessage());
                }

                @Override
                public void onFailed(ErrorCode error, String message, long nowMs) {
                    got.add(name + ": " + error);
                }
            };
        }
    }
}
