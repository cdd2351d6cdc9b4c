package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LogTest {
    private static final UUID TOPIC = new UUID(1, 2);
    private static final LogConfig SMALL = new LogConfig(20_000, 1_000_000, 512, 1000, -1, 1000, false);

    private final MemoryDisk disk = new MemoryDisk();
    private final RecoveryPoints points = new RecoveryPoints();
    private DirtyLogs dirtyLogs = new DirtyLogs();
    private PartitionStore store = new PartitionStore(disk.root(), points);
    private PartitionStorage storage = open(SMALL);
    private final List<RecordBatch> appended = new ArrayList<>();
    private final Random random = new Random(7);

    @Test
    void readsBackWhatWasAppendedByEveryOffsetAndSize() {
        // Given
        appendRandom(500);
        Log log = storage.messages();
        // When, then
        for (long offset = 0; offset < log.logEndOffset(); offset += 3) {
            assertReads(log, offset, 1, log.logEndOffset());
            assertReads(log, offset, 3000, log.logEndOffset());
            assertReads(log, offset, 100_000, log.logEndOffset() - random.nextInt(20));
        }
        assertThat(log.read(log.logEndOffset(), 100, Long.MAX_VALUE)).isNull();
        assertThat(disk.files().stream().filter(name -> name.endsWith(".log")).count())
                .isGreaterThan(5);
    }

    @Test
    void walksTheWholeLogSliceBySlice() {
        // Given
        appendRandom(400);
        // When
        ByteBuffer all = readAll(storage.messages());
        // Then
        assertThat(all).isEqualTo(expectedBytes());
    }

    @Test
    void readsBackAfterReopeningInEveryWay() {
        for (int round = 0; round < 6; round++) {
            appendRandom(100);
            switch (round % 3) {
                case 0 -> closeCleanly();
                case 1 -> disk.kill();
                default -> {
                    checkpoint();
                    appendRandom(10);
                    disk.kill();
                }
            }
            reopen();
            assertThat(readAll(storage.messages())).isEqualTo(expectedBytes());
        }
    }

    @Test
    void closesItsFilesWhileNobodyUsesThem() {
        // Given
        appendRandom(100);
        storage.messages().releaseIdleFiles();
        assertThat(disk.openFiles()).as("it was used just now").isPositive();
        storage.messages().releaseIdleFiles();
        assertThat(disk.openFiles()).as("it is not synced").isPositive();
        checkpoint();

        // When
        storage.messages().releaseIdleFiles();

        // Then
        assertThat(disk.openFiles()).isZero();
        appendRandom(10);
        assertThat(readAll(storage.messages())).isEqualTo(expectedBytes());
        checkpoint();
        disk.kill();
        reopen();
        assertThat(readAll(storage.messages())).isEqualTo(expectedBytes());
    }

    @Test
    void readsNothingOfACleanlyClosedLogWhenItIsOpened() {
        // Given
        appendRandom(2000);
        closeCleanly();
        long before = disk.bytesRead();
        // When
        reopen();
        long end = storage.messages().logEndOffset();
        // Then
        assertThat(end).isEqualTo(lastAppended().nextOffset());
        assertThat(disk.bytesRead() - before).isZero();
    }

    @Test
    void scansOnlyWhatLiesBehindTheRecoveryPoint() {
        // Given
        appendRandom(2000);
        checkpoint();
        appendRandom(5);
        disk.kill();
        long before = disk.bytesRead();
        // When
        reopen();
        // Then
        assertThat(storage.messages().logEndOffset()).isEqualTo(lastAppended().nextOffset());
        assertThat(disk.bytesRead() - before).isLessThan(60_000);
    }

    @Test
    void cutsATornTail() {
        // Given
        appendRandom(10);
        disk.kill();
        String path = lastSegment();
        long size = disk.size(path);
        byte[] torn = java.util.Arrays.copyOf(disk.bytes(path), (int) size - 5);
        disk.overwrite(path, torn);
        // When
        reopen();
        // Then
        appended.remove(appended.size() - 1);
        assertThat(storage.messages().logEndOffset()).isEqualTo(lastAppended().nextOffset());
        appendRandom(50);
        assertThat(readAll(storage.messages())).isEqualTo(expectedBytes());
    }

    @Test
    void cutsBehindABatchWithAWrongCrc() {
        // Given
        appendRandom(4);
        disk.kill();
        RecordBatch third = appended.get(2);
        disk.flipBit(lastSegment(), positionOf(2) + third.sizeBytes() - 1, 3);
        // When
        reopen();
        // Then
        assertThat(storage.messages().logEndOffset()).isEqualTo(third.baseOffset());
    }

    @Test
    void refusesALogThatIsShorterThanItsRecoveryPoint() {
        // Given
        appendRandom(4);
        checkpoint();
        disk.kill();
        disk.overwrite(lastSegment(), new byte[100]);
        // When, then
        assertThatThrownBy(this::reopen)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("acknowledged records of log")
                .hasMessageContaining("has only 100 of");
    }

    @ParameterizedTest
    @ValueSource(strings = {"missing", "flipped", "cut", "foreign"})
    void rebuildsADamagedIndex(String damage) {
        // Given
        appendRandom(600);
        closeCleanly();
        for (String path : disk.files()) {
            if (path.endsWith(".idx")) {
                byte[] bytes = disk.bytes(path);
                switch (damage) {
                    case "missing" ->
                        disk.root().directory(path.split("/", -1)[0]).delete(path.split("/", -1)[1]);
                    case "flipped" -> disk.flipBit(path, bytes.length / 2, 1);
                    case "cut" -> disk.overwrite(path, java.util.Arrays.copyOf(bytes, bytes.length / 2));
                    default -> disk.overwrite(path, new byte[bytes.length]);
                }
            }
        }
        // When
        reopen();
        // Then
        Log log = storage.messages();
        for (long offset = 0; offset < log.logEndOffset(); offset += 17) {
            assertReads(log, offset, 4000, log.logEndOffset());
        }
        assertTimes(log);
    }

    @Test
    void findsBatchesByTime() {
        appendRandom(600);
        assertTimes(storage.messages());
        closeCleanly();
        reopen();
        assertTimes(storage.messages());
    }

    @Test
    void leavesNoPartOfABatchWhenTheDiskIsFull() {
        // Given
        appendRandom(20);
        long end = storage.messages().logEndOffset();
        disk.capacity(disk.usedBytes() + 100);
        // When, then
        for (int i = 0; i < 3; i++) {
            RecordBatch batch = Batches.batch(1, 500, 1, i);
            assertThatThrownBy(() -> storage.messages().append(batch, 0, 0))
                    .isInstanceOfSatisfying(StorageException.class, e -> assertThat(e.isDiskFull())
                            .isTrue());
        }
        assertThat(storage.messages().logEndOffset()).isEqualTo(end);
        disk.capacity(Long.MAX_VALUE);
        appendRandom(20);
        assertThat(readAll(storage.messages())).isEqualTo(expectedBytes());
        disk.kill();
        reopen();
        assertThat(readAll(storage.messages())).isEqualTo(expectedBytes());
    }

    @Test
    void truncatesAndGoesOn() {
        for (int round = 0; round < 12; round++) {
            appendRandom(60);
            if (round % 4 == 0) {
                checkpoint();
            }
            int keep = random.nextInt(appended.size() + 1);
            long cut = keep == appended.size()
                    ? lastAppended().nextOffset()
                    : appended.get(keep).baseOffset();
            storage.messages().truncateTo(cut);
            while (appended.size() > keep) {
                appended.remove(appended.size() - 1);
            }
            if (round % 3 == 0) {
                disk.kill();
                reopen();
            }
            assertThat(storage.messages().logEndOffset()).isEqualTo(cut);
            assertThat(readAll(storage.messages())).isEqualTo(expectedBytes());
        }
    }

    @Test
    void believesNoCheckpointThatTheLowestOfTwoTruncationsRefutes() {
        // Given
        appendSized(100, 100);
        checkpoint();
        cutTo(80);
        appendSized(70, 333);
        // When
        cutTo(120);
        disk.kill();
        reopen();
        // Then
        assertThat(storage.messages().logEndOffset()).isEqualTo(120);
        assertThat(readAll(storage.messages())).isEqualTo(expectedBytes());
    }

    @Test
    void believesNoCheckpointOfASegmentThatWasCutWhereItBegins() {
        // Given
        appendSized(5, 100);
        storage.messages().advanceTo(7);
        checkpoint();
        appendSized(1, 100);
        // When
        cutTo(7);
        disk.kill();
        reopen();
        // Then
        assertThat(storage.messages().logEndOffset()).isEqualTo(7);
        assertThat(storage.messages().recoveryPoint()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void opensAfterATruncationThatTheDiskFailedToFlush(int forces) {
        // Given
        appendSized(100, 333);
        checkpoint();
        // When
        disk.failForce(StorageException.Kind.IO, forces);
        tryToCutTo(30);
        disk.failForce(null);
        disk.crash(new Random(forces));
        reopen();
        // Then
        assertHoldsAtLeast(30);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void opensAfterATruncationDuringWhichTheBrokerDied(int deletions) {
        // Given
        appendSized(100, 333);
        checkpoint();
        // When
        disk.killAfterDeletions(deletions);
        assertThatThrownBy(() -> storage.messages().truncateTo(30)).hasMessageContaining("killed before");
        disk.kill();
        reopen();
        // Then
        assertHoldsAtLeast(30);
    }

    private void tryToCutTo(long offset) {
        try {
            storage.messages().truncateTo(offset);
        } catch (StorageException e) {
            assertThat(e.kind()).isEqualTo(StorageException.Kind.IO);
        }
    }

    private void assertHoldsAtLeast(long end) {
        long found = storage.messages().logEndOffset();
        assertThat(found).isBetween(end, (long) appended.size());
        appended.subList((int) found, appended.size()).clear();
        assertThat(readAll(storage.messages())).isEqualTo(expectedBytes());
    }

    @Test
    void knowsWhatIsOnDiskSinceATruncation() {
        // Given
        appendSized(100, 100);
        checkpoint();
        // When
        cutTo(80);
        appendSized(15, 100);
        long before = storage.messages().recoveryPoint();
        disk.kill();
        reopen();
        // Then
        assertThat(before).isEqualTo(80);
        assertThat(storage.messages().recoveryPoint()).isEqualTo(80);
    }

    @Test
    void aSnapshotThatIsWrittenAfterATruncationDoesNotCount() {
        // Given
        appendAsProducer(0, 100);
        List<LogSync> late = dirtyLogs.collect().syncs();
        storage.messages().truncateTo(80);
        // When
        late.forEach(LogSync::run);
        // Then
        assertThat(stateFiles()).isEmpty();
        appendedByOthersUpTo(120);
        disk.kill();
        reopen();
        assertThat(verdictOnSequence(99)).isNotEqualTo(ProducerCheck.Verdict.DUPLICATE);
        assertThat(verdictOnSequence(79)).isEqualTo(ProducerCheck.Verdict.DUPLICATE);
    }

    @Test
    void aSnapshotOfWhatWasCutDoesNotCountAfterACrash() {
        // Given
        appendAsProducer(0, 100);
        checkpoint();
        String snapshot = stateFiles().get(0);
        byte[] old = disk.bytes(snapshot);
        storage.messages().truncateTo(80);
        appendedByOthersUpTo(120);
        disk.kill();
        // When it was written when the broker died
        disk.put(snapshot, old);
        reopen();
        // Then
        assertThat(verdictOnSequence(99)).isNotEqualTo(ProducerCheck.Verdict.DUPLICATE);
        assertThat(stateFiles()).isEmpty();
    }

    @Test
    void deletesSnapshotsOfMoreThanTheLogHolds() {
        // Given
        appendAsProducer(0, 100);
        checkpoint();
        String snapshot = stateFiles().get(0);
        byte[] old = disk.bytes(snapshot);
        storage.messages().truncateTo(80);
        disk.kill();
        disk.put(snapshot, old);
        // When
        reopen();
        // Then
        assertThat(stateFiles()).isEmpty();
    }

    @Test
    void readsASnapshotOfTheFirstVersion() {
        // Given
        appendAsProducer(0, 100);
        checkpoint();
        String path = stateFiles().get(0);
        ByteBuffer second = ByteBuffer.wrap(disk.bytes(path));
        ByteBuffer content = second.slice(16 + Integer.BYTES, second.limit() - 16 - Integer.BYTES);
        ByteBuffer first = Sealed.seal(second.getInt(0), (short) 1, content);
        // When
        LogState.Stored stored = LogState.decode(first);
        // Then
        assertThat(stored.truncations()).isEqualTo(-1);
        assertThat(stored.state().offset()).isEqualTo(100);
        assertThat(stored.state().epochs().latestEpoch()).isZero();
        assertThat(LogState.decode(second).truncations()).isZero();
    }

    @Test
    void readsATruncationMarkOfTheFirstVersion() {
        // Given
        LogPoint point = new LogPoint(1, 2, 3, 4, 5, 6, -1);
        ByteBuffer content = ByteBuffer.allocate(LogPoint.ENCODED_BYTES);
        point.encode(content);
        LogFiles files = new LogFiles(() -> disk.root().directory("old"), List.of());
        files.directory()
                .replace(
                        LogFiles.TRUNCATION,
                        Sealed.seal(0x4d525452, (short) 1, content.flip().limit(content.limit() - Long.BYTES)));
        // When
        TruncationMark mark = TruncationMark.read(files);
        // Then
        assertThat(mark).isEqualTo(new TruncationMark(point));
    }

    @Test
    void takesNoBatchOfAnOlderEpochBehindOneOfALater() {
        // Given
        Log log = storage.messages();
        log.append(Batches.batch(1, 100, 1, 1), 1, 0);
        log.append(Batches.batch(1, 100, 1, 2), 2, 0);
        log.append(Batches.batch(1, 100, 1, 3), 1, 0);
        disk.kill();
        // When
        reopen();
        // Then
        assertThat(storage.messages().logEndOffset()).isEqualTo(2);
    }

    @Test
    void remembersAGapUntilItIsCut() {
        // Given
        appendSized(3, 100);
        storage.messages().jumpTo(6);
        appendSized(1, 100);
        storage.messages().jumpTo(9);
        checkpoint();
        disk.kill();
        // When
        reopen();
        long kept = storage.messages().firstGap();
        storage.messages().truncateTo(6);
        long above = storage.messages().firstGap();
        storage.messages().truncateTo(3);
        disk.kill();
        reopen();
        // Then
        assertThat(kept).isEqualTo(3);
        assertThat(above).isEqualTo(3);
        assertThat(storage.messages().firstGap()).isEqualTo(-1);
        assertThat(storage.messages().logEndOffset()).isEqualTo(3);
    }

    private void appendSized(int batches, int bytes) {
        for (int i = 0; i < batches; i++) {
            append(Batches.batch(1, bytes, 1, random.nextLong()));
        }
    }

    private void cutTo(long offset) {
        storage.messages().truncateTo(offset);
        appended.removeIf(batch -> batch.baseOffset() >= offset);
    }

    private void appendAsProducer(int from, int to) {
        for (int i = from; i < to; i++) {
            storage.messages().append(Batches.batch(1, 300, 1, i, 42, (short) 3, i), 0, 0);
        }
    }

    private void appendedByOthersUpTo(long end) {
        while (storage.messages().logEndOffset() < end) {
            storage.messages().append(Batches.batch(1, 200, 1, 1), 1, 0);
        }
    }

    private ProducerCheck.Verdict verdictOnSequence(int sequence) {
        return storage.messages()
                .producers()
                .check(Batches.batch(1, 300, 1, sequence, 42, (short) 3, sequence))
                .verdict();
    }

    private List<String> stateFiles() {
        return disk.files().stream().filter(name -> name.endsWith(".state")).toList();
    }

    @Test
    void deletesSegmentsAndKeepsASlowReadersFile() {
        // Given
        appendRandom(300);
        Log log = storage.messages();
        LogSlice slice = log.read(0, 5000, Long.MAX_VALUE);
        ByteBuffer before = slice.copy();
        long middle = appended.get(200).baseOffset();
        // When
        log.deleteBefore(middle);
        // Then
        assertThat(slice.copy()).isEqualTo(before);
        slice.release();
        assertThat(log.logStartOffset()).isEqualTo(middle);
        assertThatThrownBy(() -> log.read(middle - 1, 100, Long.MAX_VALUE))
                .isInstanceOf(IllegalArgumentException.class);
        assertReads(log, middle, 100, Long.MAX_VALUE);
        checkpoint();
        disk.kill();
        reopen();
        assertThat(storage.messages().logStartOffset()).isEqualTo(middle);
    }

    @Test
    void goesOnAtItsOffsetWhenAllWasDeleted() {
        // Given
        appendRandom(30);
        long end = storage.messages().logEndOffset();
        // When
        storage.messages().deleteBefore(end);
        closeCleanly();
        reopen();
        // Then
        assertThat(storage.messages().logStartOffset()).isEqualTo(end);
        assertThat(storage.messages().logEndOffset()).isEqualTo(end);
        assertThat(storage.messages().sizeBytes()).isZero();
        appended.clear();
        appendRandom(3);
        assertThat(appended.get(0).baseOffset()).isEqualTo(end);
    }

    @Test
    void deletesWhatItCanWhenTheDiskHasNoRoomForAnotherSegment() {
        // Given
        appendRandom(300);
        Log log = storage.messages();
        long end = log.logEndOffset();
        disk.capacity(disk.usedBytes());
        // When
        log.deleteBefore(end);
        long start = log.logStartOffset();
        disk.capacity(Long.MAX_VALUE);
        log.deleteBefore(end);
        // Then
        assertThat(start).isBetween(1L, end - 1);
        assertThat(log.logStartOffset()).isEqualTo(end);
    }

    @Test
    void findsNothingByTimeBelowTheLogStart() {
        // Given
        for (int i = 0; i < 100; i++) {
            append(Batches.batch(2, 1000, i * 100L, i));
        }
        append(Batches.batch(2, 1000, 50, 1));
        Log log = storage.messages();
        for (long start : new long[] {1, 2, 3, 50, 51, 120, 199, 200}) {
            // When
            log.deleteBefore(start);
            // Then
            RecordBatch first = appended.stream()
                    .filter(batch -> batch.nextOffset() > start)
                    .findFirst()
                    .orElseThrow();
            assertThat(log.firstAtOrAfter(0, 0, Long.MAX_VALUE).baseOffset()).isEqualTo(first.baseOffset());
            assertThat(log.largestTimestamp(0, Long.MAX_VALUE).maxTimestampMs()).isEqualTo(start < 200 ? 9900 : 50);
        }
        log.deleteBefore(202);
        assertThat(log.firstAtOrAfter(0, 0, Long.MAX_VALUE)).isNull();
        assertThat(log.largestTimestamp(0, Long.MAX_VALUE)).isNull();
    }

    @Test
    void advancesOverAGap() {
        // Given
        appendRandom(5);
        long end = storage.messages().logEndOffset();
        // When
        storage.messages().advanceTo(end + 100);
        storage.messages().advanceTo(end + 50);
        // Then
        appendRandom(5);
        assertThat(appended.get(5).baseOffset()).isEqualTo(end + 100);
        assertReads(storage.messages(), end + 50, 100, Long.MAX_VALUE);
        checkpoint();
        disk.kill();
        reopen();
        assertThat(readAll(storage.messages())).isEqualTo(expectedBytes());
    }

    @Test
    void tellsWhatIsPastRetention() {
        // Given
        for (int i = 0; i < 100; i++) {
            append(Batches.batch(1, 1000, i * 100L, i));
        }
        Log log = storage.messages();
        // When, then
        assertThat(log.retentionOffset(500)).isZero();
        long byTime = log.retentionOffset(6000);
        assertThat(byTime).isBetween(20L, 50L);
        assertThat(log.retentionOffset(100_000)).isEqualTo(log.logEndOffset());
        log.configure(new LogConfig(20_000, 1000, 512, -1, 50_000, 1000, false));
        long bySize = log.retentionOffset(100_000);
        log.deleteBefore(bySize);
        assertThat(log.sizeBytes()).isBetween(50_000L, 70_000L);
    }

    @Test
    void agesRecordsWithoutTimestampFromWhenTheyWereSeenFirst() {
        // Given
        for (int i = 0; i < 50; i++) {
            append(Batches.batch(1, 1000, -1, i));
        }
        Log log = storage.messages();
        long firstLook = log.retentionOffset(10_000);
        append(Batches.batch(1, 1000, -1, 50));
        long secondLook = log.retentionOffset(10_600);
        // When
        long aged = log.retentionOffset(11_001);
        // Then
        assertThat(firstLook).isZero();
        assertThat(secondLook).isZero();
        assertThat(aged).as("the last segment grew at 10,600").isBetween(20L, log.logEndOffset() - 1);
        assertThat(log.retentionOffset(11_601)).isEqualTo(log.logEndOffset());
    }

    @Test
    void rollsByTime() {
        storage.messages().configure(new LogConfig(1 << 20, 1000, 512, -1, -1, 1000, false));
        append(Batches.batch(1, 10, 100, 1));
        append(Batches.batch(1, 10, 1099, 1));
        append(Batches.batch(1, 10, 1100, 1));
        assertThat(disk.files().stream().filter(name -> name.endsWith(".log")).count())
                .isEqualTo(2);
    }

    @Test
    void keepsProducerStatesAndEpochsOverRestarts() {
        for (int round = 0; round < 8; round++) {
            for (int i = 0; i < 30; i++) {
                int sequence = round * 30 + i;
                RecordBatch batch = Batches.batch(1, 300, 1, i, 42, (short) 3, sequence);
                storage.messages().append(batch, round, 0);
                appended.add(batch);
            }
            if (round % 2 == 0) {
                checkpoint();
            }
            if (round % 3 == 0) {
                closeCleanly();
            } else {
                disk.kill();
            }
            reopen();
            int last = round * 30 + 29;
            ProducerStates producers = storage.messages().producers();
            assertThat(producers
                            .check(Batches.batch(1, 9, 1, 1, 42, (short) 3, last + 1))
                            .verdict())
                    .isEqualTo(ProducerCheck.Verdict.NEW);
            assertThat(producers
                            .check(Batches.batch(1, 9, 1, 1, 42, (short) 3, last - 4))
                            .baseOffset())
                    .isEqualTo(last - 4);
            assertThat(storage.messages()
                            .leaderEpochs()
                            .endOf(round - 1, last + 1)
                            .endOffset())
                    .isEqualTo(round == 0 ? -1 : round * 30);
        }
    }

    @Test
    void remembersAProducerOverARestartHoweverOldItsTimestamps() {
        // Given
        storage.messages().append(Batches.batch(1, 300, 5, 1, 42, (short) 3, 0), 0, 1_000_000);
        disk.kill();
        reopen();
        // When
        storage.messages().expireProducers(1_000_010);
        // Then
        assertThat(storage.messages()
                        .producers()
                        .check(Batches.batch(1, 300, 5, 1, 42, (short) 3, 0))
                        .verdict())
                .isEqualTo(ProducerCheck.Verdict.DUPLICATE);
    }

    @Test
    void anEpochOlderThanAllEndsWhereTheFirstBegins() {
        // Given
        Log log = storage.messages();
        for (int i = 0; i < 6; i++) {
            log.append(Batches.batch(1, 300, 1, i), 3 + i / 3, 0);
        }
        // When
        log.deleteBefore(2);
        // Then
        assertThat(log.leaderEpochs().endOf(1, 6)).isEqualTo(new LeaderEpochs.EpochEnd(1, 2));
        assertThat(log.leaderEpochs().endOf(3, 6)).isEqualTo(new LeaderEpochs.EpochEnd(3, 3));
        assertThat(log.leaderEpochs().endOf(4, 6)).isEqualTo(new LeaderEpochs.EpochEnd(4, 6));
        assertThat(log.leaderEpochs().endOf(5, 6)).isEqualTo(new LeaderEpochs.EpochEnd(-1, -1));
        assertThat(log.leaderEpochs().endOf(-1, 6)).isEqualTo(new LeaderEpochs.EpochEnd(-1, -1));
    }

    @Test
    void segmentsThatWereCutDoNotComeBack() {
        for (int seed = 0; seed < 20; seed++) {
            // Given
            MemoryDisk own = new MemoryDisk();
            Log log = new PartitionStore(own.root(), new RecoveryPoints())
                    .open(TOPIC, 0, SMALL, SMALL, new DirtyLogs())
                    .messages();
            for (int i = 0; i < 60; i++) {
                log.append(Batches.batch(1, 1000, 1, i), 0, 0);
            }
            own.root().sync();
            own.root().directory(TOPIC + "-0").sync();
            own.kill();
            String first = TOPIC + "-0/" + LogFiles.name(0, LogFiles.BATCHES);
            byte[] bytes = own.bytes(first);
            own.overwrite(first, java.util.Arrays.copyOf(bytes, bytes.length - 5));
            long before =
                    own.files().stream().filter(name -> name.endsWith(".log")).count();
            // When
            new PartitionStore(own.root(), new RecoveryPoints()).open(TOPIC, 0, SMALL, SMALL, new DirtyLogs());
            own.crash(new Random(seed));
            // Then
            assertThat(before).isGreaterThan(2);
            assertThat(own.files().stream().filter(name -> name.endsWith(".log")))
                    .containsExactly(first);
        }
    }

    @Test
    void keepsEveryForcedBatchThroughCrashes() {
        for (int seed = 0; seed < 400; seed++) {
            crashRound(new Random(seed));
        }
    }

    /** Appends, checkpoints and crashes at random: what a checkpoint covered is there, and what follows it is a prefix of what was written. */
    private void crashRound(Random chance) {
        MemoryDisk own = new MemoryDisk();
        own.pageBytes(chance.nextBoolean() ? 512 : 4096);
        RecoveryPoints ownPoints = new RecoveryPoints();
        List<byte[]> written = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        long durableEnd = 0;
        for (int life = 0; life < 5; life++) {
            DirtyLogs dirt = new DirtyLogs();
            Log log = new PartitionStore(own.root(), ownPoints)
                    .open(TOPIC, 0, SMALL, SMALL, dirt)
                    .messages();
            assertThat(log.logEndOffset()).isGreaterThanOrEqualTo(durableEnd);
            int kept = log.logEndOffset() == 0 ? 0 : ends.indexOf(log.logEndOffset()) + 1;
            assertThat(kept == 0 && log.logEndOffset() > 0).isFalse();
            written.subList(kept, written.size()).clear();
            ends.subList(kept, ends.size()).clear();
            assertThat(readAll(log)).isEqualTo(concat(written));
            int appends = chance.nextInt(40);
            int checkpointAt = chance.nextInt(60);
            for (int i = 0; i < appends; i++) {
                RecordBatch batch = Batches.batch(1 + chance.nextInt(3), chance.nextInt(4000), i, chance.nextLong());
                log.append(batch, life, 0);
                written.add(batch.buffer().array().clone());
                ends.add(log.logEndOffset());
                if (i == checkpointAt) {
                    for (LogSync sync : dirt.collect().syncs()) {
                        sync.run();
                        ownPoints.put(sync.key(), sync.point());
                    }
                    durableEnd = log.logEndOffset();
                    own.root().sync();
                }
            }
            own.crash(chance);
        }
    }

    private void appendRandom(int batches) {
        for (int i = 0; i < batches; i++) {
            int size = random.nextInt(10) == 0 ? random.nextInt(6000) : random.nextInt(300);
            append(Batches.batch(1 + random.nextInt(4), size, random.nextInt(100_000), random.nextLong()));
        }
    }

    private void append(RecordBatch batch) {
        AppendedBatch at = storage.messages().append(batch, 0, 0);
        assertThat(at.baseOffset()).isEqualTo(batch.baseOffset());
        appended.add(batch);
    }

    private RecordBatch lastAppended() {
        return appended.get(appended.size() - 1);
    }

    private long positionOf(int number) {
        return appended.subList(0, number).stream()
                .mapToLong(RecordBatch::sizeBytes)
                .sum();
    }

    private String lastSegment() {
        return disk.files().stream()
                .filter(name -> name.endsWith(".log"))
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    private PartitionStorage open(LogConfig config) {
        return store.open(TOPIC, 0, config, config, dirtyLogs);
    }

    private void reopen() {
        dirtyLogs = new DirtyLogs();
        store = new PartitionStore(disk.root(), points);
        storage = open(SMALL);
    }

    private void checkpoint() {
        for (LogSync sync : dirtyLogs.collect().syncs()) {
            sync.run();
            points.put(sync.key(), sync.point());
        }
    }

    private void closeCleanly() {
        storage.close();
        checkpoint();
    }

    private void assertReads(Log log, long offset, int maxBytes, long before) {
        LogSlice slice = log.read(offset, maxBytes, before);
        RecordBatch first = appended.stream()
                .filter(batch -> batch.nextOffset() > offset)
                .findFirst()
                .orElseThrow();
        if (first.nextOffset() > before) {
            assertThat(slice).isNull();
            return;
        }
        ByteBuffer bytes = slice.copy();
        slice.release();
        int at = appended.indexOf(first);
        ByteBuffer expected = ByteBuffer.allocate(bytes.remaining());
        while (expected.hasRemaining()) {
            assertThat(appended.get(at).nextOffset()).isLessThanOrEqualTo(before);
            expected.put(appended.get(at++).bytes());
        }
        assertThat(bytes).isEqualTo(expected.flip());
        assertThat(bytes.remaining()).isLessThanOrEqualTo(Math.max(maxBytes, first.sizeBytes()));
        RecordBatch last = appended.get(at - 1);
        assertThat(slice.nextOffset()).isGreaterThanOrEqualTo(last.nextOffset());
        if (at < appended.size()) {
            RecordBatch next = appended.get(at);
            assertThat(slice.nextOffset()).isLessThanOrEqualTo(next.baseOffset());
            boolean sameSegment =
                    slice.position() + slice.lengthBytes() < slice.file().size();
            boolean fits = bytes.remaining() + next.sizeBytes() <= maxBytes && next.nextOffset() <= before;
            assertThat(sameSegment && fits)
                    .as("stopped early at %d", last.nextOffset())
                    .isFalse();
        }
    }

    private void assertTimes(Log log) {
        for (long time = 0; time < 100_000; time += 7919) {
            long wanted = time;
            TimestampOffset found = log.firstAtOrAfter(time, 0, Long.MAX_VALUE);
            RecordBatch expected = appended.stream()
                    .filter(batch -> batch.maxTimestampMs() >= wanted)
                    .findFirst()
                    .orElseThrow();
            assertThat(found).isEqualTo(new TimestampOffset(expected.baseOffset(), expected.maxTimestampMs()));
        }
        long largest =
                appended.stream().mapToLong(RecordBatch::maxTimestampMs).max().orElseThrow();
        assertThat(log.largestTimestamp(0, Long.MAX_VALUE).maxTimestampMs()).isEqualTo(largest);
        assertThat(log.firstAtOrAfter(largest + 1, 0, Long.MAX_VALUE)).isNull();
    }

    private static ByteBuffer readAll(Log log) {
        List<byte[]> parts = new ArrayList<>();
        long offset = log.logStartOffset();
        for (LogSlice slice = log.read(offset, 3000, Long.MAX_VALUE);
                slice != null;
                slice = log.read(offset, 3000, Long.MAX_VALUE)) {
            parts.add(slice.copy().array());
            offset = slice.nextOffset();
            slice.release();
        }
        assertThat(offset).isEqualTo(log.logEndOffset());
        return concat(parts);
    }

    private ByteBuffer expectedBytes() {
        return concat(appended.stream().map(batch -> batch.buffer().array()).toList());
    }

    private static ByteBuffer concat(List<byte[]> parts) {
        ByteBuffer all =
                ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
        parts.forEach(all::put);
        return all.flip();
    }
}
