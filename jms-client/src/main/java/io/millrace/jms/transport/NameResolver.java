package io.millrace.jms.transport;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Looks up hosts on threads of its own, which end when they have nothing to do: the JVM's look-up blocks, for many seconds where no name
 * server answers, and the event loop carries everybody's connections. For any thread.
 */
final class NameResolver extends AddressResolverGroup<InetSocketAddress> {
    private static final int THREADS = 4;
    private static final long IDLE_MS = 2_000;
    private static final NameResolver SHARED = new NameResolver(InetAddress::getByName, threads());

    private final Lookup lookup;
    private final Executor threads;

    /** What is asked for an address; it may block. */
    interface Lookup {
        InetAddress find(String host) throws UnknownHostException;
    }

    NameResolver(Lookup lookup, Executor threads) {
        this.lookup = lookup;
        this.threads = threads;
    }

    static NameResolver shared() {
        return SHARED;
    }

    private static Executor threads() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                IDLE_MS,
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(), // a connection waits for one look-up at a time
                new DefaultThreadFactory("millrace-dns", true));
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new InetNameResolver(executor) {
            @Override
            protected void doResolve(String host, Promise<InetAddress> found) {
                if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
                    find(host, found); // nothing to look up
                } else {
                    threads.execute(() -> find(host, found));
                }
            }

            @Override
            protected void doResolveAll(String host, Promise<List<InetAddress>> found) {
                found.setFailure(new UnsupportedOperationException("all addresses of a host"));
            }
        }.asAddressResolver();
    }

    private void find(String host, Promise<InetAddress> found) {
        try {
            var unused = found.trySuccess(lookup.find(host));
        } catch (UnknownHostException | RuntimeException e) {
            var unused = found.tryFailure(e);
        }
    }
}
