package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Many partitions on one lane, which may hold a few files open. */
final class OpenFilesTest {
    /** How often the disk is forced for the mark of a truncation: its file; names do not count. */
    private static final int FORCES_OF_A_MARK = 1;

    private static final UUID TOPIC = new UUID(1, 2);
    private static final int MOST = 16;
    private static final int PARTITIONS = 100;
    /** A log that opens a file may have another open, and the sync of one under way holds it too. */
    private static final int SLACK = 2;

    private final MemoryDisk disk = new MemoryDisk();
    private final RecoveryPoints points = new RecoveryPoints();
    private DirtyLogs dirtyLogs = new DirtyLogs(() -> MOST);
    private PartitionStore store = new PartitionStore(disk.root(), points, 2 * MOST);
    private final List<PartitionStorage> partitions = new ArrayList<>();

    @Test
    void areBoundedHoweverManyLogsAreAppendedTo() {
        openAll();
        for (int round = 0; round < 3; round++) {
            for (PartitionStorage partition : partitions) {
                append(partition.messages());
                append(partition.deliveries());
                assertThat(disk.openFiles()).isLessThanOrEqualTo(MOST + SLACK);
            }
        }
        assertAllReadable(3);
    }

    @Test
    void areBoundedHoweverManyLogsAreRead() {
        // Given
        openAll();
        partitions.forEach(partition -> append(partition.messages()));
        checkpoint();
        long forces = disk.forces();
        // When
        assertAllReadable(1);
        // Then
        assertThat(disk.openFiles()).isLessThanOrEqualTo(MOST);
        assertThat(disk.forces()).as("nothing was unsynced").isEqualTo(forces);
    }

    @Test
    void areSyncedBeforeTheyAreClosed() {
        // Given
        openAll();
        partitions.forEach(partition -> append(partition.messages()));
        disk.root().sync();
        // When power is lost before any checkpoint
        List<Long> unsynced = partitions.stream()
                .filter(partition -> !isOnDisk(partition))
                .map(partition -> (long) partition.partition())
                .toList();
        // Then only what is open still is not on disk
        assertThat(unsynced).hasSizeBetween(1, MOST);
        assertThat(disk.openFiles()).isGreaterThanOrEqualTo(unsynced.size());
    }

    @Test
    void areTakenFromWhoIsSyncedFirst() {
        // Given
        openAll();
        partitions.subList(0, MOST).forEach(partition -> append(partition.messages()));
        checkpoint();
        append(partitions.get(3).messages());
        long forces = disk.forces();
        // When
        partitions.subList(MOST, 2 * MOST - 1).forEach(partition -> append(partition.messages()));
        // Then
        assertThat(disk.forces()).as("there were 15 others").isEqualTo(forces);
        assertThat(disk.openFiles()).isLessThanOrEqualTo(MOST);
    }

    @Test
    void failTheNextCheckpointWhenTheyCouldNotBeSynced() {
        // Given
        openAll();
        partitions.subList(0, MOST).forEach(partition -> append(partition.messages()));
        disk.failForce(StorageException.Kind.IO);
        // When another needs a file, which it gets
        append(partitions.get(MOST).messages());
        disk.failForce(null);
        // Then
        assertThat(partitions.stream().filter(each -> each.messages().isFailed()))
                .hasSize(1);
        assertThat(dirtyLogs.wantCheckpoint()).isTrue();
        assertThatThrownBy(this::checkpoint).isInstanceOf(StorageException.class);
    }

    @Test
    void failEverySyncOfTheFileOfWhichOneHasFailed() {
        // Given a checkpoint under way, and what was appended since
        openAll();
        partitions.subList(0, MOST).forEach(partition -> append(partition.messages()));
        List<LogSync> underWay = dirtyLogs.collect().syncs();
        partitions.subList(0, MOST).forEach(partition -> append(partition.messages()));
        // When a lane is told of a failure of the disk
        disk.failForce(StorageException.Kind.IO);
        append(partitions.get(MOST).messages());
        disk.failForce(null);
        // Then the checkpoint is, too
        assertThatThrownBy(() -> underWay.forEach(LogSync::run)).isInstanceOf(StorageException.class);
    }

    @Test
    void failASyncUnderWayOfTheFileThatCouldNotBeCut() {
        // Given a checkpoint under way
        openAll();
        Log log = partitions.get(0).messages();
        append(log);
        append(log);
        List<LogSync> underWay = dirtyLogs.collect().syncs();
        // When the disk takes the mark of a cut and not the cut
        disk.failForce(StorageException.Kind.IO, FORCES_OF_A_MARK);
        assertThatThrownBy(() -> log.truncateTo(1)).isInstanceOf(StorageException.class);
        disk.failForce(null);
        // Then the checkpoint fails, too
        assertThatThrownBy(() -> underWay.forEach(LogSync::run)).isInstanceOf(StorageException.class);
    }

    @Test
    void areBoundedWhileRecoveryLooksAtEverything() {
        // Given
        openAll();
        partitions.forEach(partition -> append(partition.messages()));
        disk.kill();
        int before = disk.openFiles();
        store = new PartitionStore(disk.root(), points, 2 * MOST);
        // When
        for (int i = 0; i < PARTITIONS; i++) {
            append(store.openForRecovery(TOPIC, i).messages());
            assertThat(disk.openFiles() - before).isLessThanOrEqualTo(2 * MOST + SLACK);
        }
        store.releaseRecoveredFiles();
        // Then also while lanes take them over
        dirtyLogs = new DirtyLogs(() -> MOST);
        openAll();
        for (PartitionStorage partition : partitions) {
            append(partition.deliveries());
            assertThat(disk.openFiles() - before).isLessThanOrEqualTo(2 * MOST + SLACK);
        }
        checkpoint();
        assertAllReadable(2);
        assertThat(disk.openFiles() - before).isLessThanOrEqualTo(MOST);
    }

    @Test
    void areBoundedWhileAllIsClosed() {
        openAll();
        for (PartitionStorage partition : partitions) {
            append(partition.messages());
            append(partition.deliveries());
        }
        for (PartitionStorage partition : partitions) {
            append(partition.messages());
            partition.close();
            assertThat(disk.openFiles()).isLessThanOrEqualTo(MOST + SLACK);
        }
        checkpoint();
        assertThat(disk.openFiles()).isZero();
    }

    @Test
    void areClosedWithADeletedPartition() {
        // Given
        openAll();
        partitions.subList(0, 4).forEach(partition -> append(partition.messages()));
        LogSlice read = partitions.get(1).messages().read(0, 1000, Long.MAX_VALUE);
        // When
        partitions.subList(0, 4).forEach(PartitionStorage::delete);
        // Then
        assertThat(disk.openFiles()).as("the reader's").isEqualTo(1);
        assertThat(read.copy().remaining()).isPositive();
        read.release();
        assertThat(disk.openFiles()).isZero();
    }

    @Test
    void stayOpenForAReaderWhoseLogGivesThemUp() {
        // Given
        openAll();
        append(partitions.get(0).messages());
        checkpoint();
        LogSlice read = partitions.get(0).messages().read(0, 1000, Long.MAX_VALUE);
        // When
        for (int round = 0; round < 2; round++) {
            partitions.subList(1, 3 * MOST).forEach(partition -> append(partition.messages()));
        }
        // Then
        assertThat(read.copy().remaining()).isPositive();
        read.release();
        assertThat(disk.openFiles()).isLessThanOrEqualTo(MOST + SLACK);
    }

    @Test
    void areThoseOfTheLastSegmentsOnly() {
        // Given a log of many segments
        openAll();
        Log log = partitions.get(0).messages();
        log.configure(new LogConfig(2_000, 1_000_000, 512, 1000, -1, 1000, false));
        for (int i = 0; i < 200; i++) {
            append(log);
        }
        // When
        checkpoint();
        // Then
        assertThat(disk.openFiles()).isLessThanOrEqualTo(2);
        assertThat(readAll(log)).isEqualTo(200);
    }

    private void openAll() {
        partitions.clear();
        for (int i = 0; i < PARTITIONS; i++) {
            partitions.add(store.open(TOPIC, i, LogConfig.defaults(), LogConfig.defaults(), dirtyLogs));
        }
    }

    private static void append(Log log) {
        log.append(Batches.batch(1, 100, 1000, 7, -1, (short) -1, -1), 0, 1000);
    }

    private void checkpoint() {
        for (LogSync sync : dirtyLogs.collect().syncs()) {
            sync.run();
            points.put(sync.key(), sync.point());
        }
    }

    private void assertAllReadable(int batches) {
        for (PartitionStorage partition : partitions) {
            assertThat(readAll(partition.messages())).isEqualTo(batches);
            assertThat(disk.openFiles()).isPositive();
        }
    }

    private static int readAll(Log log) {
        int batches = 0;
        for (LogSlice slice = log.read(0, 1, Long.MAX_VALUE);
                slice != null;
                slice = log.read(slice.nextOffset(), 1, Long.MAX_VALUE)) {
            ByteBuffer bytes = slice.copy();
            assertThat(bytes.remaining()).isPositive();
            slice.release();
            batches++;
        }
        return batches;
    }

    /** Whether the partition's messages survive a loss of power of which nothing unsynced does. */
    private boolean isOnDisk(PartitionStorage partition) {
        return disk.syncedBytes(TOPIC + "-" + partition.partition() + "/00000000000000000000.log") > 0;
    }
}
