package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.cli.LinkProxy.Direction;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LinkProxyTest {
    private static final int LONG_MS = 20_000;
    private static final int SHORT_MS = 200;

    private ServerSocket server;
    private LinkProxy proxy;
    private Socket client;
    private Socket accepted;

    @BeforeEach
    void open() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        server.setSoTimeout(LONG_MS);
        proxy = LinkProxy.to(server.getLocalPort());
        client = connect();
        accepted = server.accept();
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        accepted.close();
        proxy.close();
        server.close();
    }

    @Test
    void carriesBytesBothWays() throws IOException {
        byte[] much = new byte[10_000_000];
        new Random(1).nextBytes(much);
        Thread writer = new Thread(() -> write(client, much));
        writer.start();
        assertThat(accepted.getInputStream().readNBytes(much.length)).isEqualTo(much);
        write(accepted, new byte[] {1, 2, 3});
        assertThat(client.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
        assertThat(proxy.connections()).isEqualTo(1);
        assertThat(proxy.carriedBytes(Direction.TO_TARGET)).isEqualTo(much.length);
    }

    @Test
    void swallowsBytesOfADirectionThatIsCutAndKeepsTheConnection() throws IOException {
        // When
        proxy.cut(Direction.TO_TARGET);
        write(client, new byte[] {1});
        write(accepted, new byte[] {2});

        // Then
        assertThat(client.getInputStream().read()).isEqualTo(2);
        assertSilent(accepted);

        // When: one end goes away, the other does not hear of it
        client.close();

        // Then
        assertSilent(accepted);
    }

    @Test
    void closesConnectionsWithHolesWhenItHealsAndKeepsTheOthers() throws IOException {
        // Given
        Socket other = connect();
        Socket otherAccepted = server.accept();
        proxy.cut();
        write(client, new byte[] {1});
        assertSilent(accepted);

        // When
        proxy.heal();

        // Then
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        assertThat(accepted.getInputStream().read()).isEqualTo(-1);
        write(other, new byte[] {3});
        assertThat(otherAccepted.getInputStream().read()).isEqualTo(3);
        other.close();
        otherAccepted.close();
    }

    @Test
    void letsANewConnectionCarryNothingWhileItIsCut() throws IOException {
        proxy.cut();
        try (Socket late = connect()) {
            write(late, new byte[] {1});
            assertSilent(late);
        }
    }

    @Test
    void holdsBytesAndTheEndAndLetsThemGoOnInOrder() throws IOException {
        // Given
        proxy.hold(Direction.TO_TARGET);
        write(client, new byte[] {1, 2});
        await().until(() -> proxy.heldBytes(Direction.TO_TARGET) == 2);
        write(client, new byte[] {3});
        client.close();
        assertSilent(accepted);

        // When
        proxy.release(Direction.TO_TARGET);

        // Then
        accepted.setSoTimeout(LONG_MS);
        assertThat(accepted.getInputStream().readAllBytes()).containsExactly(1, 2, 3);
    }

    @Test
    void delaysBytesAndKeepsTheirOrder() throws IOException {
        // Given
        proxy.delay(Direction.TO_TARGET, Duration.ofMillis(300));

        // When
        long beganNs = System.nanoTime();
        write(client, new byte[] {1});
        write(client, new byte[] {2});

        // Then
        assertThat(accepted.getInputStream().readNBytes(2)).containsExactly(1, 2);
        assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isGreaterThan(Duration.ofMillis(290));
    }

    @Test
    void closesAllConnections() throws IOException {
        proxy.closeAll();
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        assertThat(accepted.getInputStream().read()).isEqualTo(-1);
        assertThat(proxy.connections()).isZero();
    }

    @Test
    void refusesNewConnectionsUntilItAcceptsAgain() throws IOException {
        // When
        proxy.refuse();

        // Then
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
        write(client, new byte[] {1});
        assertThat(accepted.getInputStream().read()).isEqualTo(1);

        // When
        proxy.accept();

        // Then
        connect().close();
        server.accept().close();
    }

    @Test
    void closesAConnectionWhoseTargetIsNotThere() throws IOException {
        server.close();
        try (Socket late = connect()) {
            assertThat(late.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void passesTheEndOfAConnectionOn() throws IOException {
        accepted.close();
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        await().until(() -> proxy.connections() == 0);
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout(LONG_MS);
        return socket;
    }

    private static void assertSilent(Socket socket) throws IOException {
        socket.setSoTimeout(SHORT_MS);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(LONG_MS);
    }

    private static void write(Socket socket, byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
