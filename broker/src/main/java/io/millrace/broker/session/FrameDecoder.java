package io.millrace.broker.session;

import io.millrace.protocol.wire.MalformedFrameException;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of bytes into frames: four bytes of length, then so many bytes. A frame that lies whole in the bytes that came is a
 * slice of them; one that is cut is collected in a buffer of its own, asked for as soon as its length is known. Owned by the
 * connection's lane.
 */
public final class FrameDecoder {
    /** The shortest frame: a bare SASL token with a name and a password of one letter. A request's header is longer. */
    private static final int MIN_FRAME_BYTES = 4;

    private final int maxFrameBytes;
    private final IntFunction<@Nullable ByteBuf> room;
    private int lengthBytesRead;
    private int length;
    private @Nullable ByteBuf partial;
    private long whole;

    /**
     * A decoder at the beginning of a stream.
     *
     * @param room gives a buffer for a cut frame, or null if there is no room at the moment
     */
    public FrameDecoder(int maxFrameBytes, IntFunction<@Nullable ByteBuf> room) {
        this.maxFrameBytes = maxFrameBytes;
        this.room = room;
    }

    /**
     * Takes bytes, and hands every frame that they complete to {@code frames}, which owns it. The bytes stay the caller's.
     *
     * @return false if a frame could not be begun for want of room: then the bytes are not all read, and the same call with what is
     *     left is made again later
     * @throws MalformedFrameException if a length is out of range
     */
    public boolean decode(ByteBuf in, Consumer<ByteBuf> frames) {
        while (in.isReadable()) {
            if (partial != null) {
                fill(partial, in, frames);
            } else if (lengthBytesRead < Integer.BYTES) {
                readLength(in);
            } else if (in.readableBytes() >= length) {
                onWhole(frames, in.readRetainedSlice(length));
            } else {
                partial = room.apply(length);
                if (partial == null) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether a frame has begun and has its room. */
    public boolean isInFrame() {
        return partial != null;
    }

    /** Whether part of a frame has come, if only of its length. */
    public boolean isCut() {
        return lengthBytesRead > 0;
    }

    /** How many whole frames have come. */
    public long wholeFrames() {
        return whole;
    }

    /** The length of the frame that has begun; 0 if it is not known yet. */
    public int lengthBytes() {
        return lengthBytesRead == Integer.BYTES ? length : 0;
    }

    /** Gives back the buffer of a frame that will not be completed. */
    public void close() {
        if (partial != null) {
            partial.release();
            partial = null;
        }
    }

    private void readLength(ByteBuf in) {
        if (lengthBytesRead == 0 && in.readableBytes() >= Integer.BYTES) {
            length = in.readInt();
            lengthBytesRead = Integer.BYTES;
        } else {
            length = length << Byte.SIZE | in.readUnsignedByte();
            lengthBytesRead++;
        }
        if (lengthBytesRead == Integer.BYTES && (length < MIN_FRAME_BYTES || length > maxFrameBytes)) {
            throw new MalformedFrameException(refusal(length));
        }
    }

    private String refusal(int badLength) {
        String hint =
                switch (badLength) {
                    case 0x47455420, 0x504F5354, 0x48454144, 0x50555420 -> "; it looks like HTTP";
                    case 0x414D5150 -> "; it looks like AMQP";
                    default -> (badLength >>> 16) == 0x1603 ? "; it looks like TLS" : "";
                };
        return "a frame of " + badLength + " bytes, where " + MIN_FRAME_BYTES + " to " + maxFrameBytes
                + " (max.frame.bytes) are taken" + hint;
    }

    private void fill(ByteBuf frame, ByteBuf in, Consumer<ByteBuf> frames) {
        in.readBytes(frame, Math.min(in.readableBytes(), length - frame.readableBytes()));
        if (frame.readableBytes() == length) {
            partial = null;
            onWhole(frames, frame);
        }
    }

    private void onWhole(Consumer<ByteBuf> frames, ByteBuf frame) {
        lengthBytesRead = 0;
        whole++;
        frames.accept(frame);
    }
}
