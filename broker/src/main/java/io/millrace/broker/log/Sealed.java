package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The envelope of a small stored structure: magic, version, CRC and length before its content, so that a damaged or foreign file is seen as
 * such.
 */
final class Sealed {
    private static final int HEADER_BYTES = 16;

    private Sealed() {}

    static ByteBuffer seal(int magic, short version, ByteBuffer content) {
        ByteBuffer sealed = ByteBuffer.allocate(HEADER_BYTES + content.remaining());
        sealed.putInt(magic)
                .putShort(version)
                .putShort((short) 0)
                .putInt(content.remaining())
                .putInt(crcOf(content))
                .put(content.duplicate());
        return sealed.flip();
    }

    /** The content, or null if the file is not one of that magic, is of a later version, or is damaged. */
    static @Nullable ByteBuffer open(int magic, short version, @Nullable ByteBuffer sealed) {
        if (sealed == null
                || sealed.remaining() < HEADER_BYTES
                || sealed.getInt(0) != magic
                || sealed.getShort(4) > version
                || sealed.getInt(8) != sealed.remaining() - HEADER_BYTES) {
            return null;
        }
        ByteBuffer content = sealed.slice(HEADER_BYTES, sealed.getInt(8));
        return crcOf(content) == sealed.getInt(12) ? content : null;
    }

    /** The version of a sealed structure. */
    static short version(ByteBuffer sealed) {
        return sealed.getShort(4);
    }

    private static int crcOf(ByteBuffer content) {
        CRC32C crc = new CRC32C();
        crc.update(content.duplicate());
        return (int) crc.getValue();
    }
}
