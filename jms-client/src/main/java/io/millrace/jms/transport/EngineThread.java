package io.millrace.jms.transport;

import io.millrace.jms.engine.BrokerAddress;
import io.millrace.jms.engine.ConnectionEngine;
import io.millrace.jms.engine.EngineConfig;
import io.millrace.jms.engine.EngineException;
import io.millrace.jms.engine.Outbox;
import io.millrace.protocol.ErrorCode;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link ConnectionEngine} on an event loop: carries commands from application threads to it, opens its channels, moves
 * its frames, and calls it again when time is due. What arrives while the loop is busy is handled in one turn, and what a
 * turn writes is flushed once.
 *
 * <p>{@link #execute} is for any thread; all else is the loop's.
 */
public final class EngineThread {
    private static final Logger log = LoggerFactory.getLogger(EngineThread.class);
    private static final int LENGTH_BYTES = 4;

    private final EventLoop loop;
    private final ConnectionEngine engine;
    private final Consumer<EngineException> onLost;
    private final int connectTimeoutMs;
    private final IntObjectHashMap<Channel> channels = new IntObjectHashMap<>();
    private final List<Channel> unflushed = new ArrayList<>();
    private final List<Runnable> whenWritten = new ArrayList<>();
    private final Runnable turn = this::turn;
    private boolean isTurnScheduled;
    private @Nullable ScheduledFuture<?> timer;
    private long timerAtMs = Long.MAX_VALUE;

    /** What is to be done with the engine, on its thread. */
    public interface Command {
        void run(ConnectionEngine engine, long nowMs);
    }

    private EngineThread(EventLoop loop, EngineConfig config, Consumer<EngineException> onLost) {
        this.loop = loop;
        this.onLost = onLost;
        this.connectTimeoutMs =
                (int) Math.min(Integer.MAX_VALUE, config.timeouts().connectMs());
        this.engine = new ConnectionEngine(config, new NettyOutbox(), allocator());
    }

    private static ByteBufAllocator allocator() {
        return PooledByteBufAllocator.DEFAULT;
    }

    /**
     * An engine on the shared event loop; it does nothing until it is opened.
     *
     * @param onLost told once, on the loop, when the connection is lost for good
     */
    public static EngineThread start(EngineConfig config, Consumer<EngineException> onLost) {
        return new EngineThread(EventLoops.shared().acquire(), config, onLost);
    }

    /** Gives the loop back; nothing may be executed any more. */
    public void end() {
        EventLoops.shared().release();
    }

    /** Whether the calling thread is the one that owns the engine. */
    public boolean isOwner() {
        return loop.inEventLoop();
    }

    /** Runs a command on the engine's thread. */
    public void execute(Command command) {
        loop.execute(() -> run(command));
    }

    /** Runs a command on the engine's thread after a while. */
    public void executeLater(Command command, long delayMs) {
        var unused = loop.schedule(() -> run(command), delayMs, TimeUnit.MILLISECONDS);
    }

    /**
     * Has something run, within a command, once all that follows from the commands so far is with the operating system, or
     * the engine knows that its channel is lost. It runs on the loop.
     */
    public void whenWritten(Runnable then) {
        whenWritten.add(then);
    }

    private void run(Command command) {
        try {
            command.run(engine, nowMs());
        } catch (RuntimeException e) {
            fault(e);
        }
        scheduleTurn();
    }

    private static long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    private void scheduleTurn() {
        if (!isTurnScheduled) {
            isTurnScheduled = true;
            loop.execute(turn);
        }
    }

    private void turn() {
        isTurnScheduled = false;
        long nowMs = nowMs();
        try {
            schedule(engine.endOfTurn(nowMs), nowMs);
        } catch (RuntimeException e) {
            fault(e);
        }
        for (Channel channel : unflushed) {
            channel.flush();
        }
        unflushed.clear();
        if (!whenWritten.isEmpty()) {
            tellWritten();
        }
    }

    private void tellWritten() {
        Backlog backlog = new Backlog(List.copyOf(whenWritten));
        whenWritten.clear();
        for (IntObjectMap.PrimitiveEntry<Channel> entry : channels.entries()) {
            if (isBehind(entry.value())) {
                backlog.await(entry.key(), entry.value());
            }
        }
        backlog.oneDone();
    }

    private static boolean isBehind(Channel channel) {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        return buffer == null || buffer.totalPendingWriteBytes() > 0;
    }

    /** What waits until channels that are behind have written what they were given. */
    private final class Backlog {
        private final List<Runnable> due;
        private int left = 1;

        Backlog(List<Runnable> due) {
            this.due = due;
        }

        /** An empty write is done when all before it are. */
        void await(int number, Channel channel) {
            left++;
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> {
                if (done.isSuccess()) {
                    oneDone();
                } else {
                    // Not within the engine's own call, and not before it knows.
                    loop.execute(() -> {
                        disconnected(number, reason(done.cause()));
                        oneDone();
                    });
                }
            });
        }

        void oneDone() {
            if (--left == 0) {
                due.forEach(Runnable::run);
            }
        }
    }

    private void schedule(long deadlineMs, long nowMs) {
        if (deadlineMs >= timerAtMs) {
            return;
        }
        ScheduledFuture<?> previous = timer;
        if (previous != null) {
            previous.cancel(false);
        }
        timerAtMs = deadlineMs;
        timer = loop.schedule(this::onTimer, Math.max(1, deadlineMs - nowMs), TimeUnit.MILLISECONDS);
    }

    private void onTimer() {
        timer = null;
        timerAtMs = Long.MAX_VALUE;
        run(ConnectionEngine::onTick);
    }

    /** A fault of our own: the connection can not go on. */
    private void fault(RuntimeException fault) {
        log.error("A fault in the client; the connection ends.", fault);
        engine.abort(nowMs());
        onLost.accept(new EngineException(ErrorCode.UNKNOWN_SERVER_ERROR, "a fault in the client: " + fault));
    }

    /** Does what the engine wants done. */
    private final class NettyOutbox implements Outbox {
        @Override
        public void connect(int channel, BrokerAddress address) {
            Bootstrap bootstrap = new Bootstrap()
                    .group(loop)
                    .channel(NioSocketChannel.class)
                    .resolver(NameResolver.shared())
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.SO_KEEPALIVE, true)
                    .option(ChannelOption.ALLOCATOR, allocator())
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectTimeoutMs)
                    .handler(new Pipeline(channel));
            ChannelFuture connecting = bootstrap.connect(address.host(), address.port());
            channels.put(channel, connecting.channel());
            connecting.addListener(done -> {
                if (!done.isSuccess()) {
                    // Not within the engine's own call.
                    loop.execute(() -> disconnected(channel, reason(done.cause())));
                }
            });
        }

        @Override
        public void write(int channel, ByteBuf frame) {
            Channel open = channels.get(channel);
            if (open == null) {
                frame.release();
                return;
            }
            if (unflushed.isEmpty() || unflushed.get(unflushed.size() - 1) != open) {
                unflushed.add(open);
            }
            var unused = open.write(frame, open.voidPromise());
            scheduleTurn();
        }

        @Override
        public void disconnect(int channel) {
            Channel open = channels.remove(channel);
            if (open != null) {
                open.flush();
                var unused = open.close();
            }
        }

        @Override
        public void lost(EngineException cause) {
            onLost.accept(cause);
        }
    }

    private static String reason(@Nullable Throwable cause) {
        if (cause == null) {
            return "the connection was closed";
        }
        String message = cause.getMessage();
        if (cause instanceof java.net.UnknownHostException) {
            return "unknown host";
        }
        if (cause instanceof java.net.ConnectException) {
            return message != null && message.contains("refused") ? "connection refused" : "can not connect";
        }
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    private void disconnected(int channel, String reason) {
        if (channels.remove(channel) != null) {
            run((core, nowMs) -> core.onDisconnected(channel, reason, nowMs));
        }
    }

    /** The pipeline of a new channel. */
    private final class Pipeline extends ChannelInitializer<SocketChannel> {
        private final int channel;

        Pipeline(int channel) {
            this.channel = channel;
        }

        @Override
        protected void initChannel(SocketChannel socket) {
            socket.pipeline()
                    .addLast(new LengthFieldBasedFrameDecoder(Integer.MAX_VALUE, 0, LENGTH_BYTES, 0, LENGTH_BYTES))
                    .addLast(new FrameHandler(channel));
        }
    }

    /** Brings frames and the end of a channel to the engine. */
    private final class FrameHandler extends ChannelInboundHandlerAdapter {
        private final int channel;
        private String reason = "the connection was closed by the broker";

        FrameHandler(int channel) {
            this.channel = channel;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            run((core, nowMs) -> core.onConnected(channel, nowMs));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf frame = (ByteBuf) message;
            try {
                engine.onFrame(channel, frame, nowMs());
            } catch (RuntimeException e) {
                fault(e);
            } finally {
                frame.release();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            scheduleTurn();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            reason = EngineThread.reason(cause);
            var unused = ctx.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            disconnected(channel, reason);
        }
    }
}
