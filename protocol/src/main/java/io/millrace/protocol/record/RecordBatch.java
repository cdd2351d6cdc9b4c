package io.millrace.protocol.record;

import io.millrace.protocol.ErrorCode;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A view of one record batch of format v2 at a position of a buffer. Nothing is copied; setters write through. The CRC
 * covers all from the attributes on, so the base offset and the leader epoch may be set without redoing it.
 *
 * @param buffer what holds the batch, big-endian; its position and limit are not used and not moved
 * @param position where the batch begins
 */
public record RecordBatch(ByteBuffer buffer, int position) {
    /** Bytes of a batch before its records. */
    public static final int HEADER_BYTES = 61;
    /** Bytes before those that the length field counts. */
    public static final int LENGTH_OVERHEAD_BYTES = 12;
    /** The only format that logs hold. */
    public static final byte MAGIC = 2;
    /** The producer id of a batch without one. */
    public static final long NO_PRODUCER_ID = -1;

    private static final int LENGTH_AT = 8;
    private static final int LEADER_EPOCH_AT = 12;
    private static final int MAGIC_AT = 16;
    private static final int CRC_AT = 17;
    private static final int ATTRIBUTES_AT = 21;
    private static final int LAST_OFFSET_DELTA_AT = 23;
    private static final int BASE_TIMESTAMP_AT = 27;
    private static final int MAX_TIMESTAMP_AT = 35;
    private static final int PRODUCER_ID_AT = 43;
    private static final int PRODUCER_EPOCH_AT = 51;
    private static final int BASE_SEQUENCE_AT = 53;
    private static final int COUNT_AT = 57;

    private static final int CODEC_MASK = 0x07;
    private static final int LOG_APPEND_TIME_BIT = 0x08;
    private static final int TRANSACTIONAL_BIT = 0x10;
    private static final int CONTROL_BIT = 0x20;
    private static final int CODECS = 5;

    /** Whether a whole batch header, and then the whole batch, lies between a position and a limit. */
    public static boolean isComplete(ByteBuffer buffer, int position, int limit) {
        if (limit - position < HEADER_BYTES) {
            return false;
        }
        int length = buffer.getInt(position + LENGTH_AT);
        return length >= HEADER_BYTES - LENGTH_OVERHEAD_BYTES && length <= limit - position - LENGTH_OVERHEAD_BYTES;
    }

    /**
     * A batch that takes offsets and holds no records, as Kafka's compaction leaves one.
     *
     * @param offsets how many it takes, at least 1
     */
    public static RecordBatch empty(int offsets) {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES);
        bytes.putInt(LENGTH_AT, HEADER_BYTES - LENGTH_OVERHEAD_BYTES);
        bytes.put(MAGIC_AT, MAGIC);
        bytes.putInt(LAST_OFFSET_DELTA_AT, offsets - 1);
        bytes.putLong(BASE_TIMESTAMP_AT, -1);
        bytes.putLong(MAX_TIMESTAMP_AT, -1);
        bytes.putLong(PRODUCER_ID_AT, NO_PRODUCER_ID);
        bytes.putShort(PRODUCER_EPOCH_AT, (short) -1);
        bytes.putInt(BASE_SEQUENCE_AT, -1);
        RecordBatch batch = new RecordBatch(bytes, 0);
        bytes.putInt(CRC_AT, batch.computeCrc());
        return batch;
    }

    /** The offset of the first record. */
    public long baseOffset() {
        return buffer.getLong(position);
    }

    /** The offset of the last record. */
    public long lastOffset() {
        return baseOffset() + lastOffsetDelta();
    }

    /** The offset behind the last record. */
    public long nextOffset() {
        return lastOffset() + 1;
    }

    /** All bytes of the batch. */
    public int sizeBytes() {
        return buffer.getInt(position + LENGTH_AT) + LENGTH_OVERHEAD_BYTES;
    }

    /** Where the batch ends in the buffer. */
    public int end() {
        return position + sizeBytes();
    }

    /** The epoch of the leader that appended it. */
    public int leaderEpoch() {
        return buffer.getInt(position + LEADER_EPOCH_AT);
    }

    /** The format's version. */
    public byte magic() {
        return buffer.get(position + MAGIC_AT);
    }

    /** The CRC-32C in the header. */
    public int crc() {
        return buffer.getInt(position + CRC_AT);
    }

    /** Codec, timestamp type and flags. */
    public short attributes() {
        return buffer.getShort(position + ATTRIBUTES_AT);
    }

    /** The last record's offset less the first's. */
    public int lastOffsetDelta() {
        return buffer.getInt(position + LAST_OFFSET_DELTA_AT);
    }

    /** What records' timestamp deltas are added to, in ms since the epoch. */
    public long baseTimestampMs() {
        return buffer.getLong(position + BASE_TIMESTAMP_AT);
    }

    /** The largest timestamp of a record, or the append time where {@link #isLogAppendTime()}. */
    public long maxTimestampMs() {
        return buffer.getLong(position + MAX_TIMESTAMP_AT);
    }

    /** The producer's id, or {@link #NO_PRODUCER_ID}. */
    public long producerId() {
        return buffer.getLong(position + PRODUCER_ID_AT);
    }

    /** The producer's epoch, or -1. */
    public short producerEpoch() {
        return buffer.getShort(position + PRODUCER_EPOCH_AT);
    }

    /** The first record's sequence, or -1. */
    public int baseSequence() {
        return buffer.getInt(position + BASE_SEQUENCE_AT);
    }

    /** The last record's sequence, or -1; past 2^31-1 sequences go on with 0. */
    public int lastSequence() {
        int base = baseSequence();
        return base < 0 ? base : (base + lastOffsetDelta()) & Integer.MAX_VALUE;
    }

    /** How many records the batch holds. */
    public int count() {
        return buffer.getInt(position + COUNT_AT);
    }

    /** The codec's number: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
    public int codec() {
        return attributes() & CODEC_MASK;
    }

    /** Whether the records lie there plain. */
    public boolean isCompressed() {
        return codec() != 0;
    }

    /** Whether all records carry the append time. */
    public boolean isLogAppendTime() {
        return (attributes() & LOG_APPEND_TIME_BIT) != 0;
    }

    /** Whether the batch belongs to a transaction. */
    public boolean isTransactional() {
        return (attributes() & TRANSACTIONAL_BIT) != 0;
    }

    /** Whether the batch holds control records, which no application sees. */
    public boolean isControl() {
        return (attributes() & CONTROL_BIT) != 0;
    }

    /** Whether the batch has a producer id. */
    public boolean hasProducerId() {
        return producerId() != NO_PRODUCER_ID;
    }

    /** Gives the batch its place in the log. */
    public void assign(long baseOffset, int leaderEpoch) {
        buffer.putLong(position, baseOffset);
        buffer.putInt(position + LEADER_EPOCH_AT, leaderEpoch);
    }

    /** Stamps all records with one append time and redoes the CRC. */
    public void stampAppendTime(long timestampMs) {
        buffer.putShort(position + ATTRIBUTES_AT, (short) (attributes() | LOG_APPEND_TIME_BIT));
        buffer.putLong(position + MAX_TIMESTAMP_AT, timestampMs);
        buffer.putInt(position + CRC_AT, computeCrc());
    }

    /** Says what the largest timestamp of the records is, and redoes the CRC if that is news. */
    public void correctMaxTimestamp(long timestampMs) {
        if (timestampMs != maxTimestampMs()) {
            buffer.putLong(position + MAX_TIMESTAMP_AT, timestampMs);
            buffer.putInt(position + CRC_AT, computeCrc());
        }
    }

    /** The CRC-32C of what stands there now. */
    public int computeCrc() {
        CRC32C crc = new CRC32C();
        crc.update(buffer.slice(position + ATTRIBUTES_AT, sizeBytes() - ATTRIBUTES_AT));
        return (int) crc.getValue();
    }

    /** Whether the bytes are those that the CRC was made of. */
    public boolean isIntact() {
        return crc() == computeCrc();
    }

    /** The bytes of the batch: a view with a position and limit of its own. */
    public ByteBuffer bytes() {
        return buffer.slice(position, sizeBytes());
    }

    /** The records as they lie there, compressed or not: a view with a position and limit of its own. */
    public ByteBuffer recordBytes() {
        return buffer.slice(position + HEADER_BYTES, sizeBytes() - HEADER_BYTES);
    }

    /**
     * Checks all that can be seen without decoding the records: lengths, format, CRC, counts, sequences.
     *
     * @param limit where the bytes end in the buffer
     * @throws InvalidBatchException saying what is wrong
     */
    public void validate(int limit) {
        check(limit - position >= HEADER_BYTES, "a batch of %d bytes is shorter than its header", limit - position);
        int length = buffer.getInt(position + LENGTH_AT);
        check(
                length >= HEADER_BYTES - LENGTH_OVERHEAD_BYTES && length <= limit - position - LENGTH_OVERHEAD_BYTES,
                "the batch's length field %d does not fit its %d bytes",
                length,
                limit - position);
        if (magic() != MAGIC) {
            throw new InvalidBatchException(
                    ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT,
                    "record batch format " + magic() + " is not taken; format 2 is (Kafka 0.11 and later)");
        }
        check(isIntact(), "the batch's CRC %08x is not that of its bytes", crc());
        if (codec() >= CODECS) {
            throw new InvalidBatchException(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, "no codec has number " + codec());
        }
        check(count() > 0, "the batch says that it holds %d records", count());
        check(lastOffsetDelta() == count() - 1, "last offset delta %d of a batch of %d", lastOffsetDelta(), count());
        check(
                hasProducerId() ? producerId() >= 0 && producerEpoch() >= 0 && baseSequence() >= 0 : baseSequence() < 0,
                "producer id %d with sequence %d",
                producerId(),
                baseSequence());
    }

    private static void check(boolean holds, String message, Object... args) {
        if (!holds) {
            throw Varints.malformed(String.format(java.util.Locale.ROOT, message, args));
        }
    }
}
