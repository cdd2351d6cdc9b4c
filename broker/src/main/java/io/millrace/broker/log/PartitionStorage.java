package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one partition's replica: its message log, its delivery log, and snapshots of what was folded from them. The files of
 * the message log have Kafka's names. Owned by the partition's lane.
 */
public final class PartitionStorage implements AutoCloseable {
    private static final String DELIVERIES = "deliveries";

    private final UUID topicId;
    private final int partition;
    private final Log messages;
    private final Log deliveries;
    private final SnapshotFiles snapshots;
    private final Tombstones tombstones;
    private final Runnable deleteDirectory;

    private PartitionStorage(
            PartitionStore.Entry which,
            Log messages,
            Log deliveries,
            SnapshotFiles snapshots,
            Tombstones tombstones,
            Runnable deleteDirectory) {
        this.topicId = which.topicId();
        this.partition = which.partition();
        this.tombstones = tombstones;
        this.messages = messages;
        this.deliveries = deliveries;
        this.snapshots = snapshots;
        this.deleteDirectory = deleteDirectory;
    }

    /**
     * Opens a partition.
     *
     * @param parent holds the partition's directory, which is made if there is none
     */
    static PartitionStorage open(
            StorageDirectory parent,
            PartitionStore.Entry which,
            LogConfig messageConfig,
            LogConfig deliveryConfig,
            RecoveryPoints points,
            DirtyLogs dirtyLogs,
            Tombstones tombstones) {
        StorageDirectory directory = parent.directory(which.directoryName());
        List<String> names = directory.list();
        LogKey messageKey = new LogKey(which.topicId(), which.partition(), LogKind.MESSAGE);
        LogKey deliveryKey = new LogKey(which.topicId(), which.partition(), LogKind.DELIVERY);
        LogFiles deliveryFiles = new LogFiles(() -> directory.directory(DELIVERIES), List.of(directory, parent));
        List<String> deliveryNames =
                names.contains(DELIVERIES) ? deliveryFiles.directory().list() : List.of();
        return new PartitionStorage(
                which,
                Log.open(
                        messageKey,
                        new LogFiles(() -> directory, List.of(parent)),
                        names,
                        messageConfig,
                        points,
                        dirtyLogs),
                Log.open(deliveryKey, deliveryFiles, deliveryNames, deliveryConfig, points, dirtyLogs),
                new SnapshotFiles(directory, names),
                tombstones,
                () -> parent.delete(which.directoryName()));
    }

    public UUID topicId() {
        return topicId;
    }

    public int partition() {
        return partition;
    }

    public Log messages() {
        return messages;
    }

    /** The delivery log. Has no files before its first append. */
    public Log deliveries() {
        return deliveries;
    }

    public Log log(LogKind kind) {
        return switch (kind) {
            case MESSAGE -> messages;
            case DELIVERY -> deliveries;
        };
    }

    /**
     * Writes a snapshot of a fold, to be synced with the next checkpoint, and deletes older ones of that name: the newest two stay, and the
     * newest one that was synced. A damaged one is passed over when it is read: see {@link #syncedSnapshotOffset} before anything is
     * deleted that only a snapshot tells.
     *
     * @param name letters and digits
     */
    public void writeSnapshot(String name, long offset, ByteBuffer content) {
        deliveries.addToNextSync(snapshots.write(name, offset, content));
    }

    /** Deletes, durably, the snapshots of that name that tell of more than the log holds: it lost its end, and goes on with something else. */
    public void deleteSnapshotsAbove(String name, long offset) {
        snapshots.deleteAbove(name, offset);
    }

    /** The undamaged snapshot of that name with the largest offset up to {@code maxOffset}, or null. */
    public @Nullable Snapshot latestSnapshot(String name, long maxOffset) {
        return snapshots.latest(name, maxOffset);
    }

    /** The largest offset of a snapshot of that name that was synced since the partition was opened, or -1. */
    public long syncedSnapshotOffset(String name) {
        return snapshots.syncedOffset(name);
    }

    /** Closes the files. What is not synced yet stays with the lane's dirty logs. */
    @Override
    public void close() {
        messages.close();
        deliveries.close();
    }

    /** Closes and deletes the partition. Nothing of it comes back, whenever the broker dies. */
    public void delete() {
        tombstones.put(new PartitionStore.Entry(topicId, partition));
        abandon();
        deleteDirectory.run();
    }

    /** Closes the files, as they are about to be deleted. */
    void abandon() {
        messages.abandon();
        deliveries.abandon();
    }

    /** Moves the partition to another lane. */
    void moveTo(DirtyLogs dirtyLogs) {
        messages.moveTo(dirtyLogs);
        deliveries.moveTo(dirtyLogs);
    }
}
