package io.millrace.broker.log;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What makes one log durable up to where it ended when the lane made this: its unsynced files, held open, and the log's own snapshot.
 * Immutable; made in the lane, run once by whoever may wait for a disk.
 */
public final class LogSync {
    private final LogKey key;
    private final LogPoint point;
    private final List<SharedFile> files;
    private final List<StorageDirectory> newNames;
    private final StateFiles.@Nullable Pending state;
    private final List<Runnable> extras;

    /**
     * @param files to be forced and released
     * @param newNames the directories that have names which were not synced
     * @param state the log's own snapshot, to be written beside the segments
     * @param extras what else is to be made durable
     */
    LogSync(
            LogKey key,
            LogPoint point,
            List<SharedFile> files,
            List<StorageDirectory> newNames,
            StateFiles.@Nullable Pending state,
            List<Runnable> extras) {
        this.key = key;
        this.point = point;
        this.files = List.copyOf(files);
        this.newNames = List.copyOf(newNames);
        this.state = state;
        this.extras = List.copyOf(extras);
    }

    public LogKey key() {
        return key;
    }

    /** How many files it holds open. */
    int openFiles() {
        return files.size();
    }

    /** What holds when {@link #run} has returned. */
    public LogPoint point() {
        return point;
    }

    /** Forces the files. Throws {@link StorageException}; then the point is not reached, and no second try will tell the truth. */
    public void run() {
        try {
            for (SharedFile file : files) {
                file.force();
            }
            extras.forEach(Runnable::run);
            newNames.forEach(StorageDirectory::sync);
            if (state != null) {
                state.write();
            }
        } finally {
            files.forEach(SharedFile::release);
        }
    }

    /** Gives the files back without forcing them. Called instead of {@link #run}. */
    public void abandon() {
        files.forEach(SharedFile::release);
    }
}
