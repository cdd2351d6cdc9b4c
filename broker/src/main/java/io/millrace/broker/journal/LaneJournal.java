package io.millrace.broker.journal;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.log.DirtyLogs;
import io.millrace.broker.log.LogKey;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.StorageException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One lane's side of the journal: gathers the entries of a turn, hands them over at its end, and tells who waits for them. Tickets count the
 * lane's entries from 1 on. Owned by the lane.
 */
public final class LaneJournal {
    private final Lane lane;
    private final JournalIntake intake;
    private final DirtyLogs dirtyLogs;
    private final ArrayDeque<HandedOver> handedOver = new ArrayDeque<>();
    private final ArrayDeque<Dropped> dropped = new ArrayDeque<>();
    private List<JournalEntry> entries = new ArrayList<>();
    private Set<JournalListener> listeners = new LinkedHashSet<>();
    private long contentBytes;
    private boolean somebodyWaits;
    private long lastTicket;
    private long flushedTicket;
    private long waitingBytes;
    private boolean checkpointRequested;
    private @Nullable StorageException failure;

    /** Logs that were deleted, and up to which ticket the journal may hear of them. */
    private record Dropped(List<LogKey> logs, long lastTicket) {}

    /** A turn that is not durable yet, and who wants to know. */
    private record HandedOver(JournalTurn turn, Set<JournalListener> listeners) {}

    /**
     * @param lane which calls {@link #handOver} at the end of each turn
     * @param intake where turns go
     */
    public LaneJournal(Lane lane, JournalIntake intake) {
        this.lane = lane;
        this.intake = intake;
        this.dirtyLogs = new DirtyLogs(intake::mostOpenFiles);
    }

    /** The lane's unsynced logs. */
    public DirtyLogs dirtyLogs() {
        return dirtyLogs;
    }

    /** Throws what refuses an append of that kind now. To be asked before the log is written: what is in the log must be journaled. */
    public void ensureAccepting(LogKind kind) {
        StorageException refusal = failure != null ? failure : intake.refusal(kind);
        if (refusal != null) {
            throw refusal;
        }
    }

    /** Adds an entry to this turn. Returns its ticket; the listener hears of it later, never within this call. */
    public long append(JournalEntry entry, JournalListener listener) {
        if (failure != null) {
            throw failure;
        }
        if (entries.isEmpty()) {
            askForEndOfTurn();
        }
        entries.add(entry);
        listeners.add(listener);
        contentBytes += entry.content().remaining();
        waitingBytes += entry.content().remaining();
        return ++lastTicket;
    }

    /** Says that the turn's entries, and all before them, are wanted: at once if somebody waits, otherwise within some ms. */
    public void flush(boolean somebodyWaits) {
        if (somebodyWaits && flushedTicket < lastTicket) {
            this.somebodyWaits = true;
            if (entries.isEmpty()) {
                askForEndOfTurn();
            }
        }
    }

    /** Hands the turn's entries over, if there are any. Called by the lane at the end of each turn. */
    public void handOver() {
        if ((!entries.isEmpty() || somebodyWaits) && failure == null) {
            JournalTurn turn = new JournalTurn(this, entries, lastTicket, contentBytes, somebodyWaits);
            handedOver.addLast(new HandedOver(turn, listeners));
            entries = new ArrayList<>();
            listeners = new LinkedHashSet<>();
            contentBytes = 0;
            somebodyWaits = false;
            intake.submit(turn);
        }
        if (!checkpointRequested
                && (dirtyLogs.wantCheckpoint() || dirtyLogs.dirtyBytes() >= intake.checkpointBytes())) {
            checkpointRequested = true;
            intake.requestCheckpoint();
        }
    }

    /** The ticket up to which all is durable. */
    public long flushedTicket() {
        return flushedTicket;
    }

    /** How many bytes were handed over, or will be, and are not durable yet. */
    public long waitingBytes() {
        return waitingBytes;
    }

    // ---- the journal's shell

    /** The lane, to run what follows in. */
    public Lane lane() {
        return lane;
    }

    /** Entries up to this ticket are durable. In the lane. */
    public void onFlushed(long ticket) {
        Set<JournalListener> told = new LinkedHashSet<>();
        while (!handedOver.isEmpty() && handedOver.getFirst().turn().lastTicket() <= ticket) {
            HandedOver flushed = handedOver.removeFirst();
            flushedTicket = flushed.turn().lastTicket();
            release(flushed);
            told.addAll(flushed.listeners());
        }
        for (JournalListener listener : told) {
            listener.onFlushed(flushedTicket);
        }
    }

    /** The journal has failed. In the lane. */
    public void onFailed(StorageException cause) {
        if (failure != null) {
            return;
        }
        failure = cause;
        Set<JournalListener> told = new LinkedHashSet<>();
        handedOver.addLast(
                new HandedOver(new JournalTurn(this, entries, lastTicket, contentBytes, somebodyWaits), listeners));
        for (HandedOver lost : handedOver) {
            release(lost);
            told.addAll(lost.listeners());
        }
        handedOver.clear();
        entries = new ArrayList<>();
        listeners = new LinkedHashSet<>();
        for (JournalListener listener : told) {
            listener.onFailed(cause);
        }
    }

    /** Begins a checkpoint of this lane's logs. In the lane. */
    public DirtyLogs.Collected onCheckpoint() {
        checkpointRequested = false;
        DirtyLogs.Collected collected = dirtyLogs.collect();
        if (!collected.dropped().isEmpty()) {
            dropped.addLast(new Dropped(collected.dropped(), lastTicket));
        }
        List<LogKey> unjournaled = new ArrayList<>();
        while (!dropped.isEmpty() && dropped.getFirst().lastTicket() <= flushedTicket) {
            unjournaled.addAll(dropped.removeFirst().logs());
        }
        return new DirtyLogs.Collected(collected.syncs(), collected.dropped(), unjournaled);
    }

    /** A turn ends only if somebody wants it to; then {@link #handOver} is called. */
    private void askForEndOfTurn() {
        lane.endOfTurn(() -> {});
    }

    private void release(HandedOver turn) {
        waitingBytes -= turn.turn().contentBytes();
        for (JournalEntry entry : turn.turn().entries()) {
            entry.release().run();
        }
    }
}
