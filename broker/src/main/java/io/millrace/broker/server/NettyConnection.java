package io.millrace.broker.server;

import io.millrace.broker.disk.DiskFile;
import io.millrace.broker.log.LogSlice;
import io.millrace.broker.session.Complaints;
import io.millrace.broker.session.Connection;
import io.millrace.broker.session.ConnectionSession;
import io.millrace.broker.session.FrameDecoder;
import io.millrace.protocol.wire.MalformedFrameException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection on Netty: bytes in, cut into frames for the session; the session's bytes out, flushed once a turn. It stops reading
 * while the session does not want more, and between frames while the in-flight budget is used up. Owned by the connection's lane.
 */
final class NettyConnection extends ChannelInboundHandlerAdapter implements Connection {
    /** Below this a copy into the buffer of the answer is cheaper than a system call and a packet of its own. */
    private static final int SENDFILE_FROM_BYTES = 16 * 1024;
    /** How long a peer that is to be closed may take for its last answers. */
    private static final long CLOSE_TIMEOUT_MS = 5000;

    private final Channel channel;
    private final NettyLane lane;
    private final InFlightBudget budget;
    private final Complaints complaints;
    private final FrameDecoder decoder;
    private final Patience patience;
    private final ConnectionSession session;
    private final Consumer<ByteBuf> frames = this::onFrame;
    /** Bytes read and not yet cut into frames, while reading is paused. */
    private final ArrayDeque<ByteBuf> held = new ArrayDeque<>();

    private boolean readWanted = true;
    private boolean flushQueued;
    private boolean closing;
    private boolean closed;
    private long closingSinceMs;
    private int movedBytes;

    NettyConnection(Channel channel, NettyLane lane, ServerConfig config, SessionFactory sessions) {
        this.channel = channel;
        this.lane = lane;
        this.budget = lane.budget();
        this.complaints = config.complaints();
        this.decoder = new FrameDecoder(config.maxFrameBytes(), budget::roomFor);
        this.patience = new Patience(config);
        this.session = sessions.open(this, lane);
    }

    // ---- the session's port

    @Override
    public String remoteAddress() {
        SocketAddress address = channel.remoteAddress();
        return address instanceof InetSocketAddress inet
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : String.valueOf(address);
    }

    @Override
    public boolean isLoopback() {
        return channel.remoteAddress() instanceof InetSocketAddress inet
                && inet.getAddress() != null
                && inet.getAddress().isLoopbackAddress();
    }

    @Override
    public ByteBufAllocator allocator() {
        return budget.allocator();
    }

    @Override
    public void write(ByteBuf bytes) {
        if (closing) {
            bytes.release();
            return;
        }
        movedBytes = budget.moved(movedBytes + bytes.readableBytes());
        send(bytes);
    }

    @Override
    public void write(LogSlice slice) {
        if (closing) {
            slice.release();
        } else if (slice.lengthBytes() >= SENDFILE_FROM_BYTES && slice.file() instanceof DiskFile disk) {
            send(new SliceRegion(disk.channel(), slice));
        } else {
            write(copy(slice));
        }
    }

    @Override
    public boolean isWritable() {
        if (!channel.isWritable()) {
            return false;
        }
        if (budget.isExhausted()) {
            lane.connections().waitForBudget(this);
            return false;
        }
        return true;
    }

    @Override
    public void read(boolean wanted) {
        if (readWanted != wanted) {
            readWanted = wanted;
            if (wanted) {
                lane.execute(this::resume); // the session is in the middle of something
            } else {
                channel.config().setAutoRead(false);
            }
        }
    }

    @Override
    public void close() {
        if (!closing) {
            closing = true;
            closingSinceMs = lane.nowMs();
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    // ---- the lane

    void flush() {
        flushQueued = false;
        channel.flush();
    }

    void onTick(long nowMs) {
        if (closing) {
            if (nowMs - closingSinceMs > CLOSE_TIMEOUT_MS) {
                closeNow();
            }
            return;
        }
        String slow = slowness(nowMs);
        if (slow != null) {
            complaints.say("slow peer", remoteAddress(), slow + "; the connection is closed", nowMs);
            closeNow();
            return;
        }
        guard(() -> session.onTick(nowMs));
    }

    /** Why the peer is not waited for any longer, or null. */
    private @Nullable String slowness(long nowMs) {
        boolean reads = decoder.isCut() && channel.config().isAutoRead();
        String slowFrame = patience.onFrame(reads ? decoder.wholeFrames() : -1, decoder.lengthBytes(), nowMs);
        ChannelOutboundBuffer writes = channel.unsafe().outboundBuffer();
        if (slowFrame != null || writes == null) {
            return slowFrame;
        }
        return patience.onWrites(
                writes.current(),
                writes.currentProgress(),
                writes.totalPendingWriteBytes(),
                budget.isExhausted(),
                nowMs);
    }

    /** The in-flight budget has room again. */
    void onBudget() {
        resume();
        if (!closed && isWritable()) {
            guard(() -> session.onWritable(lane.nowMs()));
        }
    }

    // ---- the channel

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        lane.connections().add(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (closing) {
            in.release();
            return;
        }
        movedBytes = budget.moved(movedBytes + in.readableBytes());
        held.add(in);
        cutFrames();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!closing && isWritable()) {
            guard(() -> session.onWritable(lane.nowMs()));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (closed) {
            return;
        }
        closed = true;
        closing = true;
        lane.connections().remove(this);
        decoder.close();
        releaseHeld();
        guard(() -> session.onClosed(lane.nowMs()));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) { // a reset by the peer is no news
            complaints.say("transport", remoteAddress(), String.valueOf(cause), lane.nowMs());
        }
        closeNow();
    }

    private ByteBuf copy(LogSlice slice) {
        ByteBuf bytes = allocator().ioBuffer(slice.lengthBytes());
        try {
            slice.read(0, bytes.internalNioBuffer(0, slice.lengthBytes()));
            return bytes.writerIndex(slice.lengthBytes());
        } catch (RuntimeException e) {
            bytes.release();
            throw e;
        } finally {
            slice.release();
        }
    }

    private void send(Object message) {
        ChannelFuture unused = channel.write(message, channel.voidPromise()); // a failure comes as exceptionCaught
        if (!flushQueued) {
            flushQueued = true;
            lane.flushLater(this);
        }
    }

    private void closeNow() {
        closing = true;
        ChannelFuture unused = channel.close(); // nothing to be done if it fails
    }

    private void resume() {
        if (!closed && !closing) {
            cutFrames();
        }
    }

    private void cutFrames() {
        try {
            while (!held.isEmpty() && mayGoOn()) {
                if (!decoder.decode(held.element(), frames)) {
                    lane.connections().waitForBudget(this);
                    channel.config().setAutoRead(false);
                    return;
                }
                if (closing) {
                    releaseHeld();
                    return;
                }
                held.remove().release();
            }
        } catch (MalformedFrameException e) {
            complaints.say("malformed frame", remoteAddress(), String.valueOf(e.getMessage()), lane.nowMs());
            releaseHeld();
            close();
            return;
        }
        channel.config().setAutoRead(mayGoOn());
    }

    private boolean mayGoOn() {
        if (!readWanted) {
            return false;
        }
        if (budget.isExhausted() && !decoder.isInFrame()) {
            lane.connections().waitForBudget(this);
            return false;
        }
        return true;
    }

    private void onFrame(ByteBuf frame) {
        if (closing) {
            frame.release();
            return;
        }
        guard(() -> session.onFrame(frame, lane.nowMs()));
    }

    private void releaseHeld() {
        held.forEach(ByteBuf::release);
        held.clear();
    }

    /** A fault in a session is the broker's own, and costs the connection: its state can not be trusted any more. */
    private void guard(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            complaints.fault("session of " + remoteAddress(), e, lane.nowMs());
            closeNow();
        }
    }
}
