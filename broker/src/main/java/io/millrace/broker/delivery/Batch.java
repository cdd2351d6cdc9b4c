package io.millrace.broker.delivery;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.MessageHeaders;
import io.millrace.protocol.record.Codecs;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordBatch;
import io.millrace.protocol.record.Varints;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over one record batch that is being delivered. Its header is read at once, its records when the first of them is wanted; it
 * stays where the last walk ended, since the next one mostly goes on there. The bytes belong to whoever made it. Owned by the
 * partition's lane.
 */
final class Batch {
    /** A batch grows no larger than this when it is decompressed. */
    static final int MAX_PLAIN_BYTES = 64 * 1024 * 1024;

    private final RecordBatch header;
    private final long baseOffset;
    private final long nextOffset;
    private final long producerId;
    private final boolean control;
    private final boolean dense;
    /** The timestamp of all records, or -1 if each has its own. */
    private final long appendTimeMs;

    private final long baseTimestampMs;

    private @Nullable ByteBuffer records;
    private boolean expiring;

    /** Where the record behind the present one begins, and the least offset it can have. */
    private int nextPosition;

    private long nextRecordOffset;
    private int position;
    private int length;
    private long timestampMs;

    Batch(RecordBatch header) {
        this.header = header;
        this.baseOffset = header.baseOffset();
        this.nextOffset = header.nextOffset();
        this.producerId = header.producerId();
        this.control = header.isControl();
        this.dense = header.count() == nextOffset - baseOffset;
        this.appendTimeMs = header.isLogAppendTime() ? header.maxTimestampMs() : -1;
        this.baseTimestampMs = header.baseTimestampMs();
        this.nextRecordOffset = baseOffset;
    }

    long baseOffset() {
        return baseOffset;
    }

    long nextOffset() {
        return nextOffset;
    }

    /** Whether it holds no messages. */
    boolean isControl() {
        return control;
    }

    long producerId() {
        return producerId;
    }

    int sizeBytes() {
        return header.sizeBytes();
    }

    /** Whether a message of it may have an expiration, so that each must be looked at. */
    boolean isExpiring() {
        open();
        return expiring;
    }

    /**
     * Steps to the first record whose offset is at least {@code offset}; false if there is none.
     *
     * @throws InvalidBatchException if the bytes are no records
     */
    boolean seek(long offset) {
        ByteBuffer in = open();
        if (offset < nextRecordOffset) {
            nextPosition = 0;
            nextRecordOffset = baseOffset;
        }
        while (nextPosition < in.capacity()) {
            step(in);
            if (offset() >= offset) {
                return true;
            }
        }
        return false;
    }

    /** The offset of the record stood on. */
    long offset() {
        return nextRecordOffset - 1;
    }

    long timestampMs() {
        return timestampMs;
    }

    /** The length of the record stood on, without its length field. */
    int length() {
        return length;
    }

    /** The record stood on, without its length field: position and limit of a buffer that is good until the next step. */
    ByteBuffer record() {
        return open().limit(position + length).position(position);
    }

    private ByteBuffer open() {
        ByteBuffer opened = records;
        if (opened == null) {
            opened = Codecs.records(header, MAX_PLAIN_BYTES).slice();
            records = opened;
            int summary = MessageSummary.ofBatch(opened);
            expiring = summary == MessageSummary.UNKNOWN || (summary & MessageHeaders.USES_EXPIRATION) != 0;
        }
        return opened.limit(opened.capacity());
    }

    private void step(ByteBuffer in) {
        in.position(nextPosition);
        length = Varints.readInt(in);
        position = in.position();
        if (length < 0 || length > in.remaining()) {
            throw new InvalidBatchException(
                    ErrorCode.CORRUPT_MESSAGE, "a record of length " + length + " in the batch at " + baseOffset);
        }
        timestampMs = appendTimeMs;
        if (dense && appendTimeMs >= 0) {
            nextRecordOffset++;
        } else {
            readDeltas(in);
        }
        nextPosition = position + length;
    }

    private void readDeltas(ByteBuffer in) {
        in.position(position + 1);
        long timestampDelta = Varints.readLong(in);
        nextRecordOffset = baseOffset + Varints.readInt(in) + 1;
        if (appendTimeMs < 0) {
            timestampMs = baseTimestampMs + timestampDelta;
        }
    }
}
