package io.millrace.broker.disk;

import io.millrace.broker.journal.JournalConfig;
import io.millrace.broker.journal.JournalFile;
import io.millrace.broker.journal.JournalIntake;
import io.millrace.broker.journal.JournalStartup;
import io.millrace.broker.journal.JournalTurn;
import io.millrace.broker.journal.JournalWriter;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.lane.Lane;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.PartitionStore;
import io.millrace.broker.log.StorageException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal of one disk at work: its thread, which writes and syncs; its keeper, which takes checkpoints; its filler, which makes files
 * ahead.
 *
 * <p>Use: {@link #open} recovers what the last run left; {@link #lane} for each lane; then partitions are opened from {@link #partitions}.
 * At the end, partitions are closed in their lanes, then {@link #close} leaves everything synced.
 *
 * <p>For any thread.
 */
public final class Journal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    /** Of one lane: less would be spent with opening and closing. */
    private static final int LEAST_OPEN_FILES = 16;

    private final JournalStartup parts;
    private final JournalConfig config;
    private final Consumer<StorageException> onFault;
    private final List<LaneJournal> lanes = new CopyOnWriteArrayList<>();
    private final Intake intake = new Intake();
    private final JournalThread thread;
    private final JournalFiller filler;
    private final CheckpointKeeper keeper;

    private Journal(JournalStartup parts, JournalConfig config, Consumer<StorageException> onFault) {
        this.parts = parts;
        this.config = config;
        this.onFault = onFault;
        this.thread = new JournalThread(parts.writer(), config, new Hooks());
        this.filler = new JournalFiller(parts.files(), thread);
        this.keeper = new CheckpointKeeper(parts.checkpointer(), config, thread, lanes, thread::abort);
    }

    /**
     * Recovers: reads the checkpoint, brings what the journal holds behind it into the logs, and begins a new file.
     *
     * @param onFault told, on one of the journal's threads, of a failure after which nothing can be made durable any more: the broker
     *     should stop
     * @throws StorageException of kind {@code CORRUPT} naming file, position and sequence if acknowledged bytes are damaged
     */
    public static Journal open(DataDirectory directory, JournalConfig config, Consumer<StorageException> onFault) {
        long beganNs = System.nanoTime();
        JournalStartup parts = JournalStartup.recover(directory.root(), config);
        long elapsedMs = (System.nanoTime() - beganNs) / 1_000_000;
        JournalStartup.Outcome outcome = parts.outcome();
        if (!outcome.clean()) {
            LOG.atInfo()
                    .addKeyValue("frames", outcome.frames())
                    .addKeyValue("entries", outcome.entries())
                    .addKeyValue("replayed", outcome.replayed())
                    .addKeyValue("cutBytes", outcome.cutBytes())
                    .addKeyValue("ms", elapsedMs)
                    .log("recovered after an unclean end");
        }
        Journal journal = new Journal(parts, config, onFault);
        journal.thread.start();
        journal.keeper.start(outcome.clean());
        return journal;
    }

    /** The partitions on this disk. */
    public PartitionStore partitions() {
        return parts.partitions();
    }

    /** A new lane's side of the journal. The lane calls {@link LaneJournal#handOver} at the end of each turn. */
    public LaneJournal lane(Lane lane) {
        LaneJournal journal = new LaneJournal(lane, intake);
        lanes.add(journal);
        return journal;
    }

    /** Asks for a checkpoint soon: tombstones of deleted partitions go with the second one. */
    public void requestCheckpoint() {
        keeper.request();
    }

    /** What recovery found, for the log and for metrics. */
    public JournalStartup.Outcome recovery() {
        return parts.outcome();
    }

    /** How many bytes were written since the start. */
    public long writtenBytes() {
        return thread.writtenBytes();
    }

    /** How many syncs of the journal there were since the start. */
    public long syncs() {
        return thread.syncs();
    }

    /**
     * Writes what was handed over, takes a last checkpoint, which marks a clean shutdown, and stops the threads. The lanes must still run
     * their tasks, and append no more.
     */
    @Override
    public void close() {
        thread.finish();
        join(thread);
        keeper.close(thread.failure() == null);
        filler.close();
        for (JournalFile file : parts.writer().files()) {
            file.file().close();
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What lanes reach. */
    private final class Intake implements JournalIntake {
        @Override
        public void submit(JournalTurn turn) {
            StorageException failure = thread.failure();
            LaneJournal lane = turn.lane();
            if (failure != null && lane != null) {
                lane.lane().execute(() -> lane.onFailed(failure));
            } else {
                thread.submit(turn);
            }
        }

        @Override
        public @Nullable StorageException refusal(LogKind kind) {
            return thread.refusal(kind);
        }

        @Override
        public long checkpointBytes() {
            return config.checkpointBytes();
        }

        @Override
        public int mostOpenFiles() {
            return Math.max(LEAST_OPEN_FILES, config.mostOpenFiles() / Math.max(1, lanes.size()));
        }

        @Override
        public void requestCheckpoint() {
            keeper.request();
        }
    }

    /** What the journal's thread reaches. */
    private final class Hooks implements JournalThread.Hooks {
        @Override
        public void flushed(JournalWriter.Flushed flushed) {
            flushed.lane().lane().execute(() -> flushed.lane().onFlushed(flushed.ticket()));
        }

        @Override
        public void fileNeeded() {
            filler.request();
        }

        @Override
        public void delete(List<JournalFile> files) {
            filler.delete(files);
        }

        @Override
        public void written(long bytes) {
            keeper.onWritten(bytes);
        }

        @Override
        public void failed(StorageException cause) {
            LOG.error("the journal has failed: nothing more is acknowledged as durable", cause);
            for (LaneJournal lane : lanes) {
                lane.lane().execute(() -> lane.onFailed(cause));
            }
            onFault.accept(cause);
        }
    }
}
