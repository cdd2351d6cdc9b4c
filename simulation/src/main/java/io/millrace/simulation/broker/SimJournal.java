package io.millrace.simulation.broker;

import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.journal.JournalConfig;
import io.millrace.broker.journal.JournalFile;
import io.millrace.broker.journal.JournalIntake;
import io.millrace.broker.journal.JournalStartup;
import io.millrace.broker.journal.JournalTurn;
import io.millrace.broker.journal.JournalWrite;
import io.millrace.broker.journal.JournalWriter;
import io.millrace.broker.journal.LaneJournal;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.PartitionStore;
import io.millrace.broker.log.StorageException;
import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The journal at work under virtual time: what the journal's thread does, where a write and its sync take a drawn while, and beside it the
 * {@link SimKeeper}.
 */
final class SimJournal implements JournalIntake {
    private static final int MAX_FRAME_BYTES = 64 << 10;
    private static final long LINGER_MS = 10;
    private static final long HOP_NS = 50 * Kernel.MICRO;
    private static final long MESSAGE_RESERVE_BYTES = 32 << 10;
    private static final long DELIVERY_RESERVE_BYTES = 16 << 10;

    private final BrokerProcess.Machine machine;
    private final Kernel kernel;
    private final Life life;
    private final String name;
    private final Chance chance;
    private final JournalConfig config;
    private final Consumer<StorageException> fault;
    private final JournalStartup startup;
    private final JournalWriter writer;
    private final SimKeeper keeper;
    private final List<LaneJournal> laneJournals = new ArrayList<>();
    private final Deque<Runnable> whenIdle = new ArrayDeque<>();
    private final Deque<JournalTurn> submitted = new ArrayDeque<>();
    private boolean writing;
    private boolean lingering;
    private boolean isUrgedOn;
    private @Nullable JournalWrite stuck;
    private boolean diskFull;
    private @Nullable StorageException failure;

    private SimJournal(
            BrokerProcess.Machine machine,
            Life life,
            String name,
            Chance chance,
            List<SimLane> lanes,
            Consumer<StorageException> fault) {
        this.machine = machine;
        this.kernel = machine.kernel();
        this.life = life;
        this.name = name + " journal";
        this.chance = chance;
        this.fault = fault;
        this.config = new JournalConfig(
                machine.sizes().journalFileBytes(),
                MAX_FRAME_BYTES,
                LINGER_MS,
                machine.sizes().checkpointBytes(),
                FormatLevel.newest(),
                machine.sizes().mostOpenFiles());
        this.startup = JournalStartup.recover(machine.disk().mount(), config);
        this.writer = startup.writer();
        this.keeper = new SimKeeper(kernel, life, name + " keeper", chance.split(), this, startup, lanes);
        for (SimLane lane : lanes) {
            LaneJournal journal = new LaneJournal(lane, this);
            laneJournals.add(journal);
            lane.atHandOver(journal::handOver);
        }
        JournalStartup.Outcome outcome = startup.outcome();
        kernel.note(
                this.name, "recovered", outcome.frames(), outcome.entries(), outcome.replayed(), outcome.cutBytes());
    }

    /** Recovers what the last run left. */
    static SimJournal open(
            BrokerProcess.Machine machine,
            Life life,
            String name,
            Chance chance,
            List<SimLane> lanes,
            Consumer<StorageException> fault) {
        return new SimJournal(machine, life, name, chance, lanes, fault);
    }

    LaneJournal lane(int number) {
        return laneJournals.get(number);
    }

    List<LaneJournal> lanes() {
        return laneJournals;
    }

    PartitionStore partitions() {
        return startup.partitions();
    }

    JournalWriter writer() {
        return writer;
    }

    long drawFlushNs() {
        return chance.skewed(20 * Kernel.MICRO, machine.longestFlushNs().getAsLong());
    }

    /** Writes what was handed over, takes a last checkpoint, and tells. */
    void close(Runnable closed) {
        whenIdle.add(() -> keeper.finish(closed));
        pumpLater();
    }

    // ---- the lanes' side

    @Override
    public void submit(JournalTurn turn) {
        submitted.add(turn);
        kernel.after(chance.skewed(0, HOP_NS), life, name, "turns", () -> {
            while (!submitted.isEmpty() && failure == null) {
                writer.add(PlantedTurns.of(machine.bug(), submitted.remove()));
            }
            pump();
        });
    }

    @Override
    public @Nullable StorageException refusal(LogKind kind) {
        if (failure != null) {
            return failure;
        }
        long reserve = kind == LogKind.MESSAGE ? MESSAGE_RESERVE_BYTES : DELIVERY_RESERVE_BYTES;
        return diskFull && writer.needsFile() && writer.roomBytes() < reserve
                ? new StorageException(StorageException.Kind.DISK_FULL, "the disk has no room for the journal", null)
                : null;
    }

    @Override
    public long checkpointBytes() {
        return config.checkpointBytes();
    }

    @Override
    public int mostOpenFiles() {
        return config.mostOpenFiles();
    }

    @Override
    public void requestCheckpoint() {
        keeper.request();
    }

    // ---- the keeper's side

    void addFile(JournalFile file) {
        writer.addFile(file);
        diskFull = false;
        pump();
    }

    void onDiskFull() {
        diskFull = true;
        pump();
    }

    void retire(long replayFrom) {
        keeper.delete(writer.retire(replayFrom));
        pump();
    }

    void fail(StorageException cause) {
        if (failure != null) {
            return;
        }
        kernel.note(name, "fails: " + cause.kind());
        failure = cause;
        for (LaneJournal journal : laneJournals) {
            journal.lane().execute(() -> journal.onFailed(cause));
        }
        fault.accept(cause);
    }

    // ---- the thread

    private void pumpLater() {
        kernel.after(chance.skewed(0, HOP_NS), life, name, "wakes up", this::pump);
    }

    private void pump() {
        if (failure != null || writing) {
            return;
        }
        if (writer.needsFile()) {
            keeper.makeFile();
        }
        if (stuck == null && !writer.hasWork()) {
            while (!whenIdle.isEmpty()) {
                whenIdle.remove().run();
            }
            return;
        }
        if (stuck == null && !writer.isUrgent() && whenIdle.isEmpty() && !isUrgedOn) {
            linger();
            return;
        }
        JournalWrite write = stuck != null ? stuck : writer.begin();
        if (write != null) {
            write(write);
        }
    }

    private void linger() {
        if (!lingering) {
            lingering = true;
            kernel.after(LINGER_MS * Kernel.MILLI, life, name, "has lingered", () -> {
                lingering = false;
                isUrgedOn = true;
                pump();
            });
        }
    }

    private void write(JournalWrite write) {
        stuck = null;
        isUrgedOn = false;
        boolean dropped = machine.bug() == PlantedBug.DROP_JOURNAL_FRAME && chance.chance(0.02);
        try {
            if (!dropped) {
                write.run();
            }
        } catch (StorageException e) {
            if (!e.isDiskFull()) {
                fail(e);
                return;
            }
            stuck = write;
            diskFull = true;
            keeper.makeFile();
            return;
        }
        writing = true;
        if (machine.bug() == PlantedBug.ACKNOWLEDGE_BEFORE_FLUSH) {
            tell(writer.onSynced());
        }
        kernel.after(drawFlushNs(), life, name, "flushed", () -> flushed(write));
    }

    private void flushed(JournalWrite write) {
        writing = false;
        if (failure != null) {
            return;
        }
        try {
            write.file().force();
        } catch (StorageException e) {
            fail(e);
            return;
        }
        if (machine.bug() != PlantedBug.ACKNOWLEDGE_BEFORE_FLUSH) {
            tell(writer.onSynced());
        }
        keeper.onWritten(writer.writtenBytes());
        pump();
    }

    private void tell(List<JournalWriter.Flushed> flushed) {
        for (JournalWriter.Flushed each : flushed) {
            LaneJournal journal = each.lane();
            journal.lane().execute(() -> journal.onFlushed(each.ticket()));
        }
    }
}
