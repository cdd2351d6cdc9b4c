package io.millrace.broker.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
