package io.millrace.broker.lane;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A lane of the test's own thread, under virtual time: {@link #turn} and {@link #advance} make it go on. */
public final class VirtualLane implements Lane {
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final ArrayDeque<Runnable> turnEnds = new ArrayDeque<>();
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::atMs).thenComparingLong(Timer::number));
    private long nowMs = 1_000_000;
    /** By how much the wall clock was set. */
    private long shiftMs;

    private long scheduled;

    private record Timer(long atMs, long number, Runnable task) {}

    /** Runs what waits until nothing does. */
    public void turn() {
        while (!tasks.isEmpty() || !turnEnds.isEmpty()) {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
            for (Runnable task = turnEnds.poll(); task != null; task = turnEnds.poll()) {
                task.run();
            }
        }
    }

    /** Lets time pass, and runs what comes due in it, each at its time. */
    public void advance(long ms) {
        turn();
        long untilMs = nowMs + ms;
        while (!timers.isEmpty() && timers.peek().atMs <= untilMs) {
            Timer due = timers.remove();
            nowMs = Math.max(nowMs, due.atMs);
            due.task.run();
            turn();
        }
        nowMs = untilMs;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public boolean inLane() {
        return true;
    }

    @Override
    public long nowMs() {
        return nowMs + shiftMs;
    }

    /** What a clock shows that nobody sets. */
    public long elapsedMs() {
        return nowMs;
    }

    /** Sets the wall clock forward or back. */
    public void shiftClock(long ms) {
        shiftMs += ms;
    }

    @Override
    public void schedule(long atMs, Runnable task) {
        timers.add(new Timer(atMs - shiftMs, scheduled++, task));
    }

    @Override
    public void endOfTurn(Runnable once) {
        turnEnds.add(once);
    }

    @Override
    public void afterTurn(Runnable once) {
        turnEnds.add(once);
    }
}
