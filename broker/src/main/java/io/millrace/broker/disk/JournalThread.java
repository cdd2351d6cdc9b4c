package io.millrace.broker.disk;

import io.millrace.broker.journal.JournalConfig;
import io.millrace.broker.journal.JournalFile;
import io.millrace.broker.journal.JournalTurn;
import io.millrace.broker.journal.JournalWrite;
import io.millrace.broker.journal.JournalWriter;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.StorageException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * The thread that writes the journal. It takes all turns that wait, of all lanes, writes them as one frame, syncs once, and tells each lane. What
 * arrives meanwhile waits for the next round, so the busier the broker, the more share a sync.
 *
 * <p>Other threads hand it turns, files and the outcome of checkpoints; what it tells is volatile.
 */
final class JournalThread extends Thread {
    private static final int QUEUE_CHUNK = 1024;

    /** How full the files at hand may get before messages are refused when there is no room for another one. */
    private static final long MESSAGE_RESERVE_BYTES = 4 << 20;
    /** Settlements make room, so they go on for longer. */
    private static final long DELIVERY_RESERVE_BYTES = 1 << 20;

    private static final int RUNNING = 0;
    /** Parked until somebody hands something over. */
    private static final int IDLE = 1;
    /** Parked for company that entries may wait for which nobody waits for. */
    private static final int LINGERING = 2;

    private final JournalWriter writer;
    private final JournalConfig config;
    private final Hooks hooks;
    private final MpscUnboundedArrayQueue<JournalTurn> turns = new MpscUnboundedArrayQueue<>(QUEUE_CHUNK);
    private final Queue<JournalFile> newFiles = new ConcurrentLinkedQueue<>();
    private final AtomicInteger state = new AtomicInteger(RUNNING);
    private volatile long retireBelow;
    private volatile boolean closing;
    private volatile @Nullable StorageException aborted;
    private volatile boolean diskFull;
    private volatile @Nullable StorageException failure;
    private volatile @Nullable StorageException messageRefusal;
    private volatile @Nullable StorageException deliveryRefusal;
    private volatile long nextSequence;
    private volatile long durableSequence;
    private volatile long writtenBytes;
    private final AtomicLong syncs = new AtomicLong();
    private long retiredBelow;
    private long lingerUntilNs;
    private boolean lingers;
    /** A frame that found no room on the disk: it is tried again when a file could be made. */
    private @Nullable JournalWrite stuck;

    /** What others do for it. */
    interface Hooks {
        /** Entries of a lane are durable. */
        void flushed(JournalWriter.Flushed flushed);

        /** A file should be made, and given by {@link #addFile}. May be asked again before it is. */
        void fileNeeded();

        /** Files are needless. */
        void delete(List<JournalFile> files);

        /** So many bytes were written since the thread began. */
        void written(long bytes);

        /** Nothing more is written. */
        void failed(StorageException cause);
    }

    JournalThread(JournalWriter writer, JournalConfig config, Hooks hooks) {
        super("millrace-journal");
        this.writer = writer;
        this.config = config;
        this.hooks = hooks;
        this.nextSequence = writer.nextSequence();
        this.durableSequence = writer.durableSequence();
    }

    // ---- from other threads

    void submit(JournalTurn turn) {
        turns.offer(turn);
        if (turn.somebodyWaits()) {
            wake();
        } else if (state.get() == IDLE) {
            wake();
        }
    }

    /** Gives a file that was made. */
    void addFile(JournalFile file) {
        newFiles.add(file);
        diskFull = false;
        wake();
    }

    /** Says that a file could not be made, as the disk is full. */
    void onDiskFull() {
        diskFull = true;
        wake();
    }

    /** A checkpoint has made frames below a sequence needless. */
    void retire(long below) {
        retireBelow = below;
        wake();
    }

    /** Writes what was handed over, and ends. */
    void finish() {
        closing = true;
        wake();
    }

    /** Writes nothing more: the logs can not be made durable, so the journal can not be trimmed. */
    void abort(StorageException cause) {
        aborted = cause;
        wake();
    }

    @Nullable
    StorageException refusal(LogKind kind) {
        return switch (kind) {
            case MESSAGE -> messageRefusal;
            case DELIVERY -> deliveryRefusal;
        };
    }

    @Nullable
    StorageException failure() {
        return failure;
    }

    /** The sequence of the next frame, at some moment before now. */
    long nextSequence() {
        return nextSequence;
    }

    /** The highest sequence that is on disk, at some moment before now. */
    long durableSequence() {
        return durableSequence;
    }

    long writtenBytes() {
        return writtenBytes;
    }

    /** How many syncs there were. */
    long syncs() {
        return syncs.get();
    }

    private void wake() {
        if (state.get() != RUNNING) {
            LockSupport.unpark(this);
        }
    }

    // ---- the thread

    @Override
    public void run() {
        try {
            while (!isDone()) {
                takeInputs();
                if (!writeNext()) {
                    await();
                }
            }
        } catch (StorageException e) {
            fail(e);
        } catch (RuntimeException | Error e) {
            fail(new StorageException(StorageException.Kind.FAILED, "the journal's thread has died: " + e, e));
        }
    }

    private boolean isDone() {
        return closing && turns.isEmpty() && (!writer.hasWork() || diskFull);
    }

    private void takeInputs() {
        StorageException cause = aborted;
        if (cause != null) {
            throw cause;
        }
        turns.drain(writer::add);
        for (JournalFile file = newFiles.poll(); file != null; file = newFiles.poll()) {
            writer.addFile(file);
        }
        if (retireBelow > retiredBelow) {
            retiredBelow = retireBelow;
            List<JournalFile> surplus = writer.retire(retiredBelow);
            if (!surplus.isEmpty()) {
                hooks.delete(surplus);
            }
        }
        if (writer.needsFile()) {
            hooks.fileNeeded();
        }
        refuseOrNot();
    }

    /** False if there is nothing to write now. */
    private boolean writeNext() {
        JournalWrite write = stuck;
        if (write == null) {
            if (!isDue()) {
                return false;
            }
            write = writer.begin();
        }
        if (write == null) {
            return false;
        }
        nextSequence = writer.nextSequence();
        try {
            write.run();
        } catch (StorageException e) {
            if (!e.isDiskFull()) {
                throw e;
            }
            stuck = write;
            diskFull = true;
            hooks.fileNeeded();
            refuseOrNot();
            return false;
        }
        stuck = null;
        write.file().force();
        syncs.incrementAndGet();
        List<JournalWriter.Flushed> flushed = writer.onSynced();
        durableSequence = writer.durableSequence();
        writtenBytes = writer.writtenBytes();
        lingers = false;
        for (JournalWriter.Flushed lane : flushed) {
            hooks.flushed(lane);
        }
        hooks.written(writtenBytes);
        return true;
    }

    private boolean isDue() {
        if (!writer.hasWork()) {
            lingers = false;
            return false;
        }
        if (writer.isUrgent() || closing) {
            return true;
        }
        if (!lingers) {
            lingers = true;
            lingerUntilNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(config.lingerMs());
        }
        return System.nanoTime() - lingerUntilNs >= 0;
    }

    private void await() {
        state.set(lingers ? LINGERING : IDLE);
        if (hasInput()) {
            state.set(RUNNING);
            return;
        }
        if (lingers) {
            LockSupport.parkNanos(this, Math.max(1, lingerUntilNs - System.nanoTime()));
        } else if (closing) {
            LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(1)); // for the file that is being made
        } else {
            LockSupport.park(this);
        }
        state.set(RUNNING);
    }

    /** What a wake-up would have told that came before the state was set. */
    private boolean hasInput() {
        return !turns.isEmpty() || !newFiles.isEmpty() || retireBelow > retiredBelow || aborted != null;
    }

    private void refuseOrNot() {
        boolean full = diskFull && (writer.needsFile() || stuck != null);
        long room = full ? writer.roomBytes() : Long.MAX_VALUE;
        messageRefusal = refusal(room < MESSAGE_RESERVE_BYTES, messageRefusal);
        deliveryRefusal = refusal(room < DELIVERY_RESERVE_BYTES, deliveryRefusal);
    }

    private static @Nullable StorageException refusal(boolean refuse, @Nullable StorageException present) {
        if (!refuse) {
            return null;
        }
        return present != null
                ? present
                : new StorageException(
                        StorageException.Kind.DISK_FULL, "the disk has no room for the journal to grow", null);
    }

    private void fail(StorageException cause) {
        failure = cause;
        messageRefusal = cause;
        deliveryRefusal = cause;
        hooks.failed(cause);
    }
}
