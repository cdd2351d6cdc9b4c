package io.millrace.protocol.record;

import io.millrace.protocol.ErrorCode;
import java.nio.ByteBuffer;

/**
 * The framing around snappy's blocks as Kafka's clients write it: a header of 16 bytes, then chunks, each with its length before it; or one
 * block without either. The codec allocates what a chunk says of itself before it looks at the chunk, so this is looked at first.
 */
final class SnappyFraming {
    /** The first half of the header's magic; no chunk is as long, seen as a length it is negative. */
    private static final int MAGIC_HEAD = 0x82534e41;

    private static final int MAGIC_TAIL = 0x50505900;
    private static final int HEADER_BYTES = 16;
    private static final int MAX_VARINT_BYTES = 5;

    private SnappyFraming() {}

    /**
     * Checks that every chunk lies within the bytes and grows to no more than allowed.
     *
     * @throws InvalidBatchException if one does not
     */
    static void check(ByteBuffer bytes, int maxBytes) {
        boolean framed = bytes.remaining() >= HEADER_BYTES
                && bytes.getInt(bytes.position()) == MAGIC_HEAD
                && bytes.getInt(bytes.position() + Integer.BYTES) == MAGIC_TAIL;
        if (!framed) {
            checkBlock(bytes, bytes.remaining(), maxBytes);
            return;
        }
        while (bytes.hasRemaining()) {
            int length = bytes.remaining() < Integer.BYTES ? -1 : bytes.getInt();
            if (length == MAGIC_HEAD && bytes.remaining() >= HEADER_BYTES - Integer.BYTES) {
                bytes.position(bytes.position() + HEADER_BYTES - Integer.BYTES);
                continue;
            }
            if (length < 0 || length > bytes.remaining()) {
                throw Varints.malformed(
                        "a chunk of snappy of length " + length + " with " + bytes.remaining() + " bytes left");
            }
            checkBlock(bytes, length, maxBytes);
            bytes.position(bytes.position() + length);
        }
    }

    /** A block begins with the length of what it holds, seven bits a byte, the lowest first. */
    private static void checkBlock(ByteBuffer bytes, int length, int maxBytes) {
        long plain = 0;
        for (int i = 0; i < Math.min(length, MAX_VARINT_BYTES); i++) {
            byte next = bytes.get(bytes.position() + i);
            plain |= (next & 0x7fL) << (7 * i);
            if (next >= 0) {
                if (plain > maxBytes) {
                    throw new InvalidBatchException(
                            ErrorCode.MESSAGE_TOO_LARGE, "the batch's records grow past " + maxBytes + " bytes");
                }
                return;
            }
        }
        throw Varints.malformed("a block of snappy that does not say how long it is");
    }
}
