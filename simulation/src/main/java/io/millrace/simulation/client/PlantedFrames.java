package io.millrace.simulation.client;

import io.millrace.protocol.message.AttachRequestData;
import io.millrace.protocol.wire.Frames;
import io.millrace.protocol.wire.RequestHeader;
import io.millrace.simulation.check.PlantedBug;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;

/** Frames of a client as a client with a planted bug would send them. */
final class PlantedFrames {
    private static final short ATTACH = 20004;

    private PlantedFrames() {}

    static byte[] fromClient(PlantedBug bug, byte[] frame) {
        boolean held = bug == PlantedBug.FORGET_HELD;
        boolean settlements = bug == PlantedBug.FORGET_UNCONFIRMED_SETTLEMENTS;
        ByteBuf in = Unpooled.wrappedBuffer(frame);
        if ((!held && !settlements) || in.getShort(Frames.LENGTH_BYTES) != ATTACH) {
            return frame;
        }
        in.skipBytes(Frames.LENGTH_BYTES);
        RequestHeader header = Frames.readRequestHeader(in);
        if (header == null) {
            return frame;
        }
        AttachRequestData attach = (AttachRequestData) Frames.readRequest(header, in);
        if (held) {
            attach.setHeld(List.of());
        } else {
            attach.setSettlements(List.of());
        }
        ByteBuf out = Frames.request(UnpooledByteBufAllocator.DEFAULT, header, attach);
        byte[] altered = new byte[out.readableBytes()];
        out.readBytes(altered);
        out.release();
        return altered;
    }
}
