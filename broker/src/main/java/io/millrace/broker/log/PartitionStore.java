package io.millrace.broker.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The directories of all partitions that a broker has on one disk. What recovery has opened stays open here until it is asked for, or
 * until a checkpoint closes it. For any thread; one partition is opened, closed and deleted by one thread at a time.
 */
public final class PartitionStore {
    private final StorageDirectory directory;
    private final RecoveryPoints points;
    private final Map<Entry, PartitionStorage> recovered = new ConcurrentSkipListMap<>();

    /** @param directory holds one directory a partition */
    public PartitionStore(StorageDirectory directory, RecoveryPoints points) {
        this.directory = directory;
        this.points = points;
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
        PartitionStorage storage = recovered.remove(which);
        if (storage == null) {
            storage = PartitionStorage.open(directory, which, messages, deliveries, points, dirtyLogs);
            settle(storage.messages());
            settle(storage.deliveries());
        } else {
            storage.moveTo(dirtyLogs);
            storage.messages().configure(messages);
            storage.deliveries().configure(deliveries);
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

    /** Opens a partition for recovery, which may append to it before anybody else sees it. */
    public PartitionStorage openForRecovery(UUID topicId, int partition) {
        return recovered.computeIfAbsent(
                new Entry(topicId, partition),
                which -> PartitionStorage.open(
                        directory, which, LogConfig.defaults(), LogConfig.defaults(), points, new DirtyLogs()));
    }

    /** The partitions that recovery opened. */
    public List<PartitionStorage> recovered() {
        return List.copyOf(recovered.values());
    }

    /** Recovery is done: closes the files of what it opened until they are needed. */
    public void releaseRecoveredFiles() {
        for (PartitionStorage storage : recovered.values()) {
            storage.messages().releaseFiles();
            storage.deliveries().releaseFiles();
        }
    }

    /** Closes what recovery opened and nobody asked for since, for the first checkpoint to sync. */
    public DirtyLogs.Collected closeRecovered() {
        DirtyLogs dirt = new DirtyLogs();
        for (Entry which : List.copyOf(recovered.keySet())) {
            PartitionStorage storage = recovered.remove(which);
            if (storage != null) {
                storage.moveTo(dirt);
                storage.close();
            }
        }
        return dirt.collect();
    }

    /** Deletes a partition that is not open; does nothing if there is none. */
    public void delete(UUID topicId, int partition) {
        Entry which = new Entry(topicId, partition);
        PartitionStorage storage = recovered.remove(which);
        if (storage != null) {
            storage.delete();
        } else {
            directory.delete(which.directoryName());
        }
        for (LogKind kind : LogKind.values()) {
            points.remove(new LogKey(topicId, partition, kind));
        }
    }
}
