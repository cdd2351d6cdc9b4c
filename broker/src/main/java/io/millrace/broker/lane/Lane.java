package io.millrace.broker.lane;

/**
 * One thread's worth of the broker: partitions and connections are pinned to a lane and are touched only there, so none of them needs a
 * lock. A lane works in turns. A turn takes whatever inputs wait (frames, flushes, timers, calls from other lanes), then runs what was
 * asked for by {@link #endOfTurn}, hands one journal frame over, runs what was asked for by {@link #afterTurn}, and sends what was
 * written to connections.
 *
 * <p>{@link #execute} and {@link #inLane} are for any thread; the others are called in the lane only.
 */
public interface Lane {
    /** Runs a task in the lane, as an input of a turn to come. Tasks of one caller keep their order. */
    void execute(Runnable task);

    /** Whether the calling thread is this lane's. */
    boolean inLane();

    /** The wall clock, in ms since the epoch. */
    long nowMs();

    /**
     * Runs a task in the lane when the clock shows {@code atMs}, or a little later; never in this turn, so that inputs which wait by now
     * are taken before.
     */
    void schedule(long atMs, Runnable task);

    /**
     * Runs a task when the inputs of this turn have been taken, before the journal frame is handed over. A task may ask for another,
     * which still belongs to this turn.
     */
    void endOfTurn(Runnable once);

    /** Runs a task after the journal frame of this turn was handed over, before connections are flushed: the place to join answers. */
    void afterTurn(Runnable once);
}
