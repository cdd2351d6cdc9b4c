package io.millrace.simulation.broker;

import io.millrace.broker.lane.Lane;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * A lane under virtual time: inputs gather for a drawn while, as they do while a thread is busy, and are then taken in one turn.
 */
final class SimLane implements Lane {
    private static final long SHORTEST_GATHERING_NS = Kernel.MICRO;
    private static final long LONGEST_GATHERING_NS = 300 * Kernel.MICRO;

    private final Kernel kernel;
    private final Life life;
    private final String name;
    private final Chance chance;
    private final LongSupplier clockShiftMs;
    private final Deque<Runnable> inputs = new ArrayDeque<>();
    private final Deque<Runnable> atEnd = new ArrayDeque<>();
    private final Deque<Runnable> afterEnd = new ArrayDeque<>();
    private final List<Runnable> handOvers = new ArrayList<>();
    private boolean turnAsked;
    private boolean inTurn;
    private long stalledUntilNs;

    SimLane(Kernel kernel, Life life, String name, Chance chance, LongSupplier clockShiftMs) {
        this.clockShiftMs = clockShiftMs;
        this.kernel = kernel;
        this.life = life;
        this.name = name;
        this.chance = chance;
    }

    /** Names what hands the turn's journal frame over. */
    void atHandOver(Runnable handOver) {
        handOvers.add(handOver);
    }

    /** Takes no input for a while, like a process that collects garbage. */
    void stall(long forNs) {
        stalledUntilNs = Math.max(stalledUntilNs, kernel.nowNs() + forNs);
    }

    @Override
    public void execute(Runnable task) {
        inputs.add(task);
        if (!turnAsked) {
            turnAsked = true;
            long gatheringNs = chance.skewed(SHORTEST_GATHERING_NS, LONGEST_GATHERING_NS);
            long delayNs = Math.max(gatheringNs, stalledUntilNs - kernel.nowNs());
            kernel.after(delayNs, life, name, "turn", this::turn);
        }
    }

    @Override
    public boolean inLane() {
        return inTurn;
    }

    @Override
    public long nowMs() {
        return kernel.nowMs() + clockShiftMs.getAsLong();
    }

    @Override
    public void schedule(long atMs, Runnable task) {
        long delayNs = Math.max(0, atMs - nowMs()) * Kernel.MILLI + chance.skewed(0, 2 * Kernel.MILLI);
        kernel.after(delayNs, life, name, "timer", () -> execute(task));
    }

    @Override
    public void endOfTurn(Runnable once) {
        requireTurn();
        atEnd.add(once);
    }

    @Override
    public void afterTurn(Runnable once) {
        requireTurn();
        afterEnd.add(once);
    }

    private void turn() {
        turnAsked = false;
        if (kernel.nowNs() < stalledUntilNs) {
            turnAsked = true;
            kernel.after(stalledUntilNs - kernel.nowNs(), life, name, "turn", this::turn);
            return;
        }
        inTurn = true;
        try {
            for (int count = inputs.size(); count > 0; count--) {
                run(inputs.removeFirst());
            }
            drain(atEnd);
            for (Runnable handOver : handOvers) {
                run(handOver);
            }
            drain(afterEnd);
        } finally {
            inTurn = false;
        }
        if (!inputs.isEmpty() && !turnAsked) {
            Runnable first = inputs.removeFirst();
            execute(first);
        }
    }

    private void drain(Deque<Runnable> tasks) {
        while (!tasks.isEmpty()) {
            run(tasks.removeFirst());
        }
    }

    private void run(Runnable task) {
        if (!life.hasEnded()) {
            task.run();
        }
    }

    private void requireTurn() {
        if (!inTurn) {
            throw new IllegalStateException("outside a turn of " + name);
        }
    }
}
