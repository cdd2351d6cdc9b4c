package io.millrace.broker.log;

import io.millrace.protocol.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Walks the batches of a segment's file, header by header, in chunks. It stops where there is no header that could be one: at the end, and
 * where the file is torn. Used on the stack of one call.
 */
final class BatchScanner {
    /** For walks of a few headers. */
    static final int SHORT_WALK_BYTES = 8 * 1024;
    /** For walks of whole segments. */
    static final int LONG_WALK_BYTES = 256 * 1024;

    /** Where in a batch begins what its CRC is made of. */
    private static final int CRC_COVERS_FROM = 21;

    private final StorageFile file;
    private final long end;
    private final ByteBuffer chunk;
    private long chunkPosition;
    private long position;
    private long nextPosition;
    private RecordBatch header;

    /**
     * @param position where a batch begins
     * @param end where the file, or what is of interest in it, ends
     */
    BatchScanner(StorageFile file, long position, long end, int chunkBytes) {
        this.file = file;
        this.end = end;
        this.chunk = ByteBuffer.allocate(chunkBytes).limit(0);
        this.chunkPosition = position;
        this.position = position;
        this.nextPosition = position;
        this.header = new RecordBatch(chunk, 0);
    }

    /** Moves to the next batch. False if there is none; then {@link #nextPosition} is where it would begin. */
    boolean next() {
        if (end - nextPosition < RecordBatch.HEADER_BYTES || !fill(nextPosition, RecordBatch.HEADER_BYTES)) {
            return false;
        }
        RecordBatch found = new RecordBatch(chunk, (int) (nextPosition - chunkPosition));
        int length = found.sizeBytes();
        if (length < RecordBatch.HEADER_BYTES
                || length > end - nextPosition
                || found.magic() != RecordBatch.MAGIC
                || found.lastOffsetDelta() < 0) {
            return false;
        }
        header = found;
        position = nextPosition;
        nextPosition += length;
        return true;
    }

    /** The header of the batch moved to; its records are not there. Good until the next move. */
    RecordBatch header() {
        return header;
    }

    /** Where the batch moved to begins. */
    long position() {
        return position;
    }

    /** Where the batch moved to ends. */
    long nextPosition() {
        return nextPosition;
    }

    /** Whether the CRC of the batch moved to is that of its bytes. The header stays good. */
    boolean isIntact() {
        long from = position + CRC_COVERS_FROM;
        long chunkEnd = Math.min(nextPosition, chunkPosition + chunk.limit());
        CRC32C crc = new CRC32C();
        crc.update(chunk.slice((int) (from - chunkPosition), (int) (chunkEnd - from)));
        if (chunkEnd < nextPosition) {
            ByteBuffer rest = ByteBuffer.allocate((int) Math.min(LONG_WALK_BYTES, nextPosition - chunkEnd));
            for (long at = chunkEnd; at < nextPosition; ) {
                rest.clear().limit((int) Math.min(rest.capacity(), nextPosition - at));
                int count = file.read(at, rest);
                if (count <= 0) {
                    return false;
                }
                crc.update(rest.flip());
                at += count;
            }
        }
        return (int) crc.getValue() == header.crc();
    }

    /** Sees to it that so many bytes from a position of the file on are in the chunk. */
    private boolean fill(long from, int bytes) {
        if (from >= chunkPosition && from + bytes <= chunkPosition + chunk.limit()) {
            return true;
        }
        chunk.clear().limit((int) Math.min(chunk.capacity(), end - from));
        int count = file.read(from, chunk);
        chunk.position(0).limit(Math.max(0, count));
        chunkPosition = from;
        return count >= bytes;
    }
}
