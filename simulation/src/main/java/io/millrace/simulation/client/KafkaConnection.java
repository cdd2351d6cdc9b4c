package io.millrace.simulation.client;

import io.millrace.protocol.wire.Frames;
import io.millrace.protocol.wire.RequestHeader;
import io.millrace.simulation.check.ViolationError;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import io.millrace.simulation.network.FrameSplitter;
import io.millrace.simulation.network.SimLink;
import io.millrace.simulation.network.SimNetwork;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A Kafka client's connection to a broker: requests are answered in their order, or the connection ends and all of them fail. */
final class KafkaConnection implements SimLink.End {
    private final Kernel kernel;
    private final Life life;
    private final String name;
    private final FrameSplitter frames = new FrameSplitter(this::onFrame);
    private final Deque<KafkaCall<?>> pending = new ArrayDeque<>();
    private final List<byte[]> unsent = new ArrayList<>();
    private @Nullable SimLink link;
    private boolean over;
    private int sent;
    private int answered;

    /** Begins to connect. */
    KafkaConnection(Kernel kernel, SimNetwork network, Life life, String name, String host) {
        this.kernel = kernel;
        this.life = life;
        this.name = name;
        network.connect(life, name, host, this, this::onConnected, this::onClosed);
    }

    boolean isOver() {
        return over;
    }

    void call(KafkaCall<?> call) {
        int number = sent++;
        pending.add(call);
        RequestHeader header = new RequestHeader(call.request().apiKey(), call.apiVersion(), number, name);
        ByteBuf frame = Frames.request(UnpooledByteBufAllocator.DEFAULT, header, call.request());
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        frame.release();
        SimLink open = link;
        if (open == null) {
            unsent.add(bytes);
        } else {
            open.write(SimLink.Side.CLIENT, bytes);
        }
        kernel.after(call.timeoutNs(), life, name, "has waited long enough", () -> {
            if (!over && answered <= number) {
                close();
            }
        });
    }

    private void onConnected(SimLink made) {
        if (over) {
            made.close(SimLink.Side.CLIENT);
            return;
        }
        link = made;
        unsent.forEach(bytes -> made.write(SimLink.Side.CLIENT, bytes));
        unsent.clear();
    }

    private void onFrame(byte[] frame) {
        KafkaCall<?> call = over ? null : pending.poll();
        if (call == null) {
            return;
        }
        ByteBuf in = Unpooled.wrappedBuffer(frame);
        int number = Frames.peekCorrelationId(in);
        if (number != answered++) {
            throw new ViolationError(name + " got the answer to request " + number + " before another one");
        }
        Frames.readResponse(call.apiVersion(), in, call.answer(), new ArrayList<>());
        call.answered();
    }

    /** Ends it: what is not answered fails. */
    void close() {
        SimLink open = link;
        if (open != null && !over) {
            open.close(SimLink.Side.CLIENT);
        }
        end();
    }

    /** Ends it without a word, as its process has died. */
    void die(boolean noticed) {
        over = true;
        SimLink open = link;
        if (open != null) {
            open.die(SimLink.Side.CLIENT, noticed);
        }
    }

    @Override
    public void onBytes(byte[] bytes) {
        later("takes bytes", () -> {
            if (!over) {
                frames.onBytes(bytes);
            }
        });
    }

    @Override
    public void onClosed() {
        later("is closed", this::end);
    }

    /** A process that is paused takes notice when it wakes up. */
    private void later(String what, Runnable action) {
        kernel.after(0, life, name, what, action);
    }

    private void end() {
        if (over || life.hasEnded()) {
            return;
        }
        over = true;
        List<KafkaCall<?>> failed = List.copyOf(pending);
        pending.clear();
        failed.forEach(call -> call.failed().run());
    }
}
