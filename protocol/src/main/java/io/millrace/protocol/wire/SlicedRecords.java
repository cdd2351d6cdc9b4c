package io.millrace.protocol.wire;

import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.RecordsSend;

/**
 * Records that lie in a file: {@link Frames} puts {@link #source()} between the encoded parts of a frame instead of
 * copying bytes.
 */
public final class SlicedRecords implements BaseRecords {
    private final Object source;
    private final int sizeBytes;

    /**
     * Records of a source.
     *
     * @param source what the transport knows how to send, for example a slice of a log
     * @param sizeBytes how many bytes the source will send, exactly
     */
    public SlicedRecords(Object source, int sizeBytes) {
        this.source = source;
        this.sizeBytes = sizeBytes;
    }

    /** What the transport knows how to send. */
    public Object source() {
        return source;
    }

    @Override
    public int sizeInBytes() {
        return sizeBytes;
    }

    /** Not the way in which these records are sent. */
    @Override
    public RecordsSend<? extends BaseRecords> toSend() {
        throw new UnsupportedOperationException("sliced records are sent by Frames and the transport");
    }
}
