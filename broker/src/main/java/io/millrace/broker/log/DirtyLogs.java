package io.millrace.broker.log;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * The logs of one lane that have bytes which were not synced yet, in the order in which they got them, and the files that the lane's logs hold open.
 * Owned by the lane.
 */
public final class DirtyLogs {
    private final Map<LogKey, Log> logs = new LinkedHashMap<>();
    private final List<LogSync> closed = new ArrayList<>();
    private final List<LogKey> dropped = new ArrayList<>();
    private final OpenFiles openFiles;
    private long dirtyBytes;
    private int closedFiles;
    private boolean deletable;
    private boolean failed;

    /** With no bound for open files. */
    public DirtyLogs() {
        this(() -> Integer.MAX_VALUE);
    }

    /** @param mostOpenFiles how many files the logs may hold open, at the moment */
    public DirtyLogs(IntSupplier mostOpenFiles) {
        this.openFiles = new OpenFiles(mostOpenFiles);
    }

    /** About how many bytes a checkpoint would sync. */
    public long dirtyBytes() {
        return dirtyBytes;
    }

    /**
     * Whether a checkpoint should come soon, however few bytes it would sync: it would allow files to be deleted; or many files are open, and cannot be
     * closed before they are synced; or a sync has failed, which a checkpoint tells.
     */
    public boolean wantCheckpoint() {
        return deletable || failed || areCrowded();
    }

    private boolean areCrowded() {
        int most = openFiles.most();
        return openFiles.count() >= most - most / 4 && logs.size() >= most / 4;
    }

    /** Begins to make all of it durable, and forgets it: what is appended from now on counts anew. */
    public Collected collect() {
        List<LogSync> syncs = new ArrayList<>(closed);
        for (Log log : List.copyOf(logs.values())) {
            syncs.add(log.beginSync());
        }
        Collected collected = new Collected(syncs, dropped, List.of());
        logs.clear();
        closed.clear();
        dropped.clear();
        dirtyBytes = 0;
        closedFiles = 0;
        deletable = false;
        failed = false;
        return collected;
    }

    void onDirty(Log log) {
        logs.put(log.key(), log);
    }

    void onBytes(int lengthBytes) {
        dirtyBytes += lengthBytes;
    }

    void onDeletable() {
        deletable = true;
    }

    void onSyncFailed() {
        failed = true;
    }

    OpenFiles openFiles() {
        return openFiles;
    }

    /** Whether so many files of closed logs wait for a checkpoint that further ones should not. */
    boolean holdsManyClosed() {
        return closedFiles + openFiles.count() >= openFiles.most();
    }

    void onMoved(LogKey key) {
        logs.remove(key);
    }

    void onClose(Log log) {
        if (logs.remove(log.key()) != null) {
            LogSync sync = log.beginSync();
            closed.add(sync);
            closedFiles += sync.openFiles();
        }
    }

    void onDelete(LogKey key) {
        logs.remove(key);
        dropped.add(key);
    }

    /**
     * What a lane gives to a checkpoint.
     *
     * @param syncs to be run
     * @param dropped logs that were deleted
     * @param unjournaled logs that were deleted, now or earlier, and of which all that was journaled is in frames that were begun
     */
    public record Collected(List<LogSync> syncs, List<LogKey> dropped, List<LogKey> unjournaled) {
        public Collected {
            syncs = List.copyOf(syncs);
            dropped = List.copyOf(dropped);
            unjournaled = List.copyOf(unjournaled);
        }
    }
}
