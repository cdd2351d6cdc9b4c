package io.millrace.broker.journal;

import io.millrace.broker.log.DirtyLogs;
import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.StorageException;
import java.util.concurrent.Executor;

/**
 * One lane's side of the journal: gathers the entries of a turn, hands them over at its end, and tells who waits for them. Tickets count the
 * lane's entries from 1 on. Owned by the lane.
 */
@SuppressWarnings("DoNotCallSuggester") // signatures first: the bodies follow at once and remove this
public final class LaneJournal {
    /**
     * @param lane runs what the journal reports
     * @param intake where turns go
     */
    public LaneJournal(Executor lane, JournalIntake intake) {}

    /** The lane's unsynced logs. */
    public DirtyLogs dirtyLogs() {
        throw new UnsupportedOperationException();
    }

    /** Throws what refuses an append of that kind now. To be asked before the log is written: what is in the log must be journaled. */
    public void ensureAccepting(LogKind kind) {
        throw new UnsupportedOperationException();
    }

    /** Adds an entry to this turn. Returns its ticket; the listener hears of it later, never within this call. */
    public long append(JournalEntry entry, JournalListener listener) {
        throw new UnsupportedOperationException();
    }

    /** Says that the turn's entries, and all before them, are wanted: at once if somebody waits, otherwise within some ms. */
    public void flush(boolean somebodyWaits) {
        throw new UnsupportedOperationException();
    }

    /** Hands the turn's entries over, if there are any. Called by the lane at the end of each turn. */
    public void handOver() {
        throw new UnsupportedOperationException();
    }

    /** The ticket up to which all is durable. */
    public long flushedTicket() {
        throw new UnsupportedOperationException();
    }

    /** How many bytes were handed over, or will be, and are not durable yet. */
    public long waitingBytes() {
        throw new UnsupportedOperationException();
    }

    // ---- the journal's shell

    /** What runs tasks in the lane. */
    public Executor lane() {
        throw new UnsupportedOperationException();
    }

    /** Turns up to this ticket are durable. In the lane. */
    public void onFlushed(long ticket) {
        throw new UnsupportedOperationException();
    }

    /** The journal has failed. In the lane. */
    public void onFailed(StorageException cause) {
        throw new UnsupportedOperationException();
    }
}
