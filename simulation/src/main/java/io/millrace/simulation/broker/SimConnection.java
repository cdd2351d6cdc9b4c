package io.millrace.simulation.broker;

import io.millrace.broker.log.LogSlice;
import io.millrace.broker.session.Connection;
import io.millrace.broker.session.ConnectionSession;
import io.millrace.broker.session.Sessions;
import io.millrace.protocol.record.RecordBatch;
import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import io.millrace.simulation.network.FrameSplitter;
import io.millrace.simulation.network.SimLink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** The broker's end of a link: a session of the real broker on a lane. */
final class SimConnection implements Connection, SimLink.End {
    private static final int FULL_BYTES = 40_000;
    private static final long TICK_MS = 1000;

    private static final short SEND = 20003;
    private static final int LOST_ANSWERS = 300;

    private final Kernel kernel;
    private final PlantedBug bug;
    private final Life life;
    private final SimLink link;
    private final SimLane lane;
    private final ConnectionSession session;
    private final FrameSplitter splitter = new FrameSplitter(this::onFrame);
    private final PlantedCoordinator planted;
    private final Deque<byte[]> held = new ArrayDeque<>();
    private boolean reading = true;
    private boolean closing;
    private boolean closed;
    private boolean full;
    private int answers;

    SimConnection(Kernel kernel, Life life, SimLink link, SimLane lane, Sessions sessions, PlantedBug bug) {
        this.kernel = kernel;
        this.bug = bug;
        this.life = life;
        this.link = link;
        this.lane = lane;
        this.planted = new PlantedCoordinator(bug, bytes -> link.write(SimLink.Side.BROKER, bytes));
        this.session = sessions.open(this, lane);
        tickLater();
    }

    // ---- the session's port

    @Override
    public String remoteAddress() {
        return link.name();
    }

    @Override
    public boolean isLoopback() {
        return true;
    }

    @Override
    public ByteBufAllocator allocator() {
        return UnpooledByteBufAllocator.DEFAULT;
    }

    @Override
    public void write(ByteBuf bytes) {
        byte[] copy = new byte[bytes.readableBytes()];
        bytes.readBytes(copy);
        bytes.release();
        boolean lost = bug == PlantedBug.LOSE_ANSWER && ++answers % LOST_ANSWERS == 0;
        if (!closing && planted.isConcerned()) {
            planted.onAnswers(copy);
        } else if (!closing && !lost) {
            link.write(SimLink.Side.BROKER, copy);
        }
    }

    @Override
    public void write(LogSlice slice) {
        ByteBuffer bytes = slice.copy();
        slice.release();
        write(Unpooled.wrappedBuffer(bytes));
    }

    @Override
    public boolean isWritable() {
        if (link.unarrivedBytes(SimLink.Side.BROKER) < FULL_BYTES) {
            return true;
        }
        if (!full) {
            full = true;
            pollWritable();
        }
        return false;
    }

    @Override
    public void read(boolean wanted) {
        reading = wanted;
        if (wanted && !held.isEmpty()) {
            lane.execute(this::resume);
        }
    }

    @Override
    public void close() {
        if (!closing) {
            closing = true;
            link.close(SimLink.Side.BROKER);
            lane.execute(this::ended);
        }
    }

    // ---- the link

    @Override
    public void onBytes(byte[] bytes) {
        if (life.hasEnded()) {
            return;
        }
        lane.execute(() -> {
            if (!closing) {
                splitter.onBytes(bytes);
            }
        });
    }

    @Override
    public void onClosed() {
        if (!life.hasEnded()) {
            lane.execute(() -> {
                closing = true;
                ended();
            });
        }
    }

    private void onFrame(byte[] frame) {
        if (closing) {
            return;
        }
        if (bug == PlantedBug.NO_DEDUPLICATION) {
            forgetProducer(ByteBuffer.wrap(frame));
        }
        if (planted.isConcerned()) {
            planted.onRequest(frame, this::later);
        }
        if (reading && held.isEmpty()) {
            session.onFrame(Unpooled.wrappedBuffer(frame), lane.nowMs());
        } else {
            held.add(frame);
        }
    }

    private void later(long delayNs, Runnable action) {
        kernel.after(delayNs, life, link.name(), "goes ahead", () -> {
            if (!closing) {
                action.run();
            }
        });
    }

    /** Makes of an idempotent producer's batch one that the broker does not know again. */
    private static void forgetProducer(ByteBuffer frame) {
        if (frame.getShort(0) != SEND) {
            return;
        }
        for (int at = 0; RecordBatch.HEADER_BYTES < frame.limit() - at; at++) {
            RecordBatch batch = new RecordBatch(frame, at);
            if (batch.magic() == RecordBatch.MAGIC && batch.end() == frame.limit() - 1 && batch.isIntact()) {
                frame.putLong(at + 43, -1).putShort(at + 51, (short) -1).putInt(at + 53, -1);
                frame.putInt(at + 17, batch.computeCrc());
                return;
            }
        }
    }

    private void resume() {
        while (reading && !held.isEmpty() && !closing) {
            session.onFrame(Unpooled.wrappedBuffer(held.remove()), lane.nowMs());
        }
    }

    private void ended() {
        if (!closed) {
            closed = true;
            session.onClosed(lane.nowMs());
        }
    }

    private void pollWritable() {
        kernel.after(Kernel.MILLI, life, link.name(), "is it writable", () -> {
            if (closing) {
                return;
            }
            if (link.unarrivedBytes(SimLink.Side.BROKER) < FULL_BYTES / 2) {
                full = false;
                lane.execute(() -> {
                    if (!closing) {
                        session.onWritable(lane.nowMs());
                    }
                });
            } else {
                pollWritable();
            }
        });
    }

    private void tickLater() {
        lane.schedule(lane.nowMs() + TICK_MS, () -> {
            if (!closed) {
                session.onTick(lane.nowMs());
                tickLater();
            }
        });
    }
}
