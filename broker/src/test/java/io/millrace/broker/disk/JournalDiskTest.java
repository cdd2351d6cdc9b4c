package io.millrace.broker.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.journal.JournalConfig;
import io.millrace.broker.log.LogSlice;
import io.millrace.protocol.record.RecordBatch;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal's threads on a real disk. */
final class JournalDiskTest {
    private static final JournalConfig SMALL = new JournalConfig(1 << 20, 256 * 1024, 10, 3 << 20);
    private static final int PARTITIONS = 4;

    @TempDir
    private Path directory;

    @Test
    void findsEverythingAfterACleanEnd() {
        List<RunningJournal.Appended> appended = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            // When
            try (RunningJournal running = new RunningJournal(directory, SMALL, PARTITIONS)) {
                assertThat(running.journal.recovery().clean()).isTrue();
                verify(running, appended);
                List<CompletableFuture<RunningJournal.Appended>> answers = new ArrayList<>();
                for (int i = 0; i < 3000; i++) {
                    answers.add(running.append(i % PARTITIONS, 100 + i, i));
                }
                answers.forEach(answer -> appended.add(RunningJournal.get(answer)));
                // Then
                assertThat(running.faults).isEmpty();
                assertThat(running.journal.syncs()).isLessThan(3000);
            }
        }
        try (RunningJournal running = new RunningJournal(directory, SMALL, PARTITIONS)) {
            verify(running, appended);
        }
    }

    @Test
    void keepsTheJournalFromGrowing() {
        try (RunningJournal running = new RunningJournal(directory, SMALL, PARTITIONS)) {
            for (int i = 0; i < 40; i++) {
                List<CompletableFuture<RunningJournal.Appended>> answers = new ArrayList<>();
                for (int j = 0; j < 10; j++) {
                    answers.add(running.append(j % PARTITIONS, 100_000, j));
                }
                answers.forEach(RunningJournal::get);
            }
        }
        // When 40 MB went through it
        new RunningJournal(directory, SMALL, PARTITIONS).close();
        // Then
        assertThat(new DiskDirectory(directory.resolve("journal")).list()).hasSizeLessThan(12);
    }

    @Test
    void losesNothingWhenKilledInALoop() throws Exception {
        Map<Integer, Map<Long, Integer>> acknowledged = new HashMap<>();
        Random chance = new Random(5);
        for (int round = 0; round < 4; round++) {
            // Given
            Process child = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx128m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            KilledWriter.class.getName(),
                            directory.toString(),
                            Integer.toString(round))
                    .redirectErrorStream(true)
                    .start();
            int until = 200 + chance.nextInt(4000);
            // When
            List<String> lines = new ArrayList<>();
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
                String line;
                while ((line = reader.readLine()) != null) {
                    lines.add(line);
                    if (lines.size() == until) {
                        child.toHandle().destroyForcibly(); // leaves the pipe open
                    }
                }
            }
            assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(lines).as("%s", lines).hasSizeGreaterThanOrEqualTo(until);
            lines.remove(lines.size() - 1); // may be half a line
            note(lines, acknowledged);
            // Then
            if (round % 2 == 1) {
                try (RunningJournal running = new RunningJournal(directory, SMALL, PARTITIONS)) {
                    assertThat(running.journal.recovery().clean()).isFalse();
                    acknowledged.forEach((partition, offsets) -> {
                        Map<Long, Integer> found = read(running, partition);
                        offsets.forEach((offset, crc) -> assertThat(found.get(offset))
                                .as("offset %d of partition %d", offset, partition)
                                .isEqualTo(crc));
                    });
                }
            }
        }
    }

    private static void note(List<String> lines, Map<Integer, Map<Long, Integer>> acknowledged) {
        for (String line : lines) {
            String[] parts = line.split(" ", -1);
            if (parts.length == 4 && parts[0].equals("durable")) {
                acknowledged
                        .computeIfAbsent(Integer.parseInt(parts[1]), p -> new HashMap<>())
                        .put(Long.parseLong(parts[2]), Integer.parseInt(parts[3]));
            }
        }
    }

    private static void verify(RunningJournal running, List<RunningJournal.Appended> appended) {
        Map<Integer, Map<Long, Integer>> found = new HashMap<>();
        for (RunningJournal.Appended batch : appended) {
            Map<Long, Integer> log = found.computeIfAbsent(batch.partition(), p -> read(running, p));
            assertThat(log.get(batch.offset())).isEqualTo(batch.crc());
        }
    }

    private static Map<Long, Integer> read(RunningJournal running, int partition) {
        return running.call(() -> {
            Map<Long, Integer> found = new HashMap<>();
            var log = running.messages(partition);
            long offset = log.logStartOffset();
            for (LogSlice slice = log.read(offset, 1 << 20, Long.MAX_VALUE);
                    slice != null;
                    slice = log.read(offset, 1 << 20, Long.MAX_VALUE)) {
                ByteBuffer bytes = slice.copy();
                for (int at = 0; at < bytes.limit(); ) {
                    RecordBatch batch = new RecordBatch(bytes, at);
                    found.put(batch.baseOffset(), batch.isIntact() ? batch.crc() : 0);
                    at = batch.end();
                }
                offset = slice.nextOffset();
                slice.release();
            }
            return found;
        });
    }

    /** The process that is killed: appends, and prints what is durable. */
    static final class KilledWriter {
        private KilledWriter() {}

        public static void main(String[] args) {
            RunningJournal running = new RunningJournal(Path.of(args[0]), SMALL, PARTITIONS);
            Random chance = new Random(Long.parseLong(args[1]));
            List<CompletableFuture<RunningJournal.Appended>> answers = new ArrayList<>();
            while (true) {
                answers.clear();
                int batches = 1 + chance.nextInt(20);
                for (int i = 0; i < batches; i++) {
                    answers.add(running.append(chance.nextInt(PARTITIONS), chance.nextInt(3000), chance.nextLong()));
                }
                StringBuilder lines = new StringBuilder();
                for (CompletableFuture<RunningJournal.Appended> answer : answers) {
                    RunningJournal.Appended at = RunningJournal.get(answer);
                    lines.append("durable " + at.partition() + " " + at.offset() + " " + at.crc() + "\n");
                }
                System.out.print(lines);
                System.out.flush();
            }
        }
    }
}
