package io.millrace.broker.journal;

import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.format.Formats;
import io.millrace.broker.format.Structure;
import io.millrace.broker.log.LogKey;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.LogPoint;
import io.millrace.broker.log.StorageDirectory;
import io.millrace.broker.log.StorageException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * What a recovery starts from.
 *
 * @param generation of the run that made it
 * @param replayFrom frames below this sequence are needless: what they hold is on disk in the logs
 * @param durableSequence the highest sequence that was on disk then; it must be found again, if it is not needless
 * @param clean whether the broker ended with it
 * @param points of all logs
 */
record Checkpoint(
        long generation, long replayFrom, long durableSequence, boolean clean, NavigableMap<LogKey, LogPoint> points) {
    static final String NAME = "checkpoint";

    private static final int MAGIC = 0x4d52434b;
    /** Since version 2 a point tells of a gap; since version 3 it says at which format level it was written, which was 0 before. */
    private static final short VERSION_WITH_LEVEL = 3;

    private static final int HEADER_BYTES = 8 + 3 * Long.BYTES + 4 + Integer.BYTES;
    private static final int POINT_BYTES = 16 + 4 + 1 + LogPoint.ENCODED_BYTES;

    /** That of a new data directory. */
    static Checkpoint initial() {
        return new Checkpoint(0, 1, 0, true, new TreeMap<>());
    }

    ByteBuffer encode(FormatLevel formats) {
        int level = formats.level();
        short version = formats.formats().version(Structure.CHECKPOINT, level);
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + points.size() * POINT_BYTES + Integer.BYTES);
        bytes.putInt(MAGIC)
                .putShort(version)
                .putShort((short) (version >= VERSION_WITH_LEVEL ? level : 0))
                .putLong(generation)
                .putLong(replayFrom)
                .putLong(durableSequence)
                .putInt(clean ? 1 : 0)
                .putInt(points.size());
        for (Map.Entry<LogKey, LogPoint> entry : points.entrySet()) {
            LogKey key = entry.getKey();
            bytes.putLong(key.topicId().getMostSignificantBits())
                    .putLong(key.topicId().getLeastSignificantBits())
                    .putInt(key.partition())
                    .put(key.kind().code());
            entry.getValue().encode(bytes);
        }
        bytes.putInt(crcOf(bytes, bytes.position()));
        return bytes.flip();
    }

    /** The one in the journal's directory. */
    static Checkpoint read(StorageDirectory directory) {
        ByteBuffer bytes = directory.readAll(NAME);
        return bytes == null ? initial() : decode(bytes);
    }

    static Checkpoint decode(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (length < HEADER_BYTES + Integer.BYTES
                || bytes.getInt(0) != MAGIC
                || bytes.getInt(length - Integer.BYTES) != crcOf(bytes, length - Integer.BYTES)) {
            throw StorageException.corrupt("the journal's checkpoint of " + length + " bytes is damaged");
        }
        bytes.getInt();
        short version = bytes.getShort();
        short newest = Formats.ofBuild().newest(Structure.CHECKPOINT);
        if (version > newest) {
            throw StorageException.corrupt("the journal's checkpoint has format version " + version
                    + "; this broker knows versions up to " + newest);
        }
        short level = bytes.getShort();
        if (version >= VERSION_WITH_LEVEL && !Formats.ofBuild().levels().contains(level)) {
            throw StorageException.corrupt("the journal's checkpoint is of format level " + level
                    + "; this broker knows the levels " + Formats.ofBuild().levels());
        }
        long generation = bytes.getLong();
        long replayFrom = bytes.getLong();
        long durableSequence = bytes.getLong();
        boolean clean = bytes.getInt() == 1;
        int count = bytes.getInt();
        NavigableMap<LogKey, LogPoint> points = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            UUID topicId = new UUID(bytes.getLong(), bytes.getLong());
            int partition = bytes.getInt();
            LogKind kind = LogKind.of(bytes.get());
            points.put(
                    new LogKey(topicId, partition, kind),
                    version >= 2 ? LogPoint.decode(bytes) : LogPoint.decodeWithoutGap(bytes));
        }
        return new Checkpoint(generation, replayFrom, durableSequence, clean, points);
    }

    private static int crcOf(ByteBuffer bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, length));
        return (int) crc.getValue();
    }
}
