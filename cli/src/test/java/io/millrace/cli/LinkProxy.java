package io.millrace.cli;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * A TCP link that a test can disturb: listens on loopback and carries every connection to a target. All is done on one event loop, and
 * each call here returns when it is in force: what arrives later meets it. For any thread.
 *
 * <ul>
 *   <li>{@link #cut}: bytes that go in a direction are swallowed, and so is word of the end of a connection; connections stay, as they do
 *       when a cable is pulled. New ones come about and carry nothing. {@link #heal} closes those that have lost bytes: their streams have
 *       holes, which TCP has not.
 *   <li>{@link #hold}: bytes and ends are kept, and follow in their order after {@link #release}, as they do after a short break.
 *   <li>{@link #delay}: each byte takes that much longer.
 *   <li>{@link #closeAll}: both ends see their connections closed, as they do when a process dies.
 *   <li>{@link #refuse}: new connections are refused until {@link #accept}.
 * </ul>
 */
final class LinkProxy implements AutoCloseable {
    private static final int MAX_HELD_BYTES = 4 * 1024 * 1024;

    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("link-proxy", true), NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final Map<Direction, Mode> modes = new EnumMap<>(Direction.class);
    private final Map<Direction, Long> delaysNs = new EnumMap<>(Direction.class);
    private final Map<Direction, Long> carriedBytes = new EnumMap<>(Direction.class);
    private final Set<Pair> pairs = new LinkedHashSet<>();
    private InetSocketAddress target;
    private final String host;
    private Channel acceptor;
    private int port;

    /** Which way bytes go. */
    enum Direction {
        TO_TARGET,
        FROM_TARGET;

        private Direction opposite() {
            return this == TO_TARGET ? FROM_TARGET : TO_TARGET;
        }
    }

    private enum Mode {
        PASS,
        CUT,
        HOLD
    }

    private LinkProxy(String host, InetSocketAddress target) {
        this.host = host;
        this.target = target;
        for (Direction direction : Direction.values()) {
            modes.put(direction, Mode.PASS);
            delaysNs.put(direction, 0L);
            carriedBytes.put(direction, 0L);
        }
    }

    /** A link to a port of this machine. */
    static LinkProxy to(int targetPort) {
        return at("127.0.0.1", 0, targetPort);
    }

    /**
     * A link to a port of this machine that is entered at another address of it.
     *
     * @param port 0 for a free one
     */
    static LinkProxy at(String host, int port, int targetPort) {
        LinkProxy proxy = new LinkProxy(host, new InetSocketAddress("127.0.0.1", targetPort));
        proxy.listen(port);
        return proxy;
    }

    /** Where the link is entered. */
    int port() {
        return port;
    }

    /** {@code host:port} of where the link is entered. */
    String address() {
        return host + ":" + port;
    }

    /** Has new connections go to another port. */
    void target(int targetPort) {
        inLoop(() -> target = new InetSocketAddress("127.0.0.1", targetPort));
    }

    // ---- what can be done to it

    void cut(Direction direction) {
        set(direction, Mode.CUT);
    }

    void cut() {
        cut(Direction.TO_TARGET);
        cut(Direction.FROM_TARGET);
    }

    void hold(Direction direction) {
        set(direction, Mode.HOLD);
    }

    void hold() {
        hold(Direction.TO_TARGET);
        hold(Direction.FROM_TARGET);
    }

    /** Lets what was held go on, in its order. */
    void release(Direction direction) {
        inLoop(() -> {
            if (modes.get(direction) == Mode.HOLD) {
                modes.put(direction, Mode.PASS);
                pairs.forEach(pair -> pair.flow(direction).pump());
            }
        });
    }

    void release() {
        release(Direction.TO_TARGET);
        release(Direction.FROM_TARGET);
    }

    void delay(Direction direction, Duration delay) {
        inLoop(() -> delaysNs.put(direction, delay.toNanos()));
    }

    /** Everything is as in the beginning, but for connections that have lost bytes, which are closed. */
    void heal() {
        release();
        inLoop(() -> {
            for (Direction direction : Direction.values()) {
                modes.put(direction, Mode.PASS);
                delaysNs.put(direction, 0L);
            }
            for (Pair pair : List.copyOf(pairs)) {
                if (pair.hasHoles()) {
                    pair.close();
                }
            }
        });
        accept();
    }

    /** Closes all connections, at both ends. */
    void closeAll() {
        inLoop(() -> List.copyOf(pairs).forEach(Pair::close));
    }

    /** Refuses new connections; those that are there stay. */
    void refuse() {
        Channel listening = acceptor;
        acceptor = null;
        if (listening != null) {
            listening.close().syncUninterruptibly();
            awaitRefusal();
        }
    }

    /** The port is given back only when the selector has looked again. */
    private void awaitRefusal() {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (System.nanoTime() < deadlineNs) {
            try {
                new Socket(host, port).close();
            } catch (IOException refused) {
                return;
            }
        }
        throw new IllegalStateException("port " + port + " still takes connections");
    }

    /** Accepts new connections again. */
    void accept() {
        if (acceptor == null) {
            listen(port);
        }
    }

    // ---- what can be seen

    /** How many connections it carries. */
    int connections() {
        return ask(pairs::size);
    }

    /** How many bytes came out in that direction so far. */
    long carriedBytes(Direction direction) {
        return ask(() -> carriedBytes.get(direction));
    }

    /** How many bytes are held or delayed in that direction. */
    long heldBytes(Direction direction) {
        return ask(() ->
                pairs.stream().mapToLong(pair -> pair.flow(direction).bytes).sum());
    }

    @Override
    public void close() {
        refuse();
        closeAll();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private void set(Direction direction, Mode mode) {
        inLoop(() -> modes.put(direction, mode));
    }

    private void listen(int wantedPort) {
        acceptor = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel entered) {
                        new Pair(entered).open();
                    }
                })
                .bind(host, wantedPort)
                .syncUninterruptibly()
                .channel();
        port = ((InetSocketAddress) acceptor.localAddress()).getPort();
    }

    private void inLoop(Runnable task) {
        loop.submit(task).syncUninterruptibly();
    }

    private <T> T ask(Callable<T> question) {
        return loop.submit(question).syncUninterruptibly().getNow();
    }

    /** One connection from who entered the link, and one to the target. Owned by the loop, like all below. */
    private final class Pair {
        private final Channel entered;
        private final Flow toTarget = new Flow(Direction.TO_TARGET);
        private final Flow fromTarget = new Flow(Direction.FROM_TARGET);

        Pair(Channel entered) {
            this.entered = entered;
        }

        Flow flow(Direction direction) {
            return direction == Direction.TO_TARGET ? toTarget : fromTarget;
        }

        void open() {
            pairs.add(this);
            entered.pipeline().addLast(new Reader(this, toTarget));
            ChannelFuture connecting = new Bootstrap()
                    .group(loop)
                    .channel(NioSocketChannel.class)
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.AUTO_READ, false)
                    .handler(new Reader(this, fromTarget))
                    .connect(target);
            toTarget.connect(entered, connecting.channel());
            fromTarget.connect(connecting.channel(), entered);
            connecting.addListener(done -> {
                if (done.isSuccess()) {
                    toTarget.isOpen = true;
                    fromTarget.isOpen = true;
                    toTarget.pump();
                    fromTarget.pump();
                } else {
                    close();
                }
            });
        }

        boolean hasHoles() {
            return toTarget.hasHole || fromTarget.hasHole;
        }

        void close() {
            pairs.remove(this);
            toTarget.drop();
            fromTarget.drop();
            toTarget.out.close();
            fromTarget.out.close();
        }
    }

    /** The bytes of one connection that go one way. */
    private final class Flow {
        private final Direction direction;
        private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();
        private Channel in;
        private Channel out;
        private boolean isOpen;
        private boolean ended;
        private boolean hasHole;
        private long bytes;

        Flow(Direction direction) {
            this.direction = direction;
        }

        void connect(Channel from, Channel to) {
            in = from;
            out = to;
        }

        void onBytes(ByteBuf read) {
            if (modes.get(direction) == Mode.CUT) {
                hasHole = true;
                read.release();
            } else {
                bytes += read.readableBytes();
                chunks.add(new Chunk(read, System.nanoTime() + delaysNs.get(direction)));
            }
            pump();
        }

        /** The channel that the bytes come from was closed. */
        void onEnd() {
            ended = true;
            if (modes.get(direction) == Mode.CUT) {
                hasHole = true;
            }
            pump();
        }

        /** Lets what is due go on. */
        void pump() {
            if (!isOpen) {
                return;
            }
            boolean passes = modes.get(direction) != Mode.HOLD;
            while (passes && !chunks.isEmpty() && out.isWritable()) {
                long waitNs = chunks.element().dueNs - System.nanoTime();
                if (waitNs > 0) {
                    loop.schedule(this::pump, waitNs, TimeUnit.NANOSECONDS);
                    break;
                }
                ByteBuf due = chunks.remove().bytes;
                bytes -= due.readableBytes();
                carriedBytes.merge(direction, (long) due.readableBytes(), Long::sum);
                out.writeAndFlush(due);
            }
            if (ended && chunks.isEmpty() && passes && !hasHole) {
                out.writeAndFlush(io.netty.buffer.Unpooled.EMPTY_BUFFER).addListener(done -> out.close());
            }
            if (in.isActive()) {
                in.config().setAutoRead(bytes < MAX_HELD_BYTES);
            }
        }

        void drop() {
            chunks.forEach(chunk -> chunk.bytes.release());
            chunks.clear();
            bytes = 0;
        }
    }

    private record Chunk(ByteBuf bytes, long dueNs) {}

    /** Brings what one channel reads into its flow. */
    private final class Reader extends ChannelInboundHandlerAdapter {
        private final Pair pair;
        private final Flow flow;

        Reader(Pair pair, Flow flow) {
            this.pair = pair;
            this.flow = flow;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (pairs.contains(pair)) {
                flow.onBytes((ByteBuf) message);
            } else {
                ((ByteBuf) message).release();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            pair.flow(flow.direction.opposite()).pump();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            flow.onEnd();
            List<Channel> both = new ArrayList<>(List.of(flow.in, flow.out));
            if (both.stream().noneMatch(Channel::isActive)) {
                pair.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
