package io.millrace.broker.journal;

import io.millrace.broker.log.LogKind;
import io.millrace.broker.log.StorageException;
import org.jspecify.annotations.Nullable;

/** Where lanes hand their turns over: the journal's shell. For any lane. */
public interface JournalIntake {
    /** Takes a turn. Answers in the lane, by {@link LaneJournal#onFlushed} or {@link LaneJournal#onFailed}. */
    void submit(JournalTurn turn);

    /** Why nothing of that kind is taken now, or null: the disk is full (for now), or the journal has failed (for ever). */
    @Nullable
    StorageException refusal(LogKind kind);

    /** How many unsynced bytes of logs make a lane ask for a checkpoint. */
    long checkpointBytes();

    /** How many files the logs of one lane may hold open. */
    default int mostOpenFiles() {
        return Integer.MAX_VALUE;
    }

    /** Asks for a checkpoint soon: a lane has many unsynced bytes or files, or files that can be deleted behind one. */
    void requestCheckpoint();
}
