package io.millrace.broker.server;

import io.millrace.broker.config.HostPort;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The broker's port: accepts connections, gives each to a lane, and opens its session. For any thread. */
public final class Server implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final int READ_BUFFER_BYTES = 64 * 1024;
    /** A connection counts as full above the upper mark until it has drained to the lower one. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(128 * 1024, 512 * 1024);

    private static final long CLOSE_TIMEOUT_MS = 2000;

    private final Channel acceptor;
    private final ChannelGroup channels;
    private final String host;

    private Server(Channel acceptor, ChannelGroup channels, String host) {
        this.acceptor = acceptor;
        this.channels = channels;
        this.host = host;
    }

    /**
     * Listens.
     *
     * @throws IOException if the address can not be listened on
     */
    public static Server start(ServerConfig config, Lanes lanes, SessionFactory sessions) throws IOException {
        ChannelGroup channels = new DefaultChannelGroup("connections", GlobalEventExecutor.INSTANCE, true);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(lanes.loops())
                .channel(lanes.epoll() ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.ALLOCATOR, lanes.allocator())
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(512, 2048, READ_BUFFER_BYTES))
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new Opener(config, lanes, sessions, channels));
        InetSocketAddress address =
                new InetSocketAddress(config.listen().host(), config.listen().port());
        if (address.isUnresolved()) {
            throw new IOException("can not listen on " + config.listen() + ": unknown host");
        }
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("can not listen on " + config.listen() + ": "
                    + bound.cause().getMessage());
        }
        return new Server(bound.channel(), channels, config.listen().host());
    }

    /** The address that is listened on, with the port that was picked; a wildcard as it was configured. */
    public HostPort address() {
        InetSocketAddress local = (InetSocketAddress) acceptor.localAddress();
        InetAddress on = local.getAddress();
        return new HostPort(on.isAnyLocalAddress() ? host : on.getHostAddress(), local.getPort());
    }

    /** How many connections there are. */
    public int connections() {
        return channels.size();
    }

    /** Stops listening and closes all connections; their sessions have been told when this returns. */
    @Override
    public void close() {
        acceptor.close().awaitUninterruptibly(CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        channels.close().awaitUninterruptibly(CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    /** Opens the session of a connection, or refuses it when there are too many. */
    private static final class Opener extends ChannelInitializer<Channel> {
        private final ServerConfig config;
        private final Lanes lanes;
        private final SessionFactory sessions;
        private final ChannelGroup channels;
        private final AtomicInteger open = new AtomicInteger();

        Opener(ServerConfig config, Lanes lanes, SessionFactory sessions, ChannelGroup channels) {
            this.config = config;
            this.lanes = lanes;
            this.sessions = sessions;
            this.channels = channels;
        }

        @Override
        protected void initChannel(Channel channel) {
            int now = open.incrementAndGet();
            channel.closeFuture().addListener(future -> open.decrementAndGet());
            NettyLane lane = lanes.laneOf(channel.eventLoop());
            if (now > config.maxConnections()) {
                config.complaints()
                        .say(
                                "connection limit",
                                String.valueOf(channel.remoteAddress()),
                                "refused, since " + config.maxConnections() + " connections (max.connections) are open",
                                lane.nowMs());
                ChannelFuture unused = channel.close(); // nothing to be done if it fails
                return;
            }
            channels.add(channel);
            channel.pipeline().addLast(new NettyConnection(channel, lane, config, sessions));
        }
    }
}
