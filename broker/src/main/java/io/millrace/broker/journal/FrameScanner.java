package io.millrace.broker.journal;

import io.millrace.broker.log.StorageFile;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Reads frames from a journal file. Used on the stack of a recovery. */
final class FrameScanner {
    private static final int WINDOW_BYTES = 1 << 20;

    private final StorageFile file;
    private final long size;
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long windowPosition;

    FrameScanner(StorageFile file) {
        this.file = file;
        this.size = file.size();
    }

    long size() {
        return size;
    }

    /** The header of what may be a frame at a position, or null. Its CRC was not looked at. */
    JournalFormat.@Nullable FrameHeader headerAt(long position) {
        if (!load(position, JournalFormat.FRAME_HEADER_BYTES)) {
            return null;
        }
        int at = (int) (position - windowPosition);
        if (!JournalFormat.mayBeFrame(window, at)) {
            return null;
        }
        JournalFormat.FrameHeader header = JournalFormat.decodeFrameHeader(window, at);
        return header.position() == position && header.lengthBytes() <= size - position ? header : null;
    }

    /** Whether the frame of that header is as it was written. */
    boolean isIntact(JournalFormat.FrameHeader header) {
        if (!load(header.position(), header.lengthBytes())) {
            return false;
        }
        CRC32C crc = new CRC32C();
        crc.update(window.slice(
                (int) (header.position() - windowPosition) + JournalFormat.CRC_COVERS_FROM,
                header.lengthBytes() - JournalFormat.CRC_COVERS_FROM));
        return (int) crc.getValue() == header.crc();
    }

    /** The entries of an intact frame, one behind the other. Good until the next call. */
    ByteBuffer entries(JournalFormat.FrameHeader header, String name) {
        int at = (int) (header.position() - windowPosition);
        JournalFormat.checkVersion(JournalFormat.frameVersion(window, at), name);
        JournalFormat.checkLevel(header, name);
        return window.slice(
                at + JournalFormat.FRAME_HEADER_BYTES, header.lengthBytes() - JournalFormat.FRAME_HEADER_BYTES);
    }

    /** Gives the memory back, until the next call. */
    void release() {
        window = ByteBuffer.allocate(0);
        windowPosition = 0;
    }

    /** How much memory it keeps. */
    int heldBytes() {
        return window.capacity();
    }

    private boolean load(long from, int bytes) {
        if (from >= windowPosition && from + bytes <= windowPosition + window.limit()) {
            return true;
        }
        if (from + bytes > size) {
            return false;
        }
        if (bytes > window.capacity()) {
            release(); // not both at once
            window = ByteBuffer.allocate(Math.max(bytes, WINDOW_BYTES));
        }
        window.clear().limit((int) Math.min(window.capacity(), size - from));
        int count = file.read(from, window);
        window.position(0).limit(Math.max(count, 0));
        windowPosition = from;
        return count >= bytes;
    }
}
