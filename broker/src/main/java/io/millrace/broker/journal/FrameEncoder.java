package io.millrace.broker.journal;

import io.millrace.broker.format.Formats;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Builds frames in one buffer that is used again for each write. Small contents are copied into it; large ones are written from where they lie.
 * Owned by the journal's thread.
 */
final class FrameEncoder {
    /** Above this a copy costs more than one more buffer in a gathered write. */
    private static final int COPIED_BYTES = 16 * 1024;

    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(JournalFormat.BLOCK_BYTES);

    private final List<ByteBuffer> parts = new ArrayList<>();
    private ByteBuffer staging = ByteBuffer.allocateDirect(64 * 1024);
    private int partStart;
    private int contentBytes;
    private int entries;

    /** Begins a frame. */
    void begin() {
        parts.clear();
        staging.clear().position(JournalFormat.FRAME_HEADER_BYTES);
        partStart = 0;
        contentBytes = 0;
        entries = 0;
    }

    /** How large the frame is. */
    int lengthBytes() {
        return JournalFormat.FRAME_HEADER_BYTES + contentBytes;
    }

    /** How large an entry makes the frame. */
    static long bytesOf(JournalEntry entry) {
        return (long) JournalFormat.ENTRY_HEADER_BYTES + entry.content().remaining();
    }

    int entries() {
        return entries;
    }

    void add(JournalEntry entry) {
        ByteBuffer content = entry.content();
        boolean copied = content.remaining() <= COPIED_BYTES;
        ensureRoom(JournalFormat.ENTRY_HEADER_BYTES + (copied ? content.remaining() : 0));
        JournalFormat.encodeHeader(entry, staging);
        if (copied) {
            staging.put(content.duplicate());
        } else {
            endPart();
            parts.add(content.duplicate());
        }
        contentBytes += (int) bytesOf(entry);
        entries++;
    }

    /** Ends the frame. Returns what to write, the padding included. */
    List<ByteBuffer> end(JournalFormat.FrameHeader header, Formats formats) {
        endPart();
        JournalFormat.encode(header, formats, parts.get(0), 0);
        CRC32C crc = new CRC32C();
        for (int i = 0; i < parts.size(); i++) {
            ByteBuffer part = parts.get(i);
            crc.update(i == 0 ? part.duplicate().position(JournalFormat.CRC_COVERS_FROM) : part.duplicate());
        }
        JournalFormat.putCrc(parts.get(0), 0, (int) crc.getValue());
        int padding = (int) (JournalFormat.padded(lengthBytes()) - lengthBytes());
        if (padding > 0) {
            parts.add(ZEROS.slice(0, padding));
        }
        return parts;
    }

    private void endPart() {
        if (staging.position() > partStart) {
            parts.add(staging.slice(partStart, staging.position() - partStart));
            partStart = staging.position();
        }
    }

    /** Parts that were made keep the old buffer. */
    private void ensureRoom(int bytes) {
        if (staging.remaining() >= bytes) {
            return;
        }
        int kept = staging.position() - partStart;
        ByteBuffer larger = ByteBuffer.allocateDirect(Math.max(staging.capacity() * 2, (kept + bytes) * 2));
        larger.put(staging.duplicate().position(partStart).limit(staging.position()));
        staging = larger;
        partStart = 0;
    }
}
