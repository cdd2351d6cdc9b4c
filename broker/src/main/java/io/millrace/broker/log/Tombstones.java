package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * The partitions that were deleted and that the journal or its checkpoint may still speak of: an empty file each, beside the partitions'
 * directories.
 *
 * <p>A tombstone is on disk before anything of its partition goes, so a start finds a partition either whole or with a tombstone: then it ends
 * the deletion, and replays nothing of it. A topic's id is never given again; but a partition that was moved away may come again. It is not
 * opened before its tombstone is gone, durably: what the journal holds of its earlier life would be taken for the later one's, and the
 * tombstone for the end of that. A tombstone goes when a checkpoint has been kept that knows nothing of the partition, and behind which no
 * frame speaks of it.
 *
 * <p>For any thread.
 */
public final class Tombstones {
    private static final String SUFFIX = ".deleted";

    private final StorageDirectory directory;
    private final RecoveryPoints points;
    private final Set<PartitionStore.Entry> all = new ConcurrentSkipListSet<>();
    /** Those of which nothing is journaled behind now: the next checkpoint makes them needless. Guarded by this. */
    private final List<PartitionStore.Entry> unjournaled = new ArrayList<>();

    /** Ends what an earlier run began. */
    Tombstones(StorageDirectory directory, RecoveryPoints points) {
        this.directory = directory;
        this.points = points;
        for (String name : directory.list()) {
            PartitionStore.Entry which = name.endsWith(SUFFIX)
                    ? PartitionStore.Entry.parse(name.substring(0, name.length() - SUFFIX.length()))
                    : null;
            if (which != null) {
                all.add(which);
                unjournaled.add(which);
                directory.delete(which.directoryName());
                forgetPoints(which);
            }
        }
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    boolean has(PartitionStore.Entry which) {
        return all.contains(which);
    }

    /** Whether a log belongs to a deleted partition. */
    public boolean has(LogKey key) {
        return has(new PartitionStore.Entry(key.topicId(), key.partition()));
    }

    /** Makes it durable that a partition is deleted. */
    void put(PartitionStore.Entry which) {
        directory.replace(which.directoryName() + SUFFIX, ByteBuffer.allocate(0));
        all.add(which);
    }

    /** Deletes a partition that this run has journaled nothing of. */
    void delete(PartitionStore.Entry which) {
        put(which);
        directory.delete(which.directoryName());
        forgetPoints(which);
        synchronized (this) {
            unjournaled.add(which);
        }
    }

    /** What this run has journaled of these logs, which were deleted, is in frames that were begun before now. */
    public synchronized void onUnjournaled(List<LogKey> deleted) {
        for (LogKey key : deleted) {
            if (key.kind() == LogKind.MESSAGE) {
                unjournaled.add(new PartitionStore.Entry(key.topicId(), key.partition()));
            }
        }
    }

    /** Those that are needless when a checkpoint has been kept whose frames begin behind now. */
    public synchronized List<PartitionStore.Entry> takeUnjournaled() {
        List<PartitionStore.Entry> taken = List.copyOf(unjournaled);
        unjournaled.clear();
        return taken;
    }

    /** Removes needless ones. */
    public void remove(List<PartitionStore.Entry> needless) {
        if (needless.isEmpty()) {
            return;
        }
        directory.sync(); // the partitions' directories must not come back without them
        List<PartitionStore.Entry> removed = new ArrayList<>();
        for (PartitionStore.Entry which : needless) {
            if (!directory.exists(which.directoryName())) {
                directory.delete(which.directoryName() + SUFFIX);
                removed.add(which);
            }
        }
        directory.sync(); // nor they when the partition is here again
        removed.forEach(all::remove);
    }

    private void forgetPoints(PartitionStore.Entry which) {
        for (LogKind kind : LogKind.values()) {
            points.remove(new LogKey(which.topicId(), which.partition(), kind));
        }
    }
}
