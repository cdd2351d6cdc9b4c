package io.millrace.broker.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.log.Log;
import io.millrace.broker.log.LogKey;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.LogPoint;
import io.millrace.broker.log.StorageDirectory;
import io.millrace.broker.log.StorageException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

final class JournalTest {
    private static final JournalConfig SMALL = new JournalConfig(64 * 1024, 16 * 1024, 10, 256 * 1024);
    private static final int PARTITIONS = 5;

    private final JournalHarness journal = new JournalHarness(SMALL, 2, 20_000);

    @Test
    void recoversWhatWasFlushedWhenAllSegmentsAreLost() {
        // Given
        for (int i = 0; i < 50; i++) {
            journal.append(i % PARTITIONS, 700, i, true);
            journal.settle(i % PARTITIONS, 80, i);
        }
        journal.endTurns();
        journal.drain();
        assertThat(journal.acknowledgedCount()).isEqualTo(100);
        for (String path : journal.disk.files()) {
            if (path.startsWith("partitions")) {
                journal.disk.overwrite(path, new byte[0]);
            }
        }
        // When
        journal.disk.kill();
        journal.restart();
        // Then
        journal.verify(PARTITIONS);
        assertThat(journal.parts.outcome().replayed()).isEqualTo(100);
        assertThat(journal.parts.outcome().clean()).isFalse();
    }

    @Test
    void replaysNothingAfterACleanShutdown() {
        // Given
        for (int i = 0; i < 300; i++) {
            journal.append(i % PARTITIONS, 700, i, true);
        }
        journal.closeCleanly();
        journal.disk.kill();
        // When
        journal.restart();
        // Then
        assertThat(journal.parts.outcome()).isEqualTo(new JournalStartup.Outcome(true, 0, 0, 0, 0));
        journal.verify(PARTITIONS);
    }

    @Test
    void refusesDamageToWhatWasAcknowledgedAndCutsATornEnd() {
        int refused = 0;
        Random chance = new Random(1);
        for (int seed = 0; seed < 40; seed++) {
            // Given
            JournalHarness damaged = new JournalHarness(SMALL, 1, 20_000);
            for (int i = 0; i < 12; i++) {
                damaged.append(0, 3000, i, true);
                damaged.endTurns();
                damaged.drain();
            }
            String path = "journal/" + damaged.parts.writer().files().get(2).name();
            // When: a bit of any block but that of the last frame, of the parts that a CRC covers
            int frame = chance.nextInt(11);
            damaged.disk.flipBit(path, 4096L * (1 + frame) + chance.nextInt(3000), chance.nextInt(8));
            damaged.disk.kill();
            // Then
            try {
                damaged.restart();
            } catch (StorageException e) {
                assertThat(e.kind()).isEqualTo(StorageException.Kind.CORRUPT);
                assertThat(e).hasMessageContaining("frame " + (frame + 1) + " of the journal");
                assertThat(e).hasMessageContaining("at " + 4096 * (1 + frame) + " of journal-");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(35);
    }

    @Test
    void refusesWhenTheDiskIsFullAndGoesOnWhenThereIsRoom() {
        // Given
        journal.append(0, 100, 1, true);
        journal.endTurns();
        journal.drain();
        journal.disk.capacity(journal.disk.usedBytes() + 30_000);
        // When
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            try {
                journal.append(i % PARTITIONS, 1000, i, true);
            } catch (StorageException e) {
                assertThat(e.isDiskFull()).isTrue();
                refused++;
            }
            journal.endTurns();
            journal.drain();
        }
        assertThat(refused).isGreaterThan(300);
        // Then
        journal.disk.capacity(Long.MAX_VALUE);
        journal.prepareFiles();
        for (int i = 0; i < 50; i++) {
            journal.append(i % PARTITIONS, 1000, i, true);
        }
        journal.endTurns();
        journal.drain();
        int acknowledged = journal.acknowledgedCount();
        assertThat(acknowledged).isEqualTo(1 + 400 - refused + 50);
        journal.disk.crash(new Random(3));
        journal.restart();
        journal.verify(PARTITIONS);
    }

    @Test
    void triesAFileAgainThatFoundNoRoomWhenItWasSynced() {
        // Given
        journal.disk.failForce(StorageException.Kind.UNSYNCED_FOR_ROOM);
        // When, then
        assertThatThrownBy(journal.parts.files()::create)
                .isInstanceOfSatisfying(
                        StorageException.class, e -> assertThat(e.isDiskFull()).isTrue());
        journal.disk.failForce(null);
        assertThat(journal.parts.files().create().sizeBytes()).isPositive();
    }

    @Test
    void losesNothingThatIsOpenedWhileTheFirstCheckpointIsTaken() {
        // Given: what lay between was never journaled and is lost, so the log has a gap
        for (int i = 0; i < 5; i++) {
            journal.append(0, 500, i, false);
        }
        for (int i = 0; i < 5; i++) {
            journal.append(0, 500, i, true);
        }
        journal.endTurns();
        journal.drain();
        journal.disk.files().stream()
                .filter(path -> path.startsWith("partitions"))
                .forEach(path -> journal.disk.overwrite(path, new byte[0]));
        journal.disk.kill();
        journal.restart();
        // When
        journal.checkpoint(false, () -> journal.partition(0));
        journal.disk.kill();
        journal.restart();
        // Then
        journal.verify(1);
    }

    @Test
    void doesNotMixEpochsWhenItDiedJustAfterATruncation() {
        // Given
        appendSingles(0, 6, 1);
        journal.endTurns();
        journal.drain();
        // When
        journal.partition(0).messages().truncateTo(3);
        journal.append(0, 500, 33, false, 2);
        journal.disk.kill();
        journal.restart();
        Log survived = journal.partition(0).messages();
        long end = survived.logEndOffset();
        int epoch = survived.leaderEpochs().epochAt(3);
        loseSegments();
        journal.restart();
        // Then
        assertThat(end).isEqualTo(4);
        assertThat(epoch).isEqualTo(2);
        Log replayed = journal.partition(0).messages();
        assertThat(replayed.logEndOffset()).isEqualTo(4);
        assertThat(replayed.leaderEpochs().epochAt(3)).as("was journaled again").isEqualTo(2);
    }

    @Test
    void journalsAgainWhatWasAppendedBehindATruncationOfWhatWasCheckpointed() {
        // Given
        appendSingles(0, 6, 1);
        journal.endTurns();
        journal.drain();
        journal.checkpoint(false);
        journal.partition(0).messages().truncateTo(3);
        journal.append(0, 500, 33, false, 2);
        journal.settle(0, 80, 1);
        journal.endTurns();
        journal.drain();
        journal.disk.kill();
        // When
        journal.restart();
        long replayed = journal.parts.outcome().replayed();
        journal.disk.crash(new Random(2));
        journal.restart();
        // Then
        assertThat(replayed).isZero();
        assertThat(journal.partition(0).messages().logEndOffset()).isEqualTo(4);
        assertThat(journal.partition(0).messages().leaderEpochs().epochAt(3)).isEqualTo(2);
    }

    @Test
    void remembersTheGapThatARecoveryLeft() {
        // Given
        appendSingles(0, 3, 1);
        for (int i = 3; i < 6; i++) {
            journal.append(0, 500, 3L * i, false);
        }
        appendSingles(6, 7, 1);
        journal.endTurns();
        journal.drain();
        loseSegments();
        // When
        journal.restart();
        long found = journal.partition(0).messages().firstGap();
        journal.checkpoint(false);
        journal.disk.kill();
        journal.restart();
        long remembered = journal.partition(0).messages().firstGap();
        journal.partition(0).messages().truncateTo(3);
        journal.checkpoint(false);
        journal.disk.kill();
        journal.restart();
        // Then
        assertThat(found).isEqualTo(3);
        assertThat(remembered).isEqualTo(3);
        assertThat(journal.partition(0).messages().firstGap()).isEqualTo(-1);
        assertThat(journal.partition(0).messages().logEndOffset()).isEqualTo(3);
    }

    @Test
    void readsACheckpointOfTheFirstVersion() {
        // Given
        Checkpoint second = new Checkpoint(3, 4, 5, true, new TreeMap<>());
        second.points()
                .put(new LogKey(JournalHarness.TOPIC, 0, LogKind.MESSAGE), new LogPoint(1, 20, 3, 400, 5, 6, -1));
        second.points()
                .put(new LogKey(JournalHarness.TOPIC, 1, LogKind.DELIVERY), new LogPoint(2, 30, 4, 500, 6, 0, -1));
        byte[] bytes = second.encode(FormatLevel.newest()).array();
        int header = 8 + 3 * Long.BYTES + 4 + Integer.BYTES;
        int point = 16 + 4 + 1 + LogPoint.ENCODED_BYTES;
        ByteBuffer first = ByteBuffer.allocate(bytes.length - 2 * Long.BYTES);
        first.put(bytes, 0, header)
                .put(bytes, header, point - Long.BYTES)
                .put(bytes, header + point, point - Long.BYTES)
                .putShort(4, (short) 1);
        CRC32C crc = new CRC32C();
        crc.update(first.array(), 0, first.position());
        first.putInt((int) crc.getValue());
        // When
        Checkpoint read = Checkpoint.decode(first.flip());
        // Then
        assertThat(read).isEqualTo(second);
    }

    /** Durable batches of one message each. */
    private void appendSingles(int from, int to, int epoch) {
        for (int i = from; i < to; i++) {
            journal.append(0, 500, 3L * i, true, epoch);
        }
    }

    private void loseSegments() {
        journal.disk.kill();
        journal.disk.files().stream()
                .filter(path -> path.startsWith("partitions") && path.endsWith(".log"))
                .forEach(path -> journal.disk.overwrite(path, new byte[0]));
    }

    @Test
    void keepsNoFilesBytesWhenARecoveryHasReadThem() {
        // Given
        for (int i = 0; i < 60; i++) {
            journal.append(0, 9000, i, true);
            journal.endTurns();
            journal.drain();
        }
        journal.disk.kill();
        StorageDirectory directory = journal.disk.root().directory("journal");
        // When
        JournalRecovery.Found found = new JournalRecovery(directory, Checkpoint.read(directory)).run(entry -> {});
        // Then
        assertThat(found.live()).hasSizeGreaterThan(3);
        assertThat(found.live())
                .allSatisfy(file -> assertThat(file.scanner().heldBytes()).isZero());
    }

    @Test
    void survivesEveryCrash() {
        for (int seed = 0; seed < Integer.getInteger("millrace.crashes", 60); seed++) {
            try {
                crashes(new Random(seed), JournalHarness.Answers.WHEN_SYNCED);
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    @Test
    void findsAPlantedAnswerBeforeTheSync() {
        assertThatThrownBy(() -> {
                    for (int seed = 0; seed < 50; seed++) {
                        crashes(new Random(seed), JournalHarness.Answers.WHEN_WRITTEN);
                    }
                })
                .satisfiesAnyOf(
                        e -> assertThat(e).isInstanceOf(AssertionError.class).hasMessageContaining("acknowledged"),
                        e -> assertThat(e).isInstanceOf(StorageException.class));
    }

    /** Lives of random work, each ended by a crash at any point, or cleanly. */
    private static void crashes(Random chance, JournalHarness.Answers answers) {
        JournalHarness journal = new JournalHarness(SMALL, 1 + chance.nextInt(3), 4_000 + chance.nextInt(30_000));
        journal.answer(answers);
        journal.disk.pageBytes(chance.nextBoolean() ? 512 : 4096);
        for (int life = 0; life < 6; life++) {
            int steps = chance.nextInt(200);
            for (int step = 0; step < steps; step++) {
                int partition = chance.nextInt(PARTITIONS);
                switch (chance.nextInt(12)) {
                    case 0, 1, 2, 3 ->
                        journal.append(
                                partition,
                                chance.nextInt(2000),
                                chance.nextLong(),
                                partition > 0 || chance.nextBoolean());
                    case 4, 5 -> journal.settle(partition, chance.nextInt(300), chance.nextLong());
                    case 6 -> {
                        if (chance.nextInt(10) == 0) {
                            journal.append(partition, chance.nextInt(90_000), chance.nextLong(), true);
                        }
                    }
                    case 7, 8, 9 -> {
                        journal.endTurns();
                        if (chance.nextBoolean()) {
                            journal.drain();
                        }
                    }
                    case 10 -> {
                        if (chance.nextInt(4) == 0) {
                            journal.checkpoint(false);
                        }
                    }
                    default -> journal.drain();
                }
            }
            end(journal, chance);
            journal.restart();
            journal.verify(PARTITIONS);
        }
    }

    private static void end(JournalHarness journal, Random chance) {
        switch (chance.nextInt(4)) {
            case 0 -> {
                journal.closeCleanly();
                journal.disk.kill();
            }
            case 1 -> journal.disk.kill();
            case 2 -> journal.disk.crash(chance);
            default -> {
                journal.endTurns();
                JournalWrite write = journal.beginWrite();
                if (write != null) {
                    write.run();
                }
                journal.disk.crash(chance);
            }
        }
    }
}
