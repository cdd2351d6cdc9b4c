package io.millrace.simulation.broker;

import io.millrace.broker.journal.Checkpointer;
import io.millrace.broker.journal.JournalFile;
import io.millrace.broker.journal.JournalStartup;
import io.millrace.broker.log.DirtyLogs;
import io.millrace.broker.log.StorageException;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.ArrayList;
import java.util.List;

/** The journal's keeper under virtual time: takes checkpoints, makes files ahead, deletes needless ones. */
final class SimKeeper {
    private static final long RETRY_NS = 100 * Kernel.MILLI;
    private static final long REST_NS = 5 * Kernel.MILLI;

    private final Kernel kernel;
    private final Life life;
    private final String name;
    private final Chance chance;
    private final SimJournal journal;
    private final JournalStartup startup;
    private final List<SimLane> lanes;
    private boolean makingFile;
    private boolean checkpointing;
    private boolean requested;
    private long checkpointedBytes;

    SimKeeper(
            Kernel kernel,
            Life life,
            String name,
            Chance chance,
            SimJournal journal,
            JournalStartup startup,
            List<SimLane> lanes) {
        this.kernel = kernel;
        this.life = life;
        this.name = name;
        this.chance = chance;
        this.journal = journal;
        this.startup = startup;
        this.lanes = lanes;
    }

    void makeFile() {
        if (makingFile) {
            return;
        }
        makingFile = true;
        after("makes a file", () -> {
            try {
                JournalFile made = startup.files().create();
                makingFile = false;
                journal.addFile(made);
            } catch (StorageException e) {
                if (!e.isDiskFull()) {
                    journal.fail(e);
                    return;
                }
                journal.onDiskFull();
                kernel.after(RETRY_NS, life, name, "tries again", () -> {
                    makingFile = false;
                    if (journal.writer().needsFile()) {
                        makeFile();
                    }
                });
            }
        });
    }

    void delete(List<JournalFile> files) {
        if (!files.isEmpty()) {
            after("deletes files", () -> files.forEach(startup.files()::delete));
        }
    }

    /** So many bytes were written to the journal. */
    void onWritten(long bytes) {
        if (bytes - checkpointedBytes >= journal.checkpointBytes()) {
            checkpointedBytes = bytes;
            request();
        }
    }

    /** Asks for a checkpoint. */
    void request() {
        requested = true;
        if (!checkpointing) {
            checkpointing = true;
            kernel.after(REST_NS, life, name, "begins a checkpoint", () -> {
                requested = false;
                checkpoint(false, () -> {
                    checkpointing = false;
                    if (requested) {
                        request();
                    }
                });
            });
        }
    }

    /** Takes the last checkpoint. */
    void finish(Runnable done) {
        if (checkpointing) {
            kernel.after(RETRY_NS, life, name, "waits for a checkpoint", () -> finish(done));
            return;
        }
        checkpointing = true;
        checkpoint(true, done);
    }

    private void checkpoint(boolean last, Runnable done) {
        guarded(last, done, () -> {
            Checkpointer.Round round =
                    startup.checkpointer().begin(journal.writer().nextSequence());
            collect(round, 0, new ArrayList<>(), last, done);
        });
    }

    private void collect(
            Checkpointer.Round round, int lane, List<DirtyLogs.Collected> all, boolean last, Runnable done) {
        if (lane == lanes.size()) {
            sync(round, all, 0, last, done);
            return;
        }
        lanes.get(lane).execute(() -> {
            all.add(journal.lane(lane).onCheckpoint());
            after("has collected", () -> collect(round, lane + 1, all, last, done));
        });
    }

    private void sync(Checkpointer.Round round, List<DirtyLogs.Collected> all, int at, boolean last, Runnable done) {
        if (at == all.size()) {
            guarded(last, done, () -> {
                journal.retire(round.complete(journal.writer().durableSequence(), last));
                kernel.note(name, "has taken a checkpoint", journal.writer().durableSequence());
                done.run();
            });
            return;
        }
        kernel.after(
                journal.drawFlushNs(),
                life,
                name,
                "syncs",
                () -> guarded(last, done, () -> {
                    round.sync(all.get(at));
                    sync(round, all, at + 1, last, done);
                }));
    }

    /** Does a part of a checkpoint; if the disk is full the whole is tried again later. */
    private void guarded(boolean last, Runnable done, Runnable work) {
        try {
            work.run();
        } catch (StorageException e) {
            if (!e.isDiskFull()) {
                journal.fail(e);
                return;
            }
            checkpointing = false;
            Runnable again = last ? () -> finish(done) : this::request;
            kernel.after(RETRY_NS, life, name, "tries a checkpoint again", again);
        }
    }

    private void after(String what, Runnable work) {
        kernel.after(chance.skewed(0, Kernel.MILLI), life, name, what, work);
    }
}
