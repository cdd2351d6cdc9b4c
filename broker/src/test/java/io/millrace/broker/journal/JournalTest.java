package io.millrace.broker.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.log.StorageDirectory;
import io.millrace.broker.log.StorageException;
import java.util.Random;
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
