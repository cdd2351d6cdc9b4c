package io.millrace.broker.log;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the last truncation of a log that went below its recovery point: a checkpoint of before it promises more than the log holds since.
 * A checkpoint that has seen fewer truncations than the mark counts, and promises more, yields to the mark's point. Written durably, once a truncation.
 *
 * @param point where the log ended then
 */
record TruncationMark(LogPoint point) {
    private static final int MAGIC = 0x4d525452;
    private static final short VERSION = 1;

    void write(LogFiles files) {
        ByteBuffer content = ByteBuffer.allocate(LogPoint.ENCODED_BYTES);
        point.encode(content);
        files.directory().replace(LogFiles.TRUNCATION, Sealed.seal(MAGIC, VERSION, content.flip()));
    }

    static @Nullable TruncationMark read(LogFiles files) {
        ByteBuffer content = Sealed.open(MAGIC, VERSION, files.directory().readAll(LogFiles.TRUNCATION));
        return content == null ? null : new TruncationMark(LogPoint.decode(content));
    }

    /** What is known to be on disk, given what a checkpoint says. */
    @Nullable
    LogPoint correct(@Nullable LogPoint checkpointed) {
        boolean overtaken = checkpointed != null
                && checkpointed.truncations() < point.truncations()
                && checkpointed.endOffset() > point.endOffset();
        return overtaken ? point : checkpointed;
    }
}
