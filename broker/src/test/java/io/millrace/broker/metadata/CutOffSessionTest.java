package io.millrace.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.AnonymousAccess;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.lane.VirtualLane;
import io.millrace.broker.session.Complaints;
import io.millrace.broker.session.ConnectionSession;
import io.millrace.broker.session.RecordingConnection;
import io.millrace.broker.session.Registries;
import io.millrace.broker.session.SessionConfig;
import io.millrace.broker.session.SessionServices;
import io.millrace.broker.session.Sessions;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ClusterStateRequestData;
import io.millrace.protocol.message.ClusterStateResponseData;
import io.millrace.protocol.message.CreateDestinationRequestData;
import io.millrace.protocol.message.CreateDestinationResponseData;
import io.millrace.protocol.message.DescribeDestinationRequestData;
import io.millrace.protocol.message.DescribeDestinationResponseData;
import io.millrace.protocol.message.HelloRequestData;
import io.millrace.protocol.message.HelloResponseData;
import io.millrace.protocol.message.ResolveDestinationRequestData;
import io.millrace.protocol.message.ResolveDestinationResponseData;
import io.millrace.protocol.wire.Frames;
import io.millrace.protocol.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a broker that has lost its session says to a JMS client. */
@SuppressWarnings("NullAway") // the session asks nothing else of its services here
class CutOffSessionTest {
    private final ClusterFixture cluster = ClusterFixture.of(1, 2, 3);
    private final ClusterFixture.Member broker = cluster.broker(2);
    private final VirtualLane lane = new VirtualLane();
    private final RecordingConnection connection = new RecordingConnection();
    private final ConnectionSession session = new Sessions(
                    new SessionServices(
                            SessionConfig.of(BrokerConfig.of(Map.of()), "test"),
                            null,
                            new Registries(
                                    broker.metadata.destinations(),
                                    null,
                                    null,
                                    null,
                                    null,
                                    null,
                                    null,
                                    new Users(Map.of(), AnonymousAccess.ALWAYS, lane::execute, new byte[32])),
                            null,
                            new Complaints(),
                            () -> 0),
                    List.of())
            .open(connection, lane);

    @BeforeEach
    void cutOff() {
        cluster.create(2, 1, 3);
        HelloRequestData hello = new HelloRequestData()
                .setConnectionId(new Uuid(1, 2))
                .setClientId(null)
                .setSoftwareName("test")
                .setSoftwareVersion("1")
                .setProducerId(1)
                .setProducerEpoch((short) 0);
        ask(hello, new HelloResponseData());
        broker.store.full(true);
        broker.store.expire(true);
        cluster.run();
    }

    private <T extends ApiMessage> T ask(ApiMessage request, T answer) {
        ByteBuf frame = Frames.request(
                UnpooledByteBufAllocator.DEFAULT, new RequestHeader(request.apiKey(), (short) 0, 1, "client"), request);
        frame.skipBytes(Frames.LENGTH_BYTES);
        session.onFrame(frame, lane.nowMs());
        lane.turn();
        cluster.run();
        ByteBuf written = connection.takeAll();
        assertThat(written.isReadable()).as("an answer").isTrue();
        written.skipBytes(Frames.LENGTH_BYTES);
        Frames.readResponse((short) 0, written, answer);
        return answer;
    }

    @Test
    void doesNotTryWhatNeedsTheCluster() {
        // When
        CreateDestinationResponseData refusal = ask(
                new CreateDestinationRequestData()
                        .setName("more")
                        .setPartitions(1)
                        .setReplicationFactor((short) 1),
                new CreateDestinationResponseData());

        // Then
        assertThat(refusal.errorCode()).isEqualTo(ErrorCode.BROKER_ID_NOT_REGISTERED.code());
        broker.store.full(false);
        cluster.pass(1000);
        assertThat(broker.image().destinations()).hasSize(1);
    }

    @Test
    void doesNotTakeForMissingWhatItDoesNotKnow() {
        // When
        ResolveDestinationResponseData resolved =
                ask(new ResolveDestinationRequestData().setName("new"), new ResolveDestinationResponseData());
        DescribeDestinationResponseData described =
                ask(new DescribeDestinationRequestData().setName("new"), new DescribeDestinationResponseData());

        // Then
        assertThat(resolved.errorCode()).isEqualTo(ErrorCode.BROKER_ID_NOT_REGISTERED.code());
        assertThat(described.errorCode()).isEqualTo(ErrorCode.BROKER_ID_NOT_REGISTERED.code());
    }

    @Test
    void tellsWhatItKnows() {
        // When
        ClusterStateResponseData state = ask(new ClusterStateRequestData(), new ClusterStateResponseData());

        // Then
        assertThat(state.errorCode()).isEqualTo(ErrorCode.NONE.code());
        assertThat(state.destinations()).hasSize(1);
    }
}
