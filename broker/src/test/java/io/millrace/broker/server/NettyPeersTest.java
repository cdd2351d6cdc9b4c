package io.millrace.broker.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.HostPort;
import io.millrace.broker.peer.LocalBroker;
import io.millrace.broker.peer.Peer;
import io.millrace.broker.peer.PeerConfig;
import io.millrace.broker.peer.PeerEnd;
import io.millrace.broker.peer.PeerGate;
import io.millrace.broker.peer.PeerLink;
import io.millrace.broker.peer.PeerLinkListener;
import io.millrace.broker.peer.PeerReply;
import io.millrace.broker.peer.PeerWatch;
import io.millrace.broker.peer.PeerWatchListener;
import io.millrace.broker.session.Complaints;
import io.millrace.broker.session.PeerConnection;
import io.millrace.broker.session.Registries;
import io.millrace.broker.session.Request;
import io.millrace.broker.session.ServedApi;
import io.millrace.broker.session.SessionConfig;
import io.millrace.broker.session.SessionServices;
import io.millrace.broker.session.Sessions;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.HeartbeatRequestData;
import io.millrace.protocol.message.HeartbeatResponseData;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Links between brokers over loopback sockets. Fetch stands here for an API of brokers with records. */
@Timeout(60)
@SuppressWarnings("NullAway") // sessions ask nothing else of their services here
class NettyPeersTest {
    private static final short FETCH_VERSION = 11;
    private static final int RECORD_BYTES = 300_000;
    private static final int ANSWERS = 50;
    private static final PeerConfig CONFIG = new PeerConfig(20_000, 20_000, 1500, 20, 100, 16 * 1024 * 1024);

    private final Queue<Throwable> faults = new ConcurrentLinkedQueue<>();
    private final Queue<String> events = new ConcurrentLinkedQueue<>();
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final Lanes lanes = Lanes.start(2, 16 * 1024 * 1024, true, faults::add);
    private final NettyPeers peers = new NettyPeers(lanes, CONFIG, self(1, "secret"));

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable part : parts) {
            part.close();
        }
        peers.close();
        lanes.close();
        assertThat(faults).isEmpty();
    }

    @Test
    void callsAnotherBrokerFromAnyThread() throws Exception {
        // Given
        HostPort address = startBroker(0).address();
        PeerLink link = peers.open(new Peer(2, 7, new HostPort("localhost", address.port())), lanes.lane(1), events());
        awaitEvent("ready");

        // When
        for (int i = 0; i < 100; i++) {
            link.call(new HeartbeatRequestData(), (short) 0, HeartbeatResponseData::new, reply());
        }

        // Then
        await().until(() -> events.stream().filter("answered in lane"::equals).count() == 100);
    }

    @Test
    void takesALongRunOfStandingAnswers() throws Exception {
        // Given
        HostPort address = startBroker(0).address();
        Queue<Integer> read = new ConcurrentLinkedQueue<>();
        PeerLink link = peers.open(new Peer(2, 7, address), lanes.lane(0), events());
        awaitEvent("ready");

        // When
        link.stand(new FetchRequestData(), FETCH_VERSION, FetchResponseData::new, (answer, records, nowMs) -> {
            byte[] bytes = new byte[RECORD_BYTES];
            records.get(0).getBytes(0, bytes);
            boolean whole = Arrays.equals(bytes, content(bytes[0]));
            read.add(whole ? (int) bytes[0] : -1);
        });

        // Then
        await().until(() -> read.size() == ANSWERS);
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < ANSWERS; i++) {
            expected.add(i);
        }
        assertThat(read).containsExactlyElementsOf(expected);
    }

    @Test
    void isRejectedWithAWrongSecret() throws Exception {
        // Given
        HostPort address = startBroker(0).address();
        NettyPeers strangers = new NettyPeers(lanes, CONFIG, self(1, "guess"));
        parts.add(strangers);

        // When
        PeerLink unused = strangers.open(new Peer(2, 7, address), lanes.lane(0), events());

        // Then
        awaitEvent("closed REJECTED");
    }

    @Test
    void isRefusedWhereNobodyListens() throws Exception {
        PeerLink unused = peers.open(new Peer(2, 7, freeAddress()), lanes.lane(0), events());
        awaitEvent("closed REFUSED");
    }

    @Test
    void isToldWhenTheOtherEndsAndFailsItsCalls() throws Exception {
        // Given
        Broker broker = startBroker(0);
        PeerLink link = peers.open(new Peer(2, 7, broker.address()), lanes.lane(0), events());
        awaitEvent("ready");
        link.call(
                new FetchRequestData().setMaxBytes(1),
                FETCH_VERSION,
                FetchResponseData::new,
                reply()); // never answered

        // When
        broker.close();

        // Then
        awaitEvent("closed LOST");
        assertThat(events).contains("failed NETWORK_EXCEPTION");
    }

    @Test
    void reportsADeadBrokerAndItsReturn() throws Exception {
        // Given
        Broker broker = startBroker(0);
        int port = broker.address().port();
        PeerWatch watch = new PeerWatch(1, lanes.lane(0), peers, CONFIG, () -> 0.5, reports());
        parts.add(watch);
        watch.onBrokers(List.of(new Peer(2, 7, broker.address())));
        await().until(() -> watch.linkTo(2) != null);

        // When
        broker.close();

        // Then
        awaitEvent("dead 2/7");
        assertThat(watch.linkTo(2)).isNull();

        // When
        startBroker(port);

        // Then
        awaitEvent("back 2/7");
        assertThat(watch.linkTo(2)).isNotNull();
    }

    @Test
    void doesNotReportASilentBroker() throws Exception {
        // Given: it answers PeerHello and then nothing more, since its lane hangs
        Broker broker = startBroker(0);
        PeerWatch watch = new PeerWatch(1, lanes.lane(0), peers, CONFIG, () -> 0.5, reports());
        parts.add(watch);
        watch.onBrokers(List.of(new Peer(2, 7, broker.address())));
        await().until(() -> watch.linkTo(2) != null);

        // When
        try (AutoCloseable hanging = broker.hang()) {
            await().until(() -> watch.linkTo(2) == null);
        }

        // Then
        await().until(() -> watch.linkTo(2) != null);
        assertThat(events).noneMatch(event -> event.startsWith("dead"));
    }

    private void awaitEvent(String event) {
        await().untilAsserted(() -> assertThat(events).contains(event));
    }

    private static LocalBroker self(int id, String secret) {
        return new LocalBroker(id, "test", () -> id == 1 ? 5 : 7, () -> "cluster", () -> secret);
    }

    private Broker startBroker(int port) throws IOException {
        Broker broker = new Broker(port);
        parts.add(broker);
        return broker;
    }

    private static HostPort freeAddress() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new HostPort("127.0.0.1", socket.getLocalPort());
        }
    }

    private PeerLinkListener events() {
        return new PeerLinkListener() {
            @Override
            public void onReady(PeerLink link, long nowMs) {
                events.add("ready");
            }

            @Override
            public void onClosed(PeerLink link, PeerEnd end, long nowMs) {
                events.add("closed " + end.cause());
            }
        };
    }

    private PeerReply reply() {
        return new PeerReply() {
            @Override
            public void onAnswer(ApiMessage answer, List<ByteBuf> records, long nowMs) {
                events.add(lanes.lane(1).inLane() ? "answered in lane" : "answered elsewhere");
            }

            @Override
            public void onFailed(ErrorCode error, String message, long nowMs) {
                events.add("failed " + error);
            }
        };
    }

    private PeerWatchListener reports() {
        return new PeerWatchListener() {
            @Override
            public void onPeerDead(int brokerId, long epoch) {
                events.add("dead " + brokerId + "/" + epoch);
            }

            @Override
            public void onPeerBack(int brokerId, long epoch) {
                events.add("back " + brokerId + "/" + epoch);
            }
        };
    }

    private static byte[] content(byte number) {
        byte[] bytes = new byte[RECORD_BYTES];
        Arrays.fill(bytes, number);
        return bytes;
    }

    /** The port of broker 2, and no more of it. */
    private final class Broker implements AutoCloseable {
        private final Lanes ownLanes = Lanes.start(1, 64 * 1024 * 1024, true, faults::add);
        private final Server server;

        Broker(int port) throws IOException {
            BrokerConfig config = BrokerConfig.of(Map.of("listen", "127.0.0.1:" + port));
            Complaints complaints = new Complaints();
            Sessions sessions = new Sessions(
                    new SessionServices(
                            SessionConfig.of(config, "test"),
                            null,
                            new Registries(null, null, null, null, null, null, null, null),
                            new PeerGate(self(2, "secret"), () -> Map.of(1, 5L)),
                            complaints,
                            () -> 0),
                    List.of(new ServedApi(
                            (short) 1, FETCH_VERSION, FETCH_VERSION, ServedApi.Access.BROKERS_ONLY, this::onFetch)));
            server = Server.start(ServerConfig.of(config, complaints), ownLanes, sessions::open);
        }

        HostPort address() {
            return server.address();
        }

        private void onFetch(Request request, long nowMs) {
            if (((FetchRequestData) request.message()).maxBytes() == 1) {
                return;
            }
            PeerConnection.Standing standing = request.session().peer().stand(request);
            for (byte i = 0; i < ANSWERS; i++) {
                FetchResponseData answer = new FetchResponseData();
                answer.responses()
                        .add(new FetchResponseData.FetchableTopicResponse()
                                .setTopic("t")
                                .setPartitions(List.of(new FetchResponseData.PartitionData()
                                        .setRecords(MemoryRecords.readableRecords(ByteBuffer.wrap(content(i)))))));
                standing.answer(answer);
            }
        }

        /** Stops the lane until the result is closed. */
        AutoCloseable hang() {
            java.util.concurrent.CountDownLatch goOn = new java.util.concurrent.CountDownLatch(1);
            ownLanes.lane(0).execute(() -> {
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            return goOn::countDown;
        }

        @Override
        public void close() {
            server.close();
            ownLanes.close();
        }
    }
}
