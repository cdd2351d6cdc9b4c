package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of a log's own fold, a file each, named by the offset up to which it is folded. The newest few are kept: a damaged one costs a
 * longer walk when the log is opened.
 *
 * <p>Files are written by whoever takes a checkpoint, after the lane went on: one that tells of what was cut meanwhile is deleted by whoever
 * comes second, the lane that cuts or the thread that writes, and after a crash by what {@link TruncationMark#refutes}.
 *
 * <p>Owned by the partition's lane.
 */
final class StateFiles {
    private static final int KEPT = 3;

    private final LogFiles files;
    private final List<Long> offsets;
    /** What was given away to be written. */
    private final List<Pending> pending = new ArrayList<>();

    private boolean checked;

    /** @param offsets of the files in the directory, rising */
    StateFiles(LogFiles files, List<Long> offsets) {
        this.files = files;
        this.offsets = new ArrayList<>(offsets);
    }

    /** A snapshot to be written. Made in the lane, written once by whoever may wait for a disk. */
    static final class Pending {
        private final StorageDirectory directory;
        private final long offset;
        private final ByteBuffer content;
        private final List<Long> outdated;
        private volatile boolean dropped;
        private volatile boolean written;

        private Pending(StorageDirectory directory, long offset, ByteBuffer content, List<Long> outdated) {
            this.directory = directory;
            this.offset = offset;
            this.content = content;
            this.outdated = outdated;
        }

        /** A snapshot saves time when the log is opened; the log can do without. */
        void write() {
            String name = LogFiles.name(offset, LogFiles.STATE);
            try {
                LogFiles.writeUnsynced(directory, name, content);
                for (long old : outdated) {
                    directory.delete(LogFiles.name(old, LogFiles.STATE));
                }
                if (dropped) {
                    directory.delete(name);
                }
            } catch (StorageException e) {
                // The older ones serve.
            }
            written = true;
        }
    }

    /** The newest good snapshot up to an offset, or null if there is none. Deletes those that are not good. */
    @Nullable
    LogState newest(long maxOffset, @Nullable TruncationMark mark) {
        dropRefuted(mark);
        for (int at = offsets.size() - 1; at >= 0; at--) {
            long offset = offsets.get(at);
            if (offset <= maxOffset) {
                LogState.Stored stored = read(offset);
                if (stored != null) {
                    return stored.state();
                }
                offsets.remove(at);
                files.delete(offset, LogFiles.STATE);
            }
        }
        return null;
    }

    /** Deletes what was written too late. To be called before a new mark comes, which may not know of all that the old one knew. */
    void dropRefuted(@Nullable TruncationMark mark) {
        if (mark == null || checked) {
            return;
        }
        checked = true;
        for (long offset : List.copyOf(offsets)) {
            if (mark.refutes(offset, Integer.MIN_VALUE)) {
                LogState.Stored stored = read(offset);
                if (stored == null || mark.refutes(offset, stored.truncations())) {
                    offsets.remove(offset);
                    files.delete(offset, LogFiles.STATE);
                }
            }
        }
    }

    /** Deletes those above an offset: the log does not reach so far. */
    void dropAbove(long logEndOffset) {
        for (Pending given : pending) {
            if (given.offset > logEndOffset) {
                given.dropped = true;
                files.delete(given.offset, LogFiles.STATE);
            }
        }
        for (long offset : List.copyOf(offsets)) {
            if (offset > logEndOffset) {
                offsets.remove(offset);
                files.delete(offset, LogFiles.STATE);
            }
        }
    }

    /** A snapshot to be written; null if there is one at that offset. */
    @Nullable
    Pending take(LogState state, int truncations) {
        pending.removeIf(given -> given.written);
        if (offsets.contains(state.offset())) {
            return null;
        }
        offsets.add(state.offset());
        int surplus = Math.max(0, offsets.size() - KEPT);
        List<Long> outdated = List.copyOf(offsets.subList(0, surplus));
        offsets.subList(0, surplus).clear();
        Pending taken = new Pending(files.directory(), state.offset(), state.encode(truncations), outdated);
        pending.add(taken);
        return taken;
    }

    private LogState.@Nullable Stored read(long offset) {
        LogState.Stored stored = LogState.decode(files.directory().readAll(LogFiles.name(offset, LogFiles.STATE)));
        return stored == null || stored.state().offset() != offset ? null : stored;
    }
}
