package io.millrace.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.EmbeddedBroker;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the port does with peers that take more than their share. */
@Timeout(60)
class LimitsTest {
    private static final int TIMEOUT_MS = 20_000;
    private static final short API_VERSIONS = 18;
    private static final int REQUEST_BYTES = 10;

    private final List<Socket> sockets = new ArrayList<>();
    private EmbeddedBroker broker;

    @AfterEach
    void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        broker.close();
    }

    @Test
    void refusesConnectionsAboveTheirNumberUntilOneEnds() throws IOException {
        // Given
        start(Map.of("max.connections", "2"));
        Socket first = connect();
        Socket second = connect();
        assertThat(isServed(first) && isServed(second)).isTrue();

        // When // Then
        assertThat(isServed(connect())).isFalse();
        assertThat(isServed(first)).isTrue();

        // When
        second.close();

        // Then
        Awaitility.await().until(() -> isServed(connect()));
    }

    @Test
    void closesASilentConnection() throws IOException {
        // Given
        start(Map.of("connections.max.idle.ms", "300"));
        Socket silent = connect();

        // When // Then
        assertThat(silent.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void closesAConnectionWhoseFrameDoesNotGetWhole() throws Exception {
        // Given
        start(Map.of("frame.timeout.ms", "300"));
        Socket slow = connect();
        slow.getOutputStream().write(new byte[] {0, 0, 100, 0});
        Thread drip = new Thread(() -> dripUntilClosed(slow));

        // When
        drip.start();

        // Then
        drip.join(TIMEOUT_MS);
        assertThat(drip.isAlive()).isFalse();
        assertThat(isServed(connect())).isTrue();
    }

    @Test
    void closesAConnectionWithATooLargeFrame() throws IOException {
        // Given
        start(Map.of("max.frame.bytes", "2000"));
        Socket large = connect();

        // When
        large.getOutputStream().write(ByteBuffer.allocate(4).putInt(2001).array());

        // Then
        assertThat(large.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void doesNotLetPeersThatReadNothingKeepTheMemoryOfAll() throws Exception {
        // Given
        start(Map.of("in.flight.bytes", "2000000", "write.stall.timeout.ms", "500"));
        List<Thread> greedy = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Socket socket = connect();
            greedy.add(new Thread(() -> askUntilClosed(socket)));
        }

        // When
        greedy.forEach(Thread::start);

        // Then
        for (Thread thread : greedy.subList(0, 4)) { // as many as it takes
            thread.join(TIMEOUT_MS);
        }
        assertThat(greedy).anyMatch(thread -> !thread.isAlive());
        assertThat(isServed(connect())).isTrue();
    }

    // ---- peers

    private static void dripUntilClosed(Socket socket) {
        try {
            socket.setSoTimeout(50);
            while (true) {
                socket.getOutputStream().write(0);
                try {
                    if (socket.getInputStream().read() < 0) {
                        return;
                    }
                } catch (java.net.SocketTimeoutException e) {
                    // not yet
                }
            }
        } catch (IOException e) {
            // closed
        }
    }

    private static void askUntilClosed(Socket socket) {
        ByteBuffer many = ByteBuffer.allocate(1000 * (Integer.BYTES + REQUEST_BYTES));
        while (many.hasRemaining()) {
            putRequest(many);
        }
        try {
            while (true) {
                socket.getOutputStream().write(many.array());
            }
        } catch (IOException e) {
            // closed
        }
    }

    private static boolean isServed(Socket socket) {
        ByteBuffer request = ByteBuffer.allocate(Integer.BYTES + REQUEST_BYTES);
        putRequest(request);
        try {
            socket.getOutputStream().write(request.array());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = new byte[in.readInt()];
            in.readFully(answer);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** ApiVersions in version 0, with correlation id 1 and no client id. */
    private static void putRequest(ByteBuffer to) {
        to.putInt(REQUEST_BYTES)
                .putShort(API_VERSIONS)
                .putShort((short) 0)
                .putInt(1)
                .putShort((short) -1);
    }

    // ---- the broker

    private void start(Map<String, String> settings) {
        EmbeddedBroker.Builder builder = EmbeddedBroker.builder();
        settings.forEach(builder::property);
        broker = builder.start();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout(TIMEOUT_MS);
        socket.connect(new InetSocketAddress("127.0.0.1", broker.port()));
        return socket;
    }
}
