package io.millrace.jms.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A look-up that takes its time holds up nobody but who waits for it. */
@Timeout(30)
final class NameResolverTest {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = loops.next();
    private final CountDownLatch answer = new CountDownLatch(1);

    @AfterEach
    void end() {
        answer.countDown();
        threads.shutdownNow();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void leavesTheLoopToOthersWhileANameServerIsSlow() throws Exception {
        // Given
        InetAddress address = InetAddress.getByAddress(new byte[] {10, 1, 2, 3});
        NameResolver resolver = new NameResolver(
                host -> {
                    try {
                        answer.await();
                    } catch (InterruptedException e) {
                        throw new UnknownHostException(host);
                    }
                    return address;
                },
                threads);
        // When
        Future<InetSocketAddress> resolved = loop.submit(() ->
                        resolver.getResolver(loop).resolve(InetSocketAddress.createUnresolved("broker.example", 9092)))
                .get(10, TimeUnit.SECONDS);
        String other = loop.submit(() -> "served").get(10, TimeUnit.SECONDS);
        // Then
        assertThat(other).isEqualTo("served");
        assertThat(resolved.isDone()).isFalse();
        answer.countDown();
        assertThat(resolved.get(10, TimeUnit.SECONDS)).isEqualTo(new InetSocketAddress(address, 9092));
    }

    @Test
    void saysWhichHostIsUnknown() throws Exception {
        NameResolver resolver = new NameResolver(
                host -> {
                    throw new UnknownHostException(host);
                },
                threads);

        Future<InetSocketAddress> resolved =
                resolver.getResolver(loop).resolve(InetSocketAddress.createUnresolved("broker.example", 9092));

        assertThat(resolved.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(resolved.cause()).isInstanceOf(UnknownHostException.class).hasMessage("broker.example");
    }
}
