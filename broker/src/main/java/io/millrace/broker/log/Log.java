package io.millrace.broker.log;

import io.millrace.protocol.record.RecordBatch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One log of a partition: segments of record batches, in the order of their offsets.
 *
 * <p>What is appended goes to the page cache at once and to the disk at the next checkpoint; until then the journal has it. A failed
 * append leaves the log as it was, or, where that can not be had, refusing everything with {@link StorageException.Kind#FAILED}.
 *
 * <p>Invariants:
 * <ul>
 *   <li>Offsets never go back, but by {@link #truncateTo}; between batches there may be gaps.
 *   <li>Segments follow each other: one ends at or below where the next begins. Only the last one is appended to.
 *   <li>A log that was ever appended to has a last segment, which may be empty, and whose base offset tells where an empty log goes on.
 *   <li>{@link #producers} and {@link #leaderEpochs} have folded exactly the batches below the log end offset.
 * </ul>
 *
 * <p>Owned by the partition's lane, but for the slices it gave away.
 */
public final class Log {
    /** The time of what a recovery appends again. */
    public static final long APPENDED_BEFORE = ProducerState.SEEN_BEFORE;

    private final LogKey key;
    private final LogFiles files;
    private final RecoveryPoints points;
    private DirtyLogs dirtyLogs;
    private final Segments segments;
    private final RecentBatches recent = new RecentBatches();
    private final LogReader reader;
    private final StateFiles stateFiles;
    private final List<Runnable> extraSyncs = new ArrayList<>();
    private LogConfig config;
    private @Nullable LogState state;
    private long startOffset;
    private int truncations;
    private @Nullable TruncationMark mark;
    /** See {@link #firstGap}. */
    private long gapOffset = -1;

    private boolean dirty;
    private boolean newNames;
    private @Nullable StorageException failure;

    private Log(
            LogKey key,
            LogFiles files,
            LogConfig config,
            DirtyLogs dirtyLogs,
            RecoveryPoints points,
            LogLoader loaded,
            Found found) {
        this.key = key;
        this.files = files;
        this.config = config;
        this.dirtyLogs = dirtyLogs;
        this.segments = loaded.segments();
        this.startOffset = loaded.startOffset();
        this.points = points;
        this.stateFiles = new StateFiles(files, found.snapshots());
        this.truncations = found.truncations();
        this.mark = found.mark();
        this.gapOffset = found.gapOffset();
        this.reader = new LogReader(segments, recent);
        files.usedBy(new LogFiles.User(this::isDirty, this::giveUpFiles));
    }

    /** What the directory holds beside segments. */
    private record Found(
            List<Long> snapshots, int truncations, @Nullable TruncationMark mark, long gapOffset) {}

    /**
     * Opens a log.
     *
     * @param names what its directory holds; nothing if there is no directory yet
     */
    static Log open(
            LogKey key,
            LogFiles files,
            List<String> names,
            LogConfig config,
            RecoveryPoints points,
            DirtyLogs dirtyLogs) {
        files.moveTo(dirtyLogs.openFiles());
        LogPoint checkpointed = points.get(key);
        TruncationMark mark = names.contains(LogFiles.TRUNCATION) ? TruncationMark.read(files) : null;
        LogPoint point = mark == null ? checkpointed : mark.correct(checkpointed);
        int truncations =
                Math.max(mark == null ? 0 : mark.point().truncations(), point == null ? 0 : point.truncations());
        LogLoader loader = new LogLoader(key, files, config);
        loader.load(names, point);
        Found found = new Found(
                LogFiles.offsets(names, LogFiles.STATE), truncations, mark, point == null ? -1 : point.gapOffset());
        Log log = new Log(key, files, config, dirtyLogs, points, loader, found);
        log.stateFiles.dropAbove(log.logEndOffset());
        if (loader.dirty()) {
            log.newNames = true;
            log.markDirty(0);
        }
        return log;
    }

    public LogKey key() {
        return key;
    }

    public LogConfig config() {
        return config;
    }

    /** Takes new settings; a segment that is too large or too old by them ends at the next append. */
    public void configure(LogConfig config) {
        this.config = config;
        if (!segments.isEmpty()) {
            segments.last().indexIntervalBytes(config.indexIntervalBytes());
        }
    }

    /** The first offset kept. */
    public long logStartOffset() {
        return startOffset;
    }

    /** The offset of the next append. */
    public long logEndOffset() {
        return segments.endOffset();
    }

    /** The bytes of all segments' batches, but for those that are to be deleted. */
    public long sizeBytes() {
        return segments.sizeBytesFrom(startOffset);
    }

    /** What idempotent producers have appended, up to the log end offset. */
    public ProducerStates producers() {
        return state().producers();
    }

    public LeaderEpochs leaderEpochs() {
        return state().epochs();
    }

    /** Forgets producers that were silent for {@link LogConfig#producerIdExpirationMs()}; call it now and then. */
    public void expireProducers(long nowMs) {
        producers().expire(nowMs, config.producerIdExpirationMs());
    }

    /** Whether an earlier failure left the log in a state that nobody knows. */
    public boolean isFailed() {
        return failure != null;
    }

    // ---- appending

    /**
     * Appends one validated batch: gives it the next offsets and the epoch in place, writes it to the page cache, and folds it. Rolls the
     * segment first when it is full or old.
     *
     * @param nowMs the time; {@link #APPENDED_BEFORE} if it was appended before, by an earlier run
     */
    public AppendedBatch append(RecordBatch batch, int leaderEpoch, long nowMs) {
        ensureUsable();
        files.use();
        LogState folded = state();
        long baseOffset = segments.endOffset();
        batch.assign(baseOffset, leaderEpoch);
        Segment segment = segmentFor(batch);
        long position = segment.sizeBytes();
        markDirty(batch.sizeBytes());
        try {
            segment.append(batch);
        } catch (Segment.TornException e) {
            throw fail(e.storage());
        }
        recent.add(baseOffset, position);
        segments.endOffset(batch.nextOffset());
        folded.apply(batch, nowMs);
        return new AppendedBatch(baseOffset, batch.nextOffset(), batch.sizeBytes());
    }

    /** Ends the segment; the next append begins a new one. */
    public void roll() {
        ensureUsable();
        if (!segments.isEmpty() && !segments.last().isEmpty()) {
            addSegment(segments.endOffset());
        }
    }

    /** Moves the log end offset forward, leaving a gap; does nothing if it is there already. */
    public void advanceTo(long offset) {
        ensureUsable();
        if (offset <= segments.endOffset()) {
            return;
        }
        LogState folded = state();
        boolean wasEmpty = startOffset == segments.endOffset();
        addSegment(offset);
        segments.endOffset(offset);
        if (wasEmpty) {
            startOffset = offset;
        }
        folded.advanceTo(offset);
    }

    /**
     * Moves the log end offset forward over what a recovery has lost, as {@link #advanceTo}; where the gap begins is remembered until the log is cut
     * there, or {@link #keepGaps} says that it is to stay.
     */
    public void jumpTo(long offset) {
        long before = segments.endOffset();
        advanceTo(offset);
        if (offset > before && gapOffset < 0) {
            gapOffset = before;
        }
    }

    /** Where the first gap begins that a recovery has left; -1 if there is none. Somebody else may have what is missing there. */
    public long firstGap() {
        return gapOffset;
    }

    /** What is missing is missing for good: this replica tells what the log holds. */
    public void keepGaps() {
        if (gapOffset >= 0) {
            gapOffset = -1;
            markDirty(0);
        }
    }

    private Segment segmentFor(RecordBatch batch) {
        if (segments.isEmpty()) {
            return addSegment(segments.endOffset());
        }
        Segment last = segments.last();
        if (last.isEmpty()) {
            return last;
        }
        boolean full = last.sizeBytes() + batch.sizeBytes() > config.segmentBytes();
        boolean offsetsTooFar = batch.lastOffset() - last.baseOffset() > Integer.MAX_VALUE;
        boolean old =
                last.firstTimestampMs() >= 0 && batch.maxTimestampMs() - last.firstTimestampMs() >= config.segmentMs();
        return full || offsetsTooFar || old ? addSegment(segments.endOffset()) : last;
    }

    private Segment addSegment(long baseOffset) {
        Segment added = Segment.create(files, baseOffset, config.indexIntervalBytes());
        if (!segments.isEmpty()) {
            // Also if it is empty: a checkpoint may name it.
            segments.last().close(segments.endOffset());
        }
        segments.add(added);
        recent.clear();
        newNames = true;
        markDirty(0);
        return added;
    }

    // ---- reading

    /**
     * Whole batches from the one that holds {@code offset} on, all below {@code beforeOffset}, of one segment, up to {@code maxBytes};
     * the first batch also when it is larger. The first batch may begin below {@code offset}. Null if there is none. To be released.
     *
     * @throws IllegalArgumentException if {@code offset} lies below the log start offset or above the log end offset
     */
    public @Nullable LogSlice read(long offset, int maxBytes, long beforeOffset) {
        if (offset < startOffset || offset > segments.endOffset()) {
            throw new IllegalArgumentException("reading at " + offset + " of log " + key + ", which holds "
                    + startOffset + " to " + segments.endOffset());
        }
        files.use();
        long limit = Math.min(beforeOffset, segments.endOffset());
        return offset >= limit ? null : reader.read(offset, maxBytes, limit);
    }

    /**
     * The first batch with a timestamp of that time or later, of those that end above {@code fromOffset} and the log start offset, and at or below
     * {@code beforeOffset}; null if there is none. It may begin below the offset.
     */
    public @Nullable TimestampOffset firstAtOrAfter(long timestampMs, long fromOffset, long beforeOffset) {
        return reader.firstAtOrAfter(timestampMs, Math.max(fromOffset, startOffset), beforeOffset);
    }

    /** The first batch that has the largest timestamp of those that {@link #firstAtOrAfter} looks at; null if none has one. */
    public @Nullable TimestampOffset largestTimestamp(long fromOffset, long beforeOffset) {
        return reader.largestTimestamp(Math.max(fromOffset, startOffset), beforeOffset);
    }

    // ---- cutting

    /**
     * Cuts the log so that {@code offset} becomes the log end offset, or what lies just below it if it is inside a batch. Not for what is
     * committed. The caller journals it before what is appended next.
     */
    public void truncateTo(long offset) {
        ensureUsable();
        try {
            if (offset >= segments.endOffset()) {
                stateFiles.dropAbove(segments.endOffset());
                return;
            }
            cut(offset);
        } catch (StorageException e) {
            throw fail(e);
        }
    }

    /**
     * The mark comes first: what a checkpoint promises beyond it does not count from then on, whatever of the rest is done when the broker dies. What
     * is still there then is taken for what follows the mark.
     */
    private void cut(long offset) {
        stateFiles.dropRefuted(mark);
        recent.clear();
        reader.forget();
        truncations++;
        Segment kept = segments.lastBelow(offset);
        if (kept.baseOffset() > offset) {
            kept = Segment.create(files, offset, config.indexIntervalBytes());
            newNames = true;
        }
        Segment.Place end = kept.endAt(offset);
        markCut(kept, end);
        while (!segments.isEmpty() && segments.last().baseOffset() > kept.baseOffset()) {
            delete(segments.removeLast());
        }
        if (segments.isEmpty()) {
            segments.add(kept);
        }
        kept.truncate(end);
        segments.endOffset(end.baseOffset());
        startOffset = Math.min(startOffset, end.baseOffset());
        gapOffset = gapOffset >= end.baseOffset() ? -1 : gapOffset;
        stateFiles.dropAbove(end.baseOffset());
        state = null;
        markDirty(0);
    }

    private void markCut(Segment kept, Segment.Place end) {
        LogPoint point = new LogPoint(
                Math.min(startOffset, end.baseOffset()),
                end.baseOffset(),
                kept.baseOffset(),
                end.position(),
                kept.maxTimestampBelow(end.baseOffset()),
                truncations,
                gapOffset >= end.baseOffset() ? -1 : gapOffset);
        TruncationMark marked = mark == null ? new TruncationMark(point) : mark.followedBy(point, points.get(key));
        marked.write(files);
        mark = marked;
    }

    /**
     * Raises the log start offset. The segments wholly below it are deleted once a checkpoint has kept it. The caller sees to it that nothing there
     * is needed.
     */
    public void deleteBefore(long offset) {
        ensureUsable();
        long newStart = Math.min(offset, segments.endOffset());
        if (newStart == segments.endOffset() && newStart > startOffset && !rolled()) {
            newStart = segments.last().baseOffset();
        }
        if (newStart > startOffset) {
            startOffset = newStart;
            gapOffset = gapOffset < newStart ? -1 : gapOffset;
            state().epochs().startAt(newStart);
            markDirty(0);
            dirtyLogs.onDeletable();
        }
        deleteOutdated();
    }

    /** Ends the segment; false if the disk has no room for another one. */
    private boolean rolled() {
        try {
            roll();
            return true;
        } catch (StorageException e) {
            if (!e.isDiskFull()) {
                throw e;
            }
            return false;
        }
    }

    /**
     * Deletes segments that no recovery needs: that a log begins where the last checkpoint says shows that no segment of it was lost. To be
     * called now and then, as that checkpoint comes later than what it allows.
     */
    public void deleteOutdated() {
        LogPoint kept = checkpointed();
        while (kept != null && segments.count() > 1 && segments.endOffset(0) <= kept.startOffset()) {
            delete(segments.removeFirst());
        }
    }

    private void delete(Segment segment) {
        reader.forget(segment);
        newNames = true;
        segment.delete();
    }

    /**
     * Up to which offset whole segments are past {@code retentionMs} or {@code retentionBytes}, and could be deleted; the log start
     * offset if none.
     */
    public long retentionOffset(long nowMs) {
        long surplusBytes = config.retentionBytes() < 0 ? -1 : sizeBytes() - config.retentionBytes();
        long droppable = startOffset;
        for (int at = segments.indexOf(startOffset);
                at < segments.count() && !segments.get(at).isEmpty();
                at++) {
            Segment segment = segments.get(at);
            surplusBytes -= segment.sizeBytes();
            boolean last = segments.isLast(segment);
            boolean tooMuch = config.retentionBytes() >= 0 && surplusBytes >= 0 && !last;
            boolean tooOld = config.retentionMs() >= 0 && nowMs - segment.dateMs(nowMs) > config.retentionMs();
            if (!tooMuch && !tooOld) {
                segments.dateUnstamped(at, nowMs);
                break;
            }
            droppable = segments.endOffset(at);
        }
        return Math.max(droppable, startOffset);
    }

    // ---- syncing and closing

    /** The offset up to which the last checkpoint knows the log to be on disk. */
    public long recoveryPoint() {
        LogPoint point = checkpointed();
        return point == null ? 0 : Math.min(point.endOffset(), segments.endOffset());
    }

    /** What the last checkpoint says, as far as it still holds. */
    private @Nullable LogPoint checkpointed() {
        LogPoint point = points.get(key);
        return mark == null ? point : mark.correct(point);
    }

    /** How many bytes of batches lie behind the start of the one that holds an offset. */
    public long bytesFrom(long offset) {
        return segments.bytesFrom(offset);
    }

    /** Makes durable what the log holds, in the caller's thread. The next checkpoint learns of it. */
    public void forceNow() {
        force();
        files.takeUnsyncedDirectories().forEach(StorageDirectory::sync);
        newNames = false;
    }

    /** A sync that has failed fails the next checkpoint, too: it would take for synced what nobody else can tell of any more. */
    private void force() {
        try {
            segments.force();
        } catch (StorageException e) {
            addToNextSync(() -> {
                throw e;
            });
            dirtyLogs.onSyncFailed();
            throw fail(e);
        }
    }

    /** Asks for something to be made durable with the next sync of this log. */
    void addToNextSync(Runnable extra) {
        extraSyncs.add(extra);
        newNames = true;
        markDirty(0);
    }

    /** Begins to make all that was appended durable. What is appended from now on counts anew. */
    LogSync beginSync() {
        deleteOutdated();
        dirty = false;
        LogSync sync = new LogSync(
                key,
                point(),
                segments.takeUnsynced(),
                newNames ? files.takeUnsyncedDirectories() : List.of(),
                takeSnapshot(),
                extraSyncs);
        newNames = false;
        extraSyncs.clear();
        reader.restOthers();
        return sync;
    }

    private LogPoint point() {
        if (segments.isEmpty()) {
            return new LogPoint(startOffset, segments.endOffset(), segments.endOffset(), 0, -1, truncations, gapOffset);
        }
        Segment last = segments.last();
        return new LogPoint(
                startOffset,
                segments.endOffset(),
                last.baseOffset(),
                last.sizeBytes(),
                last.maxTimestampMs(),
                truncations,
                gapOffset);
    }

    private StateFiles.@Nullable Pending takeSnapshot() {
        return state == null || segments.isEmpty() ? null : stateFiles.take(state, truncations);
    }

    /** Moves the log to another lane. */
    void moveTo(DirtyLogs others) {
        if (dirty) {
            dirtyLogs.onMoved(key);
            others.onDirty(this);
        }
        files.moveTo(others.openFiles());
        dirtyLogs = others;
    }

    /** Closes the files that are synced until they are needed again: for a log that nobody uses now. */
    public void releaseFiles() {
        segments.rest();
    }

    /** Closes the files that are synced if nobody appended or read since the last call: a process may have only so many open. */
    public void releaseIdleFiles() {
        if (files.takeIdle()) {
            releaseFiles();
        }
    }

    private void giveUpFiles() {
        try {
            force();
        } catch (StorageException e) {
            return; // the next checkpoint tells
        }
        segments.release();
    }

    /** Closes the files. What is not synced stays with the lane's dirty logs. */
    void close() {
        if (dirty) {
            if (dirtyLogs.holdsManyClosed()) {
                giveUpFiles();
            }
            dirtyLogs.onClose(this);
        }
        segments.release();
    }

    /** Closes the files, as they are about to be deleted. */
    void abandon() {
        dirtyLogs.onDelete(key);
        segments.release();
    }

    private LogState state() {
        if (state == null) {
            state = LogLoader.loadState(stateFiles.newest(segments.endOffset(), mark), segments, startOffset);
        }
        return state;
    }

    /** Whether there is something that the next sync makes durable. */
    boolean isDirty() {
        return dirty;
    }

    private void markDirty(int lengthBytes) {
        if (!dirty) {
            dirty = true;
            dirtyLogs.onDirty(this);
        }
        dirtyLogs.onBytes(lengthBytes);
    }

    private void ensureUsable() {
        if (failure != null) {
            throw new StorageException(
                    StorageException.Kind.FAILED,
                    "log " + key + " is not used any more: " + failure.getMessage(),
                    failure);
        }
    }

    private StorageException fail(StorageException cause) {
        failure = cause;
        return cause;
    }
}
