package io.millrace.protocol.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** Messages that are stored: two bytes of version, then the message in that version, as Kafka stores keys and values of its own topics. */
public final class VersionedMessages {
    private VersionedMessages() {}

    /** The message in that version, its version in front. */
    public static byte[] write(short version, Message message) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        MessageSizeAccumulator size = new MessageSizeAccumulator();
        message.addSize(size, cache, version);
        PartsWritable out = new PartsWritable(UnpooledByteBufAllocator.DEFAULT, Short.BYTES + size.totalSize());
        out.writeShort(version);
        message.write(out, cache, version);
        ByteBuf written = (ByteBuf) out.finish().get(0);
        try {
            byte[] bytes = new byte[written.readableBytes()];
            written.readBytes(bytes);
            return bytes;
        } finally {
            written.release();
        }
    }

    /**
     * The version of a stored message.
     *
     * @throws MalformedFrameException if there is none
     */
    public static short version(ByteBuffer stored) {
        if (stored.remaining() < Short.BYTES) {
            throw new MalformedFrameException("a stored message of " + stored.remaining() + " bytes");
        }
        return stored.getShort(stored.position());
    }

    /**
     * Fills a message with what is stored. Byte arrays are copied.
     *
     * @throws MalformedFrameException if the bytes are not the message, or its version is not known
     */
    public static void read(ByteBuffer stored, Message message) {
        short version = version(stored);
        if (version < message.lowestSupportedVersion() || version > message.highestSupportedVersion()) {
            throw new MalformedFrameException(
                    "a " + message.getClass().getSimpleName() + " of version " + version + " is not known");
        }
        ByteBuf in = Unpooled.wrappedBuffer(stored).skipBytes(Short.BYTES);
        try {
            message.read(new ByteBufReadable(in), version);
        } catch (MalformedFrameException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new MalformedFrameException(
                    "a " + message.getClass().getSimpleName() + " of version " + version + " can not be read: " + e);
        }
    }
}
