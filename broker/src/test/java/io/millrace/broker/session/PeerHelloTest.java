package io.millrace.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.AnonymousAccess;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.lane.VirtualLane;
import io.millrace.broker.metadata.Users;
import io.millrace.broker.peer.LocalBroker;
import io.millrace.broker.peer.PeerGate;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DeliverRequestData;
import io.millrace.protocol.message.DeliverResponseData;
import io.millrace.protocol.message.HeartbeatRequestData;
import io.millrace.protocol.message.HeartbeatResponseData;
import io.millrace.protocol.message.PeerHelloRequestData;
import io.millrace.protocol.message.PeerHelloResponseData;
import io.millrace.protocol.wire.Apis;
import io.millrace.protocol.wire.Frames;
import io.millrace.protocol.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.Test;

/** Who is let in as a broker, and to what. An API of brokers stands here in the place of Deliver. */
@SuppressWarnings("NullAway") // the session asks nothing else of its services here
class PeerHelloTest {
    private static final String SECRET = "secret";

    private final VirtualLane lane = new VirtualLane();
    private final RecordingConnection connection = new RecordingConnection();
    private final List<PeerConnection.Standing> standing = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final ConnectionSession session = new ConnectionSession(
            new SessionServices(
                    SessionConfig.of(BrokerConfig.of(Map.of()), "test"),
                    null,
                    new Registries(
                            null,
                            null,
                            null,
                            null,
                            null,
                            null,
                            null,
                            new Users(Map.of(), AnonymousAccess.ALWAYS, lane::execute, new byte[32])),
                    new PeerGate(
                            new LocalBroker(1, "test", () -> 5, () -> "cluster", () -> SECRET), () -> Map.of(2, 7L)),
                    new Complaints(),
                    () -> 0),
            new ApiTable(List.of(
                    api(ApiKeys.PEER_HELLO, ServedApi.Access.ANYBODY, new PeerHelloApi()),
                    api(ApiKeys.HELLO, ServedApi.Access.ANYBODY, new HelloApi()),
                    api(
                            ApiKeys.HEARTBEAT,
                            ServedApi.Access.AFTER_ANY_HELLO,
                            (request, nowMs) -> request.answer(new HeartbeatResponseData())),
                    api(ApiKeys.DELIVER, ServedApi.Access.BROKERS_ONLY, this::serveBrokers))),
            connection,
            lane,
            1);

    @Test
    void letsABrokerUseWhatIsForBrokers() {
        // When
        send(hello(SECRET), 1);
        PeerHelloResponseData welcome = (PeerHelloResponseData) answer(1, new PeerHelloResponseData());
        send(new HeartbeatRequestData(), 2);
        answer(2, new HeartbeatResponseData());
        send(new DeliverRequestData(), -3);

        // Then
        assertThat(welcome.errorCode()).isEqualTo(ErrorCode.NONE.code());
        assertThat(welcome.brokerId()).isEqualTo(1);
        assertThat(welcome.brokerEpoch()).isEqualTo(5);
        assertThat(session.peer().brokerId()).isEqualTo(2);
        assertThat(session.peer().brokerEpoch()).isEqualTo(7);
        assertThat(standing).hasSize(1);
    }

    @Test
    void answersAStandingRequestAsOftenAsItLikesAndOthersBetween() {
        // Given
        send(hello(SECRET), 1);
        connection.takeAll();
        send(new DeliverRequestData(), -3);

        // When // Then
        for (int i = 0; i < 3; i++) {
            standing.get(0).answer(new DeliverResponseData().setConfirmedSequence(i));
            DeliverResponseData answer = (DeliverResponseData) answer(-3, new DeliverResponseData());
            assertThat(answer.confirmedSequence()).isEqualTo(i);
            send(new HeartbeatRequestData(), 10 + i);
            answer(10 + i, new HeartbeatResponseData());
        }
    }

    @Test
    void tellsWhoServesABrokerWhatBecomesOfItsConnection() {
        // Given
        send(hello(SECRET), 1);
        send(new DeliverRequestData(), -3);
        connection.takeAll();

        // When
        session.onWritable(lane.nowMs());
        session.onClosed(lane.nowMs());
        standing.get(0).answer(new DeliverResponseData());

        // Then
        assertThat(events).containsExactly("writable", "closed");
        assertThat(connection.takeAll().isReadable()).isFalse();
    }

    @Test
    void refusesWhoDoesNotKnowTheSecretAndCloses() {
        // When
        send(hello("guess"), 1);

        // Then
        PeerHelloResponseData refusal = (PeerHelloResponseData) answer(1, new PeerHelloResponseData());
        assertThat(refusal.errorCode()).isEqualTo(ErrorCode.CLUSTER_AUTHORIZATION_FAILED.code());
        assertThat(refusal.brokerId()).isEqualTo(-1);
        assertThat(connection.closed).isTrue();
    }

    @Test
    void refusesWhatIsForBrokersToEverybodyElseWhereAnonymousAccessIsAllowed() {
        // When
        send(new DeliverRequestData(), 1);

        // Then
        DeliverResponseData refusal = (DeliverResponseData) answer(1, new DeliverResponseData());
        assertThat(refusal.errorCode()).isEqualTo(ErrorCode.CLUSTER_AUTHORIZATION_FAILED.code());
        assertThat(refusal.errorMessage()).contains("brokers of the cluster");
        assertThat(standing).isEmpty();
    }

    @Test
    void refusesWhatIsForBrokersToAUserWhoAuthenticated() {
        // Given
        session.authentication().tryAnonymous();
        lane.turn();
        assertThat(session.authentication().isGranted()).isTrue();

        // When
        send(new DeliverRequestData(), 1);

        // Then
        DeliverResponseData refusal = (DeliverResponseData) answer(1, new DeliverResponseData());
        assertThat(refusal.errorCode()).isEqualTo(ErrorCode.CLUSTER_AUTHORIZATION_FAILED.code());
        assertThat(standing).isEmpty();
    }

    @Test
    void refusesASecondHello() {
        // Given
        send(hello(SECRET), 1);
        connection.takeAll();

        // When
        send(hello(SECRET), 2);

        // Then
        PeerHelloResponseData second = (PeerHelloResponseData) answer(2, new PeerHelloResponseData());
        assertThat(second.errorCode()).isEqualTo(ErrorCode.INVALID_REQUEST.code());
    }

    private void serveBrokers(Request request, long nowMs) {
        PeerConnection peer = request.session().peer();
        peer.listen(new PeerConnection.Events() {
            @Override
            public void onWritable(long nowMs) {
                events.add("writable");
            }

            @Override
            public void onClosed(long nowMs) {
                events.add("closed");
            }
        });
        standing.add(peer.stand(request));
    }

    private static ServedApi api(short key, ServedApi.Access access, ApiHandler handler) {
        return new ServedApi(key, (short) 0, (short) 0, access, handler);
    }

    private static PeerHelloRequestData hello(String secret) {
        return new PeerHelloRequestData()
                .setClusterId("cluster")
                .setBrokerId(2)
                .setBrokerEpoch(7)
                .setReceiverId(1)
                .setSecret(secret);
    }

    private void send(ApiMessage request, int correlationId) {
        RequestHeader header = new RequestHeader(request.apiKey(), (short) 0, correlationId, null);
        ByteBuf frame = Frames.request(UnpooledByteBufAllocator.DEFAULT, header, request);
        session.onFrame(frame.skipBytes(Frames.LENGTH_BYTES), lane.nowMs());
        lane.turn();
    }

    private ApiMessage answer(int correlationId, ApiMessage empty) {
        ByteBuf frame = connection.takeAll();
        assertThat(frame.isReadable())
                .as("an answer to %s", Apis.get(empty.apiKey()).name())
                .isTrue();
        assertThat(frame.readInt()).isEqualTo(frame.readableBytes());
        assertThat(Frames.peekCorrelationId(frame)).isEqualTo(correlationId);
        Frames.readResponse((short) 0, frame, empty);
        return empty;
    }
}
