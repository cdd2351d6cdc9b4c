package io.millrace.broker.journal;

import io.millrace.broker.log.PartitionStore;
import io.millrace.broker.log.RecoveryPoints;
import io.millrace.broker.log.StorageDirectory;
import io.millrace.broker.log.StorageException;
import java.util.List;

/**
 * A journal that goes on from what an earlier run left: its parts, for the shell that runs them. Each part is owned as its own page says.
 *
 * @param partitions what is on the disk, recovered
 * @param writer at the end of the journal, with a file ready if there was room for one
 * @param files makes further files
 * @param checkpointer takes checkpoints
 * @param outcome what was found
 */
public record JournalStartup(
        PartitionStore partitions,
        JournalWriter writer,
        JournalFiles files,
        Checkpointer checkpointer,
        Outcome outcome) {
    private static final String JOURNAL = "journal";
    private static final String PARTITIONS = "partitions";
    /** A crash while a file was made leaves less; not worth using. */
    private static final long LEAST_FILE_BYTES = 16 * JournalFormat.BLOCK_BYTES;

    /**
     * What a start found.
     *
     * @param clean whether the last run ended with a clean shutdown
     * @param frames how many frames of the journal were read
     * @param entries how many entries they held
     * @param replayed how many of those were missing in their logs and were appended
     * @param cutBytes how many bytes of torn frames were dropped
     */
    public record Outcome(boolean clean, long frames, long entries, long replayed, long cutBytes) {}

    /**
     * Recovers: reads the checkpoint, brings what the journal holds behind it into the logs, and begins a new generation.
     *
     * @throws StorageException of kind {@code CORRUPT}, naming file, position and sequence, if acknowledged bytes are damaged
     */
    public static JournalStartup recover(StorageDirectory root, JournalConfig config) {
        boolean fresh = !root.exists(PARTITIONS) || !root.exists(JOURNAL);
        StorageDirectory journal = root.directory(JOURNAL);
        StorageDirectory partitionDirectories = root.directory(PARTITIONS);
        if (fresh) {
            root.sync();
        }
        Checkpoint checkpoint = Checkpoint.read(journal);
        RecoveryPoints points = new RecoveryPoints(checkpoint.points());
        PartitionStore partitions = new PartitionStore(partitionDirectories, points, config.mostOpenFilesOfRecovery());
        LogReplay replay = new LogReplay(partitions);
        JournalRecovery.Found found = new JournalRecovery(journal, checkpoint).run(replay::onEntry);
        if (found.unsynced() != null) {
            found.unsynced().file().force();
        }
        JournalFiles files = new JournalFiles(journal, config);
        JournalWriter writer = new JournalWriter(config, found.generation() + 1, found.nextSequence());
        giveFiles(writer, files, found);
        boolean room = beginGeneration(writer, files);
        journalAgain(writer, files, replay.unjournaled(room ? config.maxFrameBytes() : 0));
        partitions.releaseRecoveredFiles();
        return new JournalStartup(
                partitions,
                writer,
                files,
                new Checkpointer(journal, points, partitions, found.generation() + 1, config.formats()),
                new Outcome(
                        checkpoint.clean() && found.frames() == 0,
                        found.frames(),
                        found.entries(),
                        replay.replayed(),
                        found.cutBytes()));
    }

    private static void giveFiles(JournalWriter writer, JournalFiles files, JournalRecovery.Found found) {
        for (JournalRecovery.FileState live : found.live()) {
            writer.addLive(live.file(), live.firstSequence());
        }
        for (JournalRecovery.FileState spare : found.spare()) {
            if (spare.file().sizeBytes() < LEAST_FILE_BYTES || !writer.wantsReady()) {
                files.delete(spare.file());
            } else {
                writer.addFile(spare.file());
            }
        }
    }

    /** False if there is no room for a file. */
    private static boolean beginGeneration(JournalWriter writer, JournalFiles files) {
        JournalWrite write = writer.beginGeneration();
        if (write == null && addFile(writer, files)) {
            write = writer.beginGeneration();
        }
        if (write == null) {
            return false;
        }
        finish(writer, write);
        return true;
    }

    private static boolean addFile(JournalWriter writer, JournalFiles files) {
        try {
            writer.addFile(files.create());
            return true;
        } catch (StorageException e) {
            if (e.isDiskFull()) {
                return false;
            }
            throw e;
        }
    }

    /** Writes entries before anybody is served. What finds no room stays with the writer. */
    private static void journalAgain(JournalWriter writer, JournalFiles files, List<JournalEntry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        long bytes =
                entries.stream().mapToLong(entry -> entry.content().remaining()).sum();
        writer.add(new JournalTurn(null, entries, 0, bytes, true));
        while (writer.hasWork()) {
            JournalWrite write = writer.begin();
            if (write != null) {
                finish(writer, write);
            } else if (!addFile(writer, files)) {
                return;
            }
        }
    }

    private static void finish(JournalWriter writer, JournalWrite write) {
        write.run();
        write.file().force();
        writer.onSynced();
    }
}
