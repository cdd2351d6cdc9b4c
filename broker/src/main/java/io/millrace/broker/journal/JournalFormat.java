package io.millrace.broker.journal;

import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.format.Formats;
import io.millrace.broker.format.Structure;
import io.millrace.broker.log.LogKey;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.StorageException;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How the journal lies on disk.
 *
 * <p>A file is a row of blocks of 4 KiB. The first one holds the file header: which generation (run of a broker) wrote it, and the
 * sequence of its first frame. Frames follow, each from the beginning of a block on, so that no write ever touches a block that holds an
 * acknowledged frame; what is left of a block is zero. A frame's CRC covers its place, its generation and its sequence, so neither what the file
 * held before it was used again, nor what a crash left of a frame that was cut, passes as a frame of now.
 *
 * <pre>
 * file header   magic 4 | version 2 | since version 2 the format level, before 0 2 | generation 8 | first sequence 8 | CRC 4
 * frame header  magic 4 | version 2 | 0 2 | length 4 | CRC of what follows 4 | generation 8 | sequence 8
 *               | durable sequence 8 | position in the file 8 | entries 4
 *               | since version 2 the format level, before 0 4
 * entry         log kind 1 | type 1 | 0 2 | partition 4 | topic id 16 | leader epoch 4 | content length 4
 *               | base offset 8 | message log end 8 | content
 * </pre>
 */
final class JournalFormat {
    static final int BLOCK_BYTES = 4096;
    /** From here on a file and a frame say at which format level they were written. */
    private static final short VERSION_WITH_LEVEL = 2;

    static final int FILE_MAGIC = 0x4d524a4c;
    static final int FILE_HEADER_BYTES = 28;

    static final int FRAME_MAGIC = 0x4d524a46;
    static final int FRAME_HEADER_BYTES = 56;
    static final int ENTRY_HEADER_BYTES = 48;

    private static final int LENGTH_AT = 8;
    private static final int CRC_AT = 12;
    private static final int LEVEL_AT = 52;
    /** What does not say at which level it was written. */
    private static final int UNKNOWN_LEVEL = 0;

    /** Where in a frame begins what its CRC covers. */
    static final int CRC_COVERS_FROM = 16;

    private JournalFormat() {}

    /** What a file's header says. */
    record FileHeader(long generation, long firstSequence) {}

    /** What a frame's header says. */
    record FrameHeader(
            int lengthBytes,
            int crc,
            long generation,
            long sequence,
            long durableSequence,
            long position,
            int entries,
            int level) {}

    /** How many bytes a frame takes with what is left of its last block. */
    static long padded(long lengthBytes) {
        return (lengthBytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    }

    /** A file's first block. */
    static ByteBuffer encode(FileHeader header, FormatLevel formats) {
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        int level = formats.level();
        short version = formats.formats().version(Structure.JOURNAL, level);
        block.putInt(FILE_MAGIC)
                .putShort(version)
                .putShort((short) (version >= VERSION_WITH_LEVEL ? level : 0))
                .putLong(header.generation())
                .putLong(header.firstSequence());
        CRC32C crc = new CRC32C();
        crc.update(block.array(), 0, block.position());
        block.putInt((int) crc.getValue());
        return block.clear();
    }

    /** The header in a file's first block, or null if there is none. */
    static @Nullable FileHeader decodeFileHeader(ByteBuffer block, String name) {
        if (block.remaining() < FILE_HEADER_BYTES || block.getInt(0) != FILE_MAGIC) {
            return null;
        }
        CRC32C crc = new CRC32C();
        crc.update(block.slice(0, FILE_HEADER_BYTES - 4));
        if (block.getInt(FILE_HEADER_BYTES - 4) != (int) crc.getValue()) {
            return null;
        }
        checkVersion(block.getShort(4), name);
        return new FileHeader(block.getLong(8), block.getLong(16));
    }

    /**
     * Writes a frame's header.
     *
     * @param formats the versions at the level of the header
     */
    static void encode(FrameHeader header, Formats formats, ByteBuffer into, int at) {
        short version = formats.version(Structure.JOURNAL, header.level());
        into.putInt(at, FRAME_MAGIC);
        into.putShort(at + 4, version);
        into.putShort(at + 6, (short) 0);
        into.putInt(at + LENGTH_AT, header.lengthBytes());
        into.putInt(at + CRC_AT, header.crc());
        into.putLong(at + 16, header.generation());
        into.putLong(at + 24, header.sequence());
        into.putLong(at + 32, header.durableSequence());
        into.putLong(at + 40, header.position());
        into.putInt(at + 48, header.entries());
        into.putInt(at + LEVEL_AT, version >= VERSION_WITH_LEVEL ? header.level() : 0);
    }

    static void putCrc(ByteBuffer into, int at, int crc) {
        into.putInt(at + CRC_AT, crc);
    }

    /** Whether a frame may begin there. */
    static boolean mayBeFrame(ByteBuffer buffer, int at) {
        return buffer.limit() - at >= FRAME_HEADER_BYTES
                && buffer.getInt(at) == FRAME_MAGIC
                && buffer.getInt(at + LENGTH_AT) >= FRAME_HEADER_BYTES;
    }

    static FrameHeader decodeFrameHeader(ByteBuffer buffer, int at) {
        return new FrameHeader(
                buffer.getInt(at + LENGTH_AT),
                buffer.getInt(at + CRC_AT),
                buffer.getLong(at + 16),
                buffer.getLong(at + 24),
                buffer.getLong(at + 32),
                buffer.getLong(at + 40),
                buffer.getInt(at + 48),
                frameVersion(buffer, at) >= VERSION_WITH_LEVEL ? buffer.getInt(at + LEVEL_AT) : UNKNOWN_LEVEL);
    }

    /** The version of the frame there. */
    static short frameVersion(ByteBuffer buffer, int at) {
        return buffer.getShort(at + 4);
    }

    static void checkVersion(short version, String name) {
        short newest = Formats.ofBuild().newest(Structure.JOURNAL);
        if (version > newest) {
            throw StorageException.corrupt("journal file " + name + " has format version " + version
                    + "; this broker knows versions up to " + newest);
        }
    }

    /** A frame whose version this build knows was written at a level that it knows. */
    static void checkLevel(FrameHeader header, String name) {
        if (header.level() != UNKNOWN_LEVEL && !Formats.ofBuild().levels().contains(header.level())) {
            throw StorageException.corrupt("journal file " + name + " has a frame of format level " + header.level()
                    + "; this broker knows the levels " + Formats.ofBuild().levels());
        }
    }

    /** Writes an entry's header; its content follows. */
    static void encodeHeader(JournalEntry entry, ByteBuffer into) {
        LogKey key = entry.key();
        into.put(key.kind().code())
                .put(entry.type().code())
                .putShort((short) 0)
                .putInt(key.partition())
                .putLong(key.topicId().getMostSignificantBits())
                .putLong(key.topicId().getLeastSignificantBits())
                .putInt(entry.leaderEpoch())
                .putInt(entry.content().remaining())
                .putLong(entry.baseOffset())
                .putLong(entry.messageLogEnd());
    }

    /** Reads an entry; its content is a view. */
    static JournalEntry decodeEntry(ByteBuffer from) {
        LogKind kind = LogKind.of(from.get());
        JournalEntry.Type type = JournalEntry.Type.of(from.get());
        from.getShort();
        int partition = from.getInt();
        UUID topicId = new UUID(from.getLong(), from.getLong());
        int leaderEpoch = from.getInt();
        int length = from.getInt();
        long baseOffset = from.getLong();
        long messageLogEnd = from.getLong();
        ByteBuffer content = from.slice(from.position(), length);
        from.position(from.position() + length);
        return new JournalEntry(
                new LogKey(topicId, partition, kind), type, leaderEpoch, baseOffset, messageLogEnd, content, () -> {});
    }
}
