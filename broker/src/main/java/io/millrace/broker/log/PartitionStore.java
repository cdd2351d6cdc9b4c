package io.millrace.broker.log;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The directories of all partitions that a broker has on one disk. What recovery has opened stays open here until it is asked for: opened
 * again by what the last checkpoint says, it would be taken for torn where it was just recovered. For any thread; one partition is opened,
 * closed and deleted by one thread at a time.
 */
public final class PartitionStore {
    private final StorageDirectory directory;
    private final RecoveryPoints points;
    private final Tombstones tombstones;
    /** Guarded by this. */
    private final NavigableMap<Entry, PartitionStorage> recovered = new TreeMap<>();
    /** Of the recovered ones. Guarded by this. */
    private final DirtyLogs dirt;

    /** As the other one, with no bound for open files. */
    public PartitionStore(StorageDirectory directory, RecoveryPoints points) {
        this(directory, points, Integer.MAX_VALUE);
    }

    /**
     * Ends deletions that an earlier run did not end.
     *
     * @param directory holds one directory a partition
     * @param mostOpenFiles how many files the recovered partitions may hold open
     */
    public PartitionStore(StorageDirectory directory, RecoveryPoints points, int mostOpenFiles) {
        this.directory = directory;
        this.dirt = new DirtyLogs(() -> mostOpenFiles);
        this.points = points;
        this.tombstones = new Tombstones(directory, points);
    }

    /** Names a partition. */
    public record Entry(UUID topicId, int partition) implements Comparable<Entry> {
        private static final int UUID_LENGTH = 36;

        @Override
        public int compareTo(Entry other) {
            int byTopic = topicId.compareTo(other.topicId);
            return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
        }

        String directoryName() {
            return topicId + "-" + partition;
        }

        static @Nullable Entry parse(String directoryName) {
            if (directoryName.length() < UUID_LENGTH + 2 || directoryName.charAt(UUID_LENGTH) != '-') {
                return null;
            }
            try {
                return new Entry(
                        UUID.fromString(directoryName.substring(0, UUID_LENGTH)),
                        Integer.parseInt(directoryName.substring(UUID_LENGTH + 1)));
            } catch (IllegalArgumentException e) {
                return null;
            }
        }
    }

    /** The partitions that have a directory. */
    public List<Entry> list() {
        List<Entry> entries = new ArrayList<>();
        for (String name : directory.list()) {
            Entry entry = Entry.parse(name);
            if (entry != null) {
                entries.add(entry);
            }
        }
        return entries;
    }

    /**
     * Opens a partition, creating what is not there; reads only what lies behind the last checkpoint. To be opened once at a time. From
     * then on it belongs to the lane whose dirty logs are given.
     */
    public PartitionStorage open(
            UUID topicId, int partition, LogConfig messages, LogConfig deliveries, DirtyLogs dirtyLogs) {
        Entry which = new Entry(topicId, partition);
        if (tombstones.has(which)) {
            throw new IllegalStateException("opening " + which.directoryName() + " before its tombstone is gone");
        }
        PartitionStorage storage = takeRecovered(which, dirtyLogs);
        if (storage == null) {
            storage = PartitionStorage.open(directory, which, messages, deliveries, points, dirtyLogs, tombstones);
            settle(storage.messages());
            settle(storage.deliveries());
        } else {
            storage.messages().configure(messages);
            storage.deliveries().configure(deliveries);
        }
        return storage;
    }

    private synchronized @Nullable PartitionStorage takeRecovered(Entry which, DirtyLogs dirtyLogs) {
        PartitionStorage storage = recovered.remove(which);
        if (storage != null) {
            storage.moveTo(dirtyLogs);
        }
        return storage;
    }

    /**
     * Syncs what a log holds behind its recovery point and the journal does not know of: a batch that was written but not journaled when
     * the broker died. It may be shown and acknowledged from now on.
     */
    private void settle(Log log) {
        if (log.isDirty() && log.config().journaled()) {
            log.forceNow();
        }
    }

    /** Whether a partition was deleted, and the journal may still speak of it: that is needless, and it can not be opened again yet. */
    public boolean isDeleted(UUID topicId, int partition) {
        return tombstones.has(new Entry(topicId, partition));
    }

    /** Opens a partition for recovery, which may append to it before anybody else sees it. */
    public synchronized PartitionStorage openForRecovery(UUID topicId, int partition) {
        return recovered.computeIfAbsent(
                new Entry(topicId, partition),
                which -> PartitionStorage.open(
                        directory, which, LogConfig.defaults(), LogConfig.defaults(), points, dirt, tombstones));
    }

    /** The partitions that recovery opened. */
    public synchronized List<PartitionStorage> recovered() {
        return List.copyOf(recovered.values());
    }

    /** Recovery is done: closes the files of what it opened and has synced until they are needed. */
    public synchronized void releaseRecoveredFiles() {
        for (PartitionStorage storage : recovered.values()) {
            storage.messages().releaseFiles();
            storage.deliveries().releaseFiles();
        }
    }

    /** What a checkpoint has to sync of what recovery opened and nobody has asked for yet. */
    public synchronized DirtyLogs.Collected collectRecovered() {
        DirtyLogs.Collected collected = dirt.collect();
        releaseRecoveredFiles();
        return collected;
    }

    /** Deletes a partition that is not open; does nothing if there is none. Nothing of it comes back, whenever the broker dies. */
    public void delete(UUID topicId, int partition) {
        Entry which = new Entry(topicId, partition);
        PartitionStorage storage = takeRecovered(which, new DirtyLogs());
        if (storage != null) {
            storage.abandon();
        }
        if (storage != null || directory.exists(which.directoryName())) {
            tombstones.delete(which);
        }
    }

    /** What a checkpoint knows of deleted partitions. */
    public Tombstones tombstones() {
        return tombstones;
    }
}
