package io.millrace.broker.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A deleted partition does not come back and stops no start, whenever the broker dies. */
final class DeletionTest {
    private static final JournalConfig SMALL = new JournalConfig(64 * 1024, 16 * 1024, 10, 256 * 1024);

    private final JournalHarness journal = new JournalHarness(SMALL, 2, 4_000);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void startsAfterAKillBehindADeletion(boolean checkpointed) {
        // Given
        fill(0, 10);
        fill(1, 10);
        if (checkpointed) {
            journal.checkpoint(false);
        }
        fill(0, 10);
        // When
        journal.delete(0);
        journal.disk.kill();
        journal.restart();
        // Then
        journal.verify(2);
    }

    @Test
    void endsADeletionThatWasCutShort() {
        for (int files = 0; files < 12; files++) {
            for (boolean powerLost : new boolean[] {false, true}) {
                // Given
                JournalHarness own = new JournalHarness(SMALL, 1, 4_000);
                fill(own, 0, 30);
                fill(own, 1, 5);
                own.checkpoint(false);
                fill(own, 0, 5);
                own.disk.killAfterDeletions(files);
                // When
                boolean killed = false;
                try {
                    own.delete(0);
                } catch (IllegalStateException e) {
                    killed = true;
                }
                if (powerLost) {
                    own.disk.crash(new Random(files));
                } else {
                    own.disk.kill();
                }
                own.restart();
                // Then
                assertThat(killed).isTrue();
                own.verify(2);
            }
        }
    }

    @Test
    void forgetsADeletionWhenNothingSpeaksOfIt() {
        // Given
        fill(0, 10);
        fill(1, 10);
        journal.checkpoint(false);
        fill(0, 10);
        journal.delete(0);
        int kept = journal.filesOf(0).size();
        // When
        for (int i = 0; i < 3; i++) {
            journal.endTurns();
            journal.drain();
            journal.checkpoint(false);
        }
        // Then
        assertThat(kept).isEqualTo(1);
        assertThat(journal.filesOf(0)).isEmpty();
        journal.disk.crash(new Random(1));
        journal.restart();
        journal.verify(2);
    }

    @Test
    void keepsATombstoneWhileFramesMayFollowThatSpeakOfThePartition() {
        // Given
        fill(1, 1);
        journal.append(0, 300, 1, true);
        journal.endTurns();
        journal.delete(0);
        // When: the entry waits to be written, for as long as it may
        for (int i = 0; i < 5; i++) {
            journal.checkpoint(false);
        }
        journal.drain();
        journal.disk.kill();
        journal.restart();
        // Then
        journal.verify(2);
        assertThat(journal.filesOf(0)).hasSize(1);
    }

    @Test
    void forgetsAnEarlierRunsDeletionAtTheFirstCheckpoint() {
        // Given
        fill(0, 10);
        journal.delete(0);
        journal.disk.kill();
        journal.restart();
        int kept = journal.filesOf(0).size();
        // When
        journal.checkpoint(false);
        // Then
        assertThat(kept).isEqualTo(1);
        assertThat(journal.filesOf(0)).isEmpty();
        journal.disk.kill();
        journal.restart();
        journal.verify(1);
    }

    @Test
    void deletesWhatOnlyRecoveryHasOpened() {
        // Given
        fill(0, 10);
        journal.checkpoint(false);
        fill(0, 10);
        journal.disk.kill();
        journal.restart();
        // When
        journal.deleteUnopened(0);
        journal.checkpoint(false);
        journal.checkpoint(false);
        journal.disk.kill();
        journal.restart();
        // Then
        journal.verify(1);
        assertThat(journal.filesOf(0)).isEmpty();
    }

    @Test
    void survivesEveryCrash() {
        for (int seed = 0; seed < 100; seed++) {
            try {
                crashes(new Random(seed));
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static void crashes(Random chance) {
        JournalHarness journal = new JournalHarness(SMALL, 1 + chance.nextInt(2), 4_000);
        int partitions = 3;
        for (int life = 0; life < 5; life++) {
            int steps = chance.nextInt(80);
            for (int step = 0; step < steps; step++) {
                int partition = chance.nextInt(partitions);
                int what = chance.nextInt(10);
                if (what == 0) {
                    journal.checkpoint(false);
                } else if (what == 1) {
                    journal.endTurns();
                } else if (what < 4) {
                    journal.drain();
                } else if (!journal.isDeleted(partition)) {
                    if (chance.nextInt(12) == 0) {
                        journal.delete(partition);
                        partitions++;
                    } else {
                        journal.append(partition, chance.nextInt(1500), chance.nextLong(), chance.nextInt(4) > 0);
                    }
                }
            }
            if (chance.nextBoolean()) {
                journal.disk.kill();
            } else {
                journal.disk.crash(chance);
            }
            journal.restart();
            journal.verify(partitions);
        }
    }

    private void fill(int partition, int batches) {
        fill(journal, partition, batches);
    }

    private static void fill(JournalHarness journal, int partition, int batches) {
        for (int i = 0; i < batches; i++) {
            journal.append(partition, 700, i, true);
            journal.settle(partition, 80, i);
        }
        journal.endTurns();
        journal.drain();
    }
}
