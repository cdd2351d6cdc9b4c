package io.millrace.broker.log;

import java.nio.ByteBuffer;

/**
 * Whole batches in a segment, as a place in its file. The file stays open and its bytes stay as they are until the slice is released, also
 * when the segment is deleted meanwhile. Immutable; {@link #retain} and {@link #release} may be called on any thread.
 */
public final class LogSlice {
    private final SharedFile shared;
    private final long position;
    private final int lengthBytes;
    private final long nextOffset;

    /** Takes over one reference to the file. */
    LogSlice(SharedFile shared, long position, int lengthBytes, long nextOffset) {
        this.shared = shared;
        this.position = position;
        this.lengthBytes = lengthBytes;
        this.nextOffset = nextOffset;
    }

    /** The segment's file: read only. */
    public StorageFile file() {
        return shared.file();
    }

    /** Where the first batch begins in the file. */
    public long position() {
        return position;
    }

    public int lengthBytes() {
        return lengthBytes;
    }

    /** The offset at which to read on. */
    public long nextOffset() {
        return nextOffset;
    }

    /** Fills the rest of a buffer, or less if the slice ends, from {@code at} bytes behind the slice's beginning on. */
    public void read(int at, ByteBuffer into) {
        int limit = into.limit();
        into.limit(Math.min(limit, into.position() + lengthBytes - at));
        int wanted = into.remaining();
        int count = shared.file().read(position + at, into);
        into.limit(limit);
        if (count != wanted) {
            throw StorageException.corrupt(
                    "read " + count + " of " + wanted + " bytes at " + (position + at) + " of " + shared.name());
        }
    }

    /** All bytes, copied to the heap. */
    public ByteBuffer copy() {
        ByteBuffer bytes = ByteBuffer.allocate(lengthBytes);
        read(0, bytes);
        return bytes.flip();
    }

    /** Asks for one more {@link #release}. */
    public LogSlice retain() {
        shared.retain();
        return this;
    }

    /** Gives the file back. */
    public void release() {
        shared.release();
    }
}
