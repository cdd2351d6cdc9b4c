package io.millrace.broker.log;

import io.millrace.protocol.record.RecordBatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what a log on disk holds.
 *
 * <p>Below the recovery point everything is on disk, from the log start offset on; a log without one began at offset 0. Behind it the file system may have kept any part of what was written, so there batches are taken
 * one by one as long as each is whole and follows the last without a gap; the rest is cut. What was acknowledged of it is in the journal.
 *
 * <p>Used on the stack of one call.
 */
final class LogLoader {
    private final LogKey key;
    private final LogFiles files;
    private final LogConfig config;
    private final Segments segments = new Segments();
    private long startOffset;
    private boolean dirty;
    /** Of the batches taken one by one: a batch of an older epoch behind them was cut before they were written. */
    private int latestEpoch = -1;

    LogLoader(LogKey key, LogFiles files, LogConfig config) {
        this.key = key;
        this.files = files;
        this.config = config;
    }

    Segments segments() {
        return segments;
    }

    long startOffset() {
        return startOffset;
    }

    /** Whether there may be something that is not on disk. */
    boolean dirty() {
        return dirty;
    }

    /**
     * Loads the segments.
     *
     * @param names the names in the log's directory
     * @param point the log's recovery point, or null if it has none
     */
    void load(List<String> names, @Nullable LogPoint point) {
        List<Long> bases = LogFiles.offsets(names, LogFiles.BATCHES);
        if (point != null) {
            startOffset = point.startOffset();
        }
        if (bases.isEmpty()) {
            loadNothing(point);
            return;
        }
        int at = loadKnown(bases, point);
        for (; at < bases.size(); at++) {
            long base = bases.get(at);
            if (base != segments.endOffset()) {
                break;
            }
            if (!segments.isEmpty()) {
                segments.last().close(base);
            }
            Segment segment = Segment.resumed(files, base, config.indexIntervalBytes(), 0, -1);
            segments.add(segment);
            dirty = true;
            if (!adopt(segment)) {
                at++;
                break;
            }
        }
        deleteFrom(bases, at);
        startOffset = Math.min(startOffset, segments.endOffset());
    }

    private void loadNothing(@Nullable LogPoint point) {
        if (point != null && point.endOffset() > point.startOffset()) {
            throw missing(point, "has no segments");
        }
        segments.endOffset(startOffset);
    }

    /** Takes the segments up to the recovery point, and what follows it in its segment. Returns the number of the next one. */
    private int loadKnown(List<Long> bases, @Nullable LogPoint point) {
        if (point == null) {
            return 0;
        }
        int at = bases.indexOf(point.segmentBase());
        if (at < 0) {
            throw missing(point, "has no segment " + point.segmentBase());
        }
        long size = files.sizeOf(point.segmentBase(), LogFiles.BATCHES);
        if (size < point.position()) {
            throw missing(
                    point, "has only " + size + " of " + point.position() + " bytes of segment " + point.segmentBase());
        }
        for (long base : bases.subList(0, at)) {
            segments.add(Segment.closed(files, base, config.indexIntervalBytes()));
        }
        Segment segment = Segment.resumed(
                files, point.segmentBase(), config.indexIntervalBytes(), point.position(), point.maxTimestampMs());
        segments.add(segment);
        segments.endOffset(point.endOffset());
        if (size > point.position()) {
            dirty = true;
            if (!adopt(segment)) {
                deleteFrom(bases, at + 1);
                return bases.size();
            }
        }
        return at + 1;
    }

    /** Takes the whole batches of the last segment behind what is known of it. False if something had to be cut. */
    private boolean adopt(Segment segment) {
        BatchScanner scanner =
                segment.scanner(segment.sizeBytes(), segment.data().file().size(), BatchScanner.LONG_WALK_BYTES);
        while (scanner.next()) {
            RecordBatch header = scanner.header();
            if (header.baseOffset() < segments.endOffset()
                    || header.leaderEpoch() < latestEpoch
                    || !scanner.isIntact()) {
                break;
            }
            latestEpoch = header.leaderEpoch();
            segment.adopt(header, scanner.position(), scanner.nextPosition());
            segments.endOffset(header.nextOffset());
        }
        return segment.cut() == 0;
    }

    private void deleteFrom(List<Long> bases, int at) {
        if (at == bases.size()) {
            return;
        }
        dirty = true;
        for (long base : bases.subList(at, bases.size())) {
            files.delete(base, LogFiles.BATCHES);
            files.delete(base, LogFiles.INDEX);
        }
        files.directory().sync(); // they must not come back behind what is appended in their place
    }

    private StorageException missing(LogPoint point, String what) {
        return StorageException.corrupt("acknowledged records of log " + key
                + " are missing: it was synced up to offset " + point.endOffset() + " but " + what);
    }

    /**
     * Makes a log's own fold: from the newest good snapshot, and the headers of the batches behind it.
     *
     * @param snapshot the newest one
     */
    static LogState loadState(@Nullable LogState snapshot, Segments segments, long startOffset) {
        LogState state = snapshot == null ? new LogState(startOffset) : snapshot;
        for (int at = segments.indexOf(state.offset()); at < segments.count(); at++) {
            if (state.offset() >= segments.endOffset()) {
                break;
            }
            fold(state, segments.get(at));
        }
        state.advanceTo(segments.endOffset());
        state.epochs().startAt(startOffset);
        return state;
    }

    private static void fold(LogState state, Segment segment) {
        Segment.Place first = segment.find(state.offset());
        if (first == null) {
            return;
        }
        BatchScanner scanner = segment.scanner(first.position(), segment.sizeBytes(), BatchScanner.LONG_WALK_BYTES);
        while (scanner.next()) {
            // Its timestamp is the producer's and says nothing of when it came.
            state.apply(scanner.header(), ProducerState.SEEN_BEFORE);
        }
    }
}
