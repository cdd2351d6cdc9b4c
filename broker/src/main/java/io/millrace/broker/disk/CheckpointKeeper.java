package io.millrace.broker.disk;

import io.millrace.broker.journal.Checkpointer;
import io.millrace.broker.journal.JournalConfig;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.log.DirtyLogs;
import io.millrace.broker.log.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes checkpoints, in a thread of its own: when the journal or a lane's unsynced logs have grown by {@link
 * JournalConfig#checkpointBytes}, when files can be deleted behind one, every now and then, and at the end. For any thread.
 */
final class CheckpointKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointKeeper.class);
    /** However little there is to sync: what is not synced costs the next start a scan. */
    private static final long INTERVAL_MS = 30_000;
    /** After an unclean end there is something to sync, and nobody may come to say so. */
    private static final long FIRST_MS = 3_000;

    private static final long RETRY_MS = 1_000;
    private static final long END_TIMEOUT_MS = 10_000;

    private final Checkpointer checkpointer;
    private final JournalConfig config;
    private final JournalThread journal;
    private final List<LaneJournal> lanes;
    private final BackgroundThread thread;
    private final AtomicBoolean requested = new AtomicBoolean();
    private volatile long writtenAtLast;
    private boolean lacksRoom; // of the thread

    CheckpointKeeper(
            Checkpointer checkpointer,
            JournalConfig config,
            JournalThread journal,
            List<LaneJournal> lanes,
            Consumer<StorageException> onFailure) {
        this.checkpointer = checkpointer;
        this.config = config;
        this.journal = journal;
        this.lanes = lanes;
        this.thread = new BackgroundThread("millrace-checkpoint", onFailure);
    }

    /** @param clean whether there is nothing that an earlier run left to sync */
    void start(boolean clean) {
        thread.executeAfter(INTERVAL_MS, this::repeat);
        if (!clean) {
            thread.executeAfter(FIRST_MS, this::request);
        }
    }

    private void repeat() {
        request();
        thread.executeAfter(INTERVAL_MS, this::repeat);
    }

    /** The journal has written so many bytes by now. */
    void onWritten(long bytes) {
        if (bytes - writtenAtLast >= config.checkpointBytes()) {
            request();
        }
    }

    /** Asks for a checkpoint. Asked again before it has begun, it does nothing. */
    void request() {
        if (requested.compareAndSet(false, true)) {
            thread.execute(this::takeRequested);
        }
    }

    private void takeRequested() {
        requested.set(false);
        if (journal.failure() != null) {
            return;
        }
        try {
            take(false);
            if (lacksRoom) {
                lacksRoom = false;
                LOG.info("the disk has room for checkpoints again");
            }
        } catch (StorageException e) {
            if (!e.isDiskFull()) {
                throw e;
            }
            if (!lacksRoom) { // once, for each try would add to what fills the disk
                lacksRoom = true;
                LOG.warn("the disk has no room for a checkpoint: it is tried again until there is", e);
            }
            thread.executeAfter(RETRY_MS, this::request);
        }
    }

    private void take(boolean last) {
        long written = journal.writtenBytes();
        Checkpointer.Round round = checkpointer.begin(journal.nextSequence());
        List<DirtyLogs.Collected> all = collect(last);
        if (all == null) {
            LOG.warn("a lane does not answer: this is no clean shutdown");
            return;
        }
        all.forEach(round::sync);
        if (last || round.hasNews() || written != writtenAtLast) {
            writtenAtLast = written;
            journal.retire(round.complete(journal.durableSequence(), last));
        }
    }

    /** Asks each lane for what it has not synced. Null if one does not answer at the end, when lanes may be gone. */
    private @Nullable List<DirtyLogs.Collected> collect(boolean last) {
        BlockingQueue<DirtyLogs.Collected> answers = new LinkedBlockingQueue<>();
        List<LaneJournal> asked = List.copyOf(lanes);
        for (LaneJournal lane : asked) {
            lane.lane().execute(() -> answers.add(lane.onCheckpoint()));
        }
        List<DirtyLogs.Collected> collected = new ArrayList<>();
        try {
            while (collected.size() < asked.size()) {
                DirtyLogs.Collected answer =
                        last ? answers.poll(END_TIMEOUT_MS, TimeUnit.MILLISECONDS) : answers.take();
                if (answer == null) {
                    return null;
                }
                collected.add(answer);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
        return collected;
    }

    /** Ends, with a last checkpoint if nothing has failed. */
    void close(boolean sound) {
        boolean ended = thread.end(END_TIMEOUT_MS);
        if (!ended) {
            LOG.warn("a checkpoint does not end: this is no clean shutdown");
        }
        if (sound && ended) {
            try {
                take(true);
            } catch (StorageException e) {
                LOG.error("the last checkpoint has failed: this is no clean shutdown", e);
            }
        }
    }
}
