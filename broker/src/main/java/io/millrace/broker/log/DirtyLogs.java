package io.millrace.broker.log;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The logs of one lane that have bytes which were not synced yet, in the order in which they got them. Owned by the lane. */
public final class DirtyLogs {
    private final Map<LogKey, Log> logs = new LinkedHashMap<>();
    private final List<LogSync> closed = new ArrayList<>();
    private final List<LogKey> dropped = new ArrayList<>();
    private long dirtyBytes;
    private boolean deletable;

    /** About how many bytes a checkpoint would sync. */
    public long dirtyBytes() {
        return dirtyBytes;
    }

    /** Whether a checkpoint would allow files to be deleted. */
    public boolean hasDeletable() {
        return deletable;
    }

    /** Begins to make all of it durable, and forgets it: what is appended from now on counts anew. */
    public Collected collect() {
        List<LogSync> syncs = new ArrayList<>(closed);
        for (Log log : logs.values()) {
            syncs.add(log.beginSync());
        }
        Collected collected = new Collected(syncs, dropped, List.of());
        logs.clear();
        closed.clear();
        dropped.clear();
        dirtyBytes = 0;
        deletable = false;
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

    void onMoved(LogKey key) {
        logs.remove(key);
    }

    void onClose(Log log) {
        if (logs.remove(log.key()) != null) {
            closed.add(log.beginSync());
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
