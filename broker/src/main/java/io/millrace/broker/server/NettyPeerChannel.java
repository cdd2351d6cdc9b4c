package io.millrace.broker.server;

import io.millrace.broker.config.HostPort;
import io.millrace.broker.peer.FramedLink;
import io.millrace.broker.peer.PeerChannel;
import io.millrace.broker.peer.PeerConfig;
import io.millrace.broker.peer.PeerEnd;
import io.millrace.broker.session.FrameDecoder;
import io.millrace.protocol.wire.MalformedFrameException;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.NetUtil;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection to another broker on Netty. Its buffers are not of the budget of bytes in flight: clients that use that up must not
 * stop what brokers say to each other, and what comes here is no more than was asked for. Owned by the lane.
 */
final class NettyPeerChannel extends ChannelInboundHandlerAdapter implements PeerChannel {
    private static final int READ_BUFFER_BYTES = 256 * 1024;
    /** Requests are small; what piles up above this is the sign of a peer that does not read. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(128 * 1024, 512 * 1024);

    private final HostPort address;
    private final NettyLane lane;
    private final boolean epoll;
    private final PeerConfig config;
    private final Executor lookups;
    private final FrameDecoder decoder;
    private final Consumer<ByteBuf> frames = this::onFrame;
    private final Runnable flush = this::flush;

    private @Nullable FramedLink link;
    private @Nullable Channel channel;
    private boolean flushQueued;
    private boolean closed;
    private String lossReason = "the connection was closed by the other end";

    NettyPeerChannel(HostPort address, NettyLane lane, boolean epoll, PeerConfig config, Executor lookups) {
        this.address = address;
        this.lane = lane;
        this.epoll = epoll;
        this.config = config;
        this.lookups = lookups;
        this.decoder =
                new FrameDecoder(config.maxFrameBytes(), length -> allocator().directBuffer(length, length));
    }

    /** Says whose channel it is; once, before anything else. */
    void serve(FramedLink owner) {
        link = owner;
    }

    // ---- the link's port

    @Override
    public ByteBufAllocator allocator() {
        return PooledByteBufAllocator.DEFAULT;
    }

    @Override
    public void connect() {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(address.host());
        if (literal == null) {
            lookUp();
        } else {
            connect(new InetSocketAddress(address.host(), address.port()));
        }
    }

    @Override
    public void write(ByteBuf frame) {
        Channel open = channel;
        if (open == null || closed) {
            frame.release();
            return;
        }
        ChannelFuture unused = open.write(frame, open.voidPromise()); // a failure comes as exceptionCaught
        if (!flushQueued) {
            flushQueued = true;
            lane.afterTurn(flush);
        }
    }

    @Override
    public boolean isWritable() {
        return channel != null && channel.isWritable();
    }

    @Override
    public void close() {
        closed = true;
        if (channel != null) {
            channel.flush();
            ChannelFuture unused = channel.close(); // nothing to be done if it fails
        }
    }

    // ---- connecting

    /** A lane waits for no name server. */
    private void lookUp() {
        try {
            lookups.execute(() -> {
                try {
                    InetAddress found = InetAddress.getByName(address.host());
                    lane.execute(() -> connect(new InetSocketAddress(found, address.port())));
                } catch (UnknownHostException e) {
                    lane.execute(() -> ended(PeerEnd.Cause.UNREACHABLE, "unknown host " + address.host()));
                }
            });
        } catch (RejectedExecutionException e) {
            lane.execute(() -> ended(PeerEnd.Cause.UNREACHABLE, "too many names wait to be looked up"));
        }
    }

    private void connect(InetSocketAddress to) {
        if (closed) {
            return;
        }
        ChannelFuture connecting = new Bootstrap()
                .group(lane.loop())
                .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.ALLOCATOR, allocator())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, config.connectTimeoutMs())
                .option(ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(512, 2048, READ_BUFFER_BYTES))
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .handler(this)
                .connect(to);
        channel = connecting.channel();
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                lane.execute(() -> onNotConnected(done.cause())); // not within connect
            }
        });
    }

    private void onNotConnected(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        boolean refused = cause instanceof ConnectException && message.contains("refused");
        ended(
                refused ? PeerEnd.Cause.REFUSED : PeerEnd.Cause.UNREACHABLE,
                refused ? "connection refused" : "can not connect: " + message);
    }

    // ---- the channel

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        lane.run(() -> {
            if (!closed) {
                link().onConnected();
            }
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            lane.run(() -> read(in));
        } finally {
            in.release();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!closed && isWritable()) {
            lane.run(link()::onWritable);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        lossReason = String.valueOf(cause.getMessage());
        ChannelFuture unused = ctx.close(); // nothing to be done if it fails
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        decoder.close();
        ended(PeerEnd.Cause.LOST, lossReason);
    }

    private void read(ByteBuf in) {
        if (closed) {
            return;
        }
        link().onBytes();
        try {
            decoder.decode(in, frames);
        } catch (MalformedFrameException e) {
            ended(PeerEnd.Cause.MALFORMED, String.valueOf(e.getMessage()));
        }
    }

    private void onFrame(ByteBuf frame) {
        try {
            if (!closed) {
                link().onFrame(frame);
            }
        } finally {
            frame.release();
        }
    }

    private void flush() {
        flushQueued = false;
        if (channel != null) {
            channel.flush();
        }
    }

    /** Tells the link, which closes the channel. */
    private void ended(PeerEnd.Cause cause, String message) {
        if (!closed) {
            lane.run(() -> link().onDisconnected(new PeerEnd(cause, message)));
        }
    }

    private FramedLink link() {
        return Objects.requireNonNull(link, "serve comes first");
    }
}
