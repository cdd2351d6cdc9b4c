package io.millrace.broker.log;

import io.millrace.protocol.record.RecordBatch;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a log: a file of batches, one behind the other, and its index. Only the last segment of a log is appended to; the others are
 * closed: their index ends with an entry for the segment's end. Files are opened when they are needed.
 *
 * <p>Owned by the partition's lane.
 */
final class Segment {
    /** How far behind the end of the file an index may be before it is brought up to it. */
    private static final long TOLERATED_INDEX_LAG_BYTES = 256 * 1024;

    private static final long UNKNOWN = Long.MIN_VALUE;

    private final LogFiles files;
    private final long baseOffset;
    private int indexIntervalBytes;
    private @Nullable SharedFile data;
    private @Nullable SegmentIndex index;
    private boolean closed;
    private boolean unsynced;
    private long sizeBytes;
    private long maxTimestampMs;
    private long datedMs;
    private long datedSizeBytes = UNKNOWN;
    private long firstTimestampMs = UNKNOWN;
    private long lastIndexedPosition;

    /** Where a batch lies. */
    record Place(long baseOffset, long nextOffset, long position, long endPosition, long maxTimestampMs) {
        /** Where batches end. */
        static Place end(long offset, long position) {
            return new Place(offset, offset, position, position, -1);
        }
    }

    private Segment(LogFiles files, long baseOffset, int indexIntervalBytes, boolean closed, long sizeBytes) {
        this.files = files;
        this.baseOffset = baseOffset;
        this.indexIntervalBytes = indexIntervalBytes;
        this.closed = closed;
        this.sizeBytes = sizeBytes;
        this.maxTimestampMs = UNKNOWN;
    }

    /** A new, empty segment at the end of a log. Files of that name are emptied. */
    static Segment create(LogFiles files, long baseOffset, int indexIntervalBytes) {
        Segment segment = new Segment(files, baseOffset, indexIntervalBytes, false, 0);
        segment.maxTimestampMs = -1;
        if (segment.data().file().size() > 0) {
            segment.data().file().truncate(0);
        }
        segment.index = segment.emptyIndex();
        segment.unsynced = true;
        return segment;
    }

    /**
     * A segment that is on disk and may be torn: the last of its log, for now. {@link #adopt} takes the whole batches behind a position, one
     * after the other, and {@link #cut} drops the rest.
     *
     * @param validBytes up to where it is known to be whole
     * @param maxTimestampMs the largest timestamp up to there
     */
    static Segment resumed(
            LogFiles files, long baseOffset, int indexIntervalBytes, long validBytes, long maxTimestampMs) {
        Segment segment = new Segment(files, baseOffset, indexIntervalBytes, false, validBytes);
        segment.maxTimestampMs = maxTimestampMs;
        return segment;
    }

    /** A segment that is on disk and has others behind it. */
    static Segment closed(LogFiles files, long baseOffset, int indexIntervalBytes) {
        return new Segment(files, baseOffset, indexIntervalBytes, true, UNKNOWN);
    }

    long baseOffset() {
        return baseOffset;
    }

    long sizeBytes() {
        if (sizeBytes == UNKNOWN) {
            sizeBytes = files.sizeOf(baseOffset, LogFiles.BATCHES);
        }
        return sizeBytes;
    }

    /** The largest timestamp of a record, or -1 if there is none. */
    long maxTimestampMs() {
        if (maxTimestampMs == UNKNOWN) {
            SegmentIndex.Entry last = index().last();
            maxTimestampMs = last == null ? -1 : last.maxTimestampBeforeMs();
            if (closed && data == null) {
                rest();
            }
        }
        return maxTimestampMs;
    }

    /**
     * From when on the segment ages: its largest timestamp, or, where no record has one, the first look since it grew last. That is
     * forgotten at a restart, so such a segment may be kept longer, never shorter.
     */
    long dateMs(long nowMs) {
        if (maxTimestampMs() >= 0) {
            return maxTimestampMs();
        }
        if (datedSizeBytes != sizeBytes()) {
            datedSizeBytes = sizeBytes();
            datedMs = nowMs;
        }
        return datedMs;
    }

    /** The largest timestamp of the first batch, or -1 if there is none. */
    long firstTimestampMs() {
        if (firstTimestampMs == UNKNOWN) {
            BatchScanner scanner = scanner(0, sizeBytes(), BatchScanner.SHORT_WALK_BYTES);
            firstTimestampMs = scanner.next() ? scanner.header().maxTimestampMs() : -1;
        }
        return firstTimestampMs;
    }

    boolean isEmpty() {
        return sizeBytes() == 0;
    }

    void indexIntervalBytes(int bytes) {
        indexIntervalBytes = bytes;
    }

    /** The file, open; retain it to keep it so. */
    SharedFile data() {
        if (data == null) {
            data = files.open(baseOffset, LogFiles.BATCHES);
        }
        return data;
    }

    BatchScanner scanner(long from, long to, int chunkBytes) {
        return new BatchScanner(data().file(), from, to, chunkBytes);
    }

    // ---- writing

    /**
     * Appends a batch that has its offsets. If it throws a {@link StorageException} the segment is as it was; if a {@link TornException}
     * nobody knows what the file holds.
     */
    void append(RecordBatch batch) {
        long position = sizeBytes();
        int length = batch.sizeBytes();
        unsynced = true;
        try {
            data().file().write(position, batch.bytes());
        } catch (StorageException e) {
            repair(position, e);
            throw e;
        }
        noteBatch(batch, position);
        sizeBytes = position + length;
    }

    /** Takes over a batch that lies in the file already, behind all that are known. */
    void adopt(RecordBatch header, long position, long endPosition) {
        noteBatch(header, position);
        sizeBytes = endPosition;
        unsynced = true;
    }

    /** Drops what lies behind the last batch adopted. Returns how many bytes those were. */
    long cut() {
        long dropped = data().file().size() - sizeBytes;
        if (dropped > 0) {
            data().file().truncate(sizeBytes);
            // What is cut must not come back after what is written in its place.
            data().force();
        }
        return dropped;
    }

    /** No more appends: the index gets its end. */
    void close(long endOffset) {
        index().add(endOffset, sizeBytes(), maxTimestampMs());
        index().flush();
        closed = true;
    }

    /** Where the segment is cut so that its log ends at an offset: there, or where the batch begins in which that lies. */
    Place endAt(long offset) {
        Place at = find(offset);
        return at == null
                ? Place.end(offset, sizeBytes())
                : Place.end(Math.min(offset, at.baseOffset()), at.position());
    }

    /** Cuts the file where batches end, and makes this the last segment of its log. */
    void truncate(Place at) {
        long maxTimestampBelowMs = maxTimestampBelow(at.baseOffset());
        sizeBytes = at.position();
        maxTimestampMs = maxTimestampBelowMs;
        closed = false;
        unsynced = true;
        cut();
        dropIndexEnd();
    }

    /** Takes the sync of this segment over: its files, to be forced and released; none if nothing was written since. */
    List<SharedFile> takeUnsynced() {
        if (!unsynced) {
            return List.of();
        }
        // The index of a closed segment is worth a sync: to make it again takes a walk through the whole segment.
        List<SharedFile> written = closed ? List.of(data(), index().shared()) : List.of(data());
        written.forEach(SharedFile::retain);
        unsynced = false;
        return written;
    }

    /** Keeps on disk what is in memory of the index, and closes the files. They are opened again when they are needed. */
    void release() {
        SharedFile opened = data;
        if (index != null) {
            index.flush();
            index.close();
            index = null;
        }
        if (opened != null) {
            data = null;
            files.close(opened);
        }
    }

    /** Closes the files, unless something is unsynced: the disk tells its failures to who has the file open. */
    void rest() {
        if (!unsynced) {
            release();
        }
    }

    void delete() {
        release();
        files.delete(baseOffset, LogFiles.BATCHES);
        files.delete(baseOffset, LogFiles.INDEX);
    }

    // ---- finding

    /** The first batch that ends above an offset, or null if there is none. */
    @Nullable
    Place find(long offset) {
        SegmentIndex.Entry from = floor(entry -> entry.offset() <= offset);
        BatchScanner scanner = scanner(from.position(), sizeBytes(), BatchScanner.SHORT_WALK_BYTES);
        while (scanner.next()) {
            if (scanner.header().nextOffset() > offset) {
                return place(scanner);
            }
        }
        return null;
    }

    /** The batch at a position, or null if that is the end. */
    @Nullable
    Place at(long position) {
        BatchScanner scanner = scanner(position, sizeBytes(), RecordBatch.HEADER_BYTES);
        return scanner.next() ? place(scanner) : null;
    }

    /** The first batch with that timestamp or a later one in it, of those that end above an offset; null if there is none. */
    @Nullable
    Place findTime(long timestampMs, long fromOffset) {
        SegmentIndex.Entry from =
                floor(entry -> entry.maxTimestampBeforeMs() < timestampMs || entry.offset() <= fromOffset);
        BatchScanner scanner = scanner(from.position(), sizeBytes(), BatchScanner.SHORT_WALK_BYTES);
        while (scanner.next()) {
            if (scanner.header().maxTimestampMs() >= timestampMs
                    && scanner.header().nextOffset() > fromOffset) {
                return place(scanner);
            }
        }
        return null;
    }

    /**
     * The last end of a batch, from the end of a first one on, that lies neither behind a position nor behind an offset.
     *
     * @return the end as a position and an offset; a {@link Place} of no length
     */
    Place lastEnd(Place first, long maxPosition, long maxOffset) {
        SegmentIndex.Entry from = floor(entry -> entry.position() <= maxPosition && entry.offset() <= maxOffset);
        long position = first.endPosition();
        long offset = first.nextOffset();
        BatchScanner scanner = scanner(Math.max(from.position(), position), sizeBytes(), BatchScanner.SHORT_WALK_BYTES);
        if (from.position() > position) {
            position = from.position();
            offset = from.offset();
        }
        while (scanner.next()
                && scanner.nextPosition() <= maxPosition
                && scanner.header().nextOffset() <= maxOffset) {
            position = scanner.nextPosition();
            offset = scanner.header().nextOffset();
        }
        return Place.end(offset, position);
    }

    /** The largest timestamp of the batches that end at or below an offset, or -1 if there is none. */
    long maxTimestampBelow(long offset) {
        SegmentIndex.Entry from = floor(entry -> entry.offset() <= offset);
        long largestMs = Math.max(-1, from.maxTimestampBeforeMs());
        BatchScanner scanner = scanner(from.position(), sizeBytes(), BatchScanner.SHORT_WALK_BYTES);
        while (scanner.next() && scanner.header().nextOffset() <= offset) {
            largestMs = Math.max(largestMs, scanner.header().maxTimestampMs());
        }
        return largestMs;
    }

    /** The largest timestamp of the batches that end above one offset and at or below another, or -1 if there is none. */
    long maxTimestampWithin(long fromOffset, long beforeOffset) {
        if (fromOffset <= baseOffset) {
            return maxTimestampBelow(beforeOffset);
        }
        SegmentIndex.Entry from = floor(entry -> entry.offset() <= fromOffset);
        long largestMs = -1;
        BatchScanner scanner = scanner(from.position(), sizeBytes(), BatchScanner.SHORT_WALK_BYTES);
        while (scanner.next() && scanner.header().nextOffset() <= beforeOffset) {
            if (scanner.header().nextOffset() > fromOffset) {
                largestMs = Math.max(largestMs, scanner.header().maxTimestampMs());
            }
        }
        return largestMs;
    }

    private static Place place(BatchScanner scanner) {
        RecordBatch header = scanner.header();
        return new Place(
                header.baseOffset(),
                header.nextOffset(),
                scanner.position(),
                scanner.nextPosition(),
                header.maxTimestampMs());
    }

    /** Looks into the index, and makes it again if it turns out to be damaged. */
    private SegmentIndex.Entry floor(Predicate<SegmentIndex.Entry> holds) {
        try {
            SegmentIndex.Entry found = index().floor(holds);
            if (leadsToABatch(found)) {
                return found;
            }
        } catch (SegmentIndex.DamagedException e) {
            // Made again below.
        }
        rebuildIndex();
        try {
            return index().floor(holds);
        } catch (SegmentIndex.DamagedException e) {
            throw StorageException.corrupt("the index of segment " + baseOffset
                    + " is damaged again when it was just written: " + e.getMessage());
        }
    }

    private boolean leadsToABatch(SegmentIndex.Entry entry) {
        if (entry.position() == 0 || entry.position() == sizeBytes()) {
            return true;
        }
        BatchScanner scanner = scanner(entry.position(), sizeBytes(), RecordBatch.HEADER_BYTES);
        return scanner.next() && scanner.header().baseOffset() == entry.offset();
    }

    // ---- the index

    private SegmentIndex index() {
        if (index == null) {
            try {
                index = SegmentIndex.load(files, baseOffset);
                if (!closed) {
                    dropIndexEnd();
                } else if (!endsAt(index.last(), sizeBytes())) {
                    rebuildIndex();
                }
            } catch (SegmentIndex.DamagedException e) {
                rebuildIndex();
            }
        }
        return Objects.requireNonNull(index);
    }

    private static boolean endsAt(SegmentIndex.@Nullable Entry last, long position) {
        return last != null && last.position() == position;
    }

    /** Brings the index of the last segment to where the segment ends now. */
    private void dropIndexEnd() {
        try {
            SegmentIndex.Entry last = index().last();
            if (last != null && last.position() >= sizeBytes()) {
                index().truncate(sizeBytes());
                last = index().last();
            }
            lastIndexedPosition = last == null ? 0 : last.position();
            if (sizeBytes() - lastIndexedPosition > TOLERATED_INDEX_LAG_BYTES) {
                rebuildIndex();
            }
        } catch (SegmentIndex.DamagedException e) {
            rebuildIndex();
        }
    }

    private SegmentIndex emptyIndex() {
        files.delete(baseOffset, LogFiles.INDEX);
        return SegmentIndex.create(files, baseOffset);
    }

    private void rebuildIndex() {
        if (index != null) {
            index.close();
        }
        SegmentIndex rebuilt = emptyIndex();
        index = rebuilt;
        long indexed = 0;
        long largestMs = -1;
        long endOffset = baseOffset;
        BatchScanner scanner = scanner(0, sizeBytes(), BatchScanner.LONG_WALK_BYTES);
        while (scanner.next()) {
            if (scanner.position() - indexed >= indexIntervalBytes) {
                rebuilt.add(scanner.header().baseOffset(), scanner.position(), largestMs);
                indexed = scanner.position();
            }
            largestMs = Math.max(largestMs, scanner.header().maxTimestampMs());
            endOffset = scanner.header().nextOffset();
        }
        lastIndexedPosition = indexed;
        maxTimestampMs = largestMs;
        if (closed) {
            rebuilt.add(endOffset, sizeBytes(), largestMs);
        }
        rebuilt.flush();
    }

    private void noteBatch(RecordBatch header, long position) {
        SegmentIndex index = index();
        if (position - lastIndexedPosition >= indexIntervalBytes) {
            index.add(header.baseOffset(), position, maxTimestampMs);
            lastIndexedPosition = position;
        }
        if (position == 0) {
            firstTimestampMs = header.maxTimestampMs();
        }
        maxTimestampMs = Math.max(maxTimestampMs, header.maxTimestampMs());
    }

    private void repair(long position, StorageException cause) {
        if (!cause.isDiskFull()) {
            throw new TornException(cause);
        }
        try {
            data().file().truncate(position);
        } catch (StorageException e) {
            cause.addSuppressed(e);
            throw new TornException(cause);
        }
    }

    /** Thrown when a failed append may have left a part of a batch in the file. */
    static final class TornException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final StorageException storage;

        TornException(StorageException cause) {
            super(cause);
            this.storage = cause;
        }

        StorageException storage() {
            return storage;
        }
    }
}
