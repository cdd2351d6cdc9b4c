package io.millrace.broker.log;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the truncations of a log that no checkpoint has seen, by the lowest of them: a checkpoint of before it promises more than the log
 * holds since. A checkpoint that has seen fewer truncations than the mark counts, and promises as much or more, yields to the mark's point.
 * Written durably, once a truncation.
 *
 * @param point where the log ended then, at the lowest; and how many truncations there were by the last
 */
record TruncationMark(LogPoint point) {
    private static final int MAGIC = 0x4d525452;
    /** Since version 2 the point tells of a gap. */
    private static final short VERSION = 2;

    void write(LogFiles files) {
        ByteBuffer content = ByteBuffer.allocate(LogPoint.ENCODED_BYTES);
        point.encode(content);
        files.directory().replace(LogFiles.TRUNCATION, Sealed.seal(MAGIC, VERSION, content.flip()));
    }

    static @Nullable TruncationMark read(LogFiles files) {
        ByteBuffer sealed = files.directory().readAll(LogFiles.TRUNCATION);
        ByteBuffer content = Sealed.open(MAGIC, VERSION, sealed);
        if (sealed == null || content == null) {
            return null;
        }
        return new TruncationMark(
                Sealed.version(sealed) >= 2 ? LogPoint.decode(content) : LogPoint.decodeWithoutGap(content));
    }

    /**
     * The mark of a further truncation.
     *
     * @param cut where the log ends now
     * @param checkpointed what the last checkpoint says
     */
    TruncationMark followedBy(LogPoint cut, @Nullable LogPoint checkpointed) {
        boolean seen = checkpointed != null && checkpointed.truncations() >= point.truncations();
        boolean lowest = seen || cut.endOffset() <= point.endOffset();
        return new TruncationMark(lowest ? cut : point.withTruncations(cut.truncations()));
    }

    /** Whether a fold up to an offset, made after so many truncations, tells of what was cut. */
    boolean refutes(long offset, int truncations) {
        return truncations < point.truncations() && offset > point.endOffset();
    }

    /** What is known to be on disk, given what a checkpoint says. */
    @Nullable
    LogPoint correct(@Nullable LogPoint checkpointed) {
        boolean overtaken = checkpointed != null
                && checkpointed.truncations() < point.truncations()
                && checkpointed.endOffset() >= point.endOffset();
        return overtaken ? point : checkpointed;
    }
}
