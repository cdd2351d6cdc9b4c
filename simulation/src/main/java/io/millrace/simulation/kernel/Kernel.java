package io.millrace.simulation.kernel;

import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time, and the queue of what is to happen in it. Everything in a run is an event of one kernel, taken in the order of time and,
 * at one time, in the order in which it was asked for. Nothing outside decides anything: one seed is one run.
 *
 * <p>A failure is thrown out of {@link #step}, from the event in which it happened.
 */
public final class Kernel {
    public static final long MICRO = 1_000;
    public static final long MILLI = 1_000_000;
    public static final long SECOND = 1_000_000_000;

    /** The wall clock's time when a run begins: a moment in 2026. */
    private static final long BEGIN_MS = 1_790_000_000_000L;

    private final long seed;
    private final Trace trace;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long nowNs;
    private long sequence;
    private long clockShiftMs;

    public Kernel(long seed, Trace trace) {
        this.seed = seed;
        this.trace = trace;
    }

    public long seed() {
        return seed;
    }

    public Trace trace() {
        return trace;
    }

    /** Virtual time since the run began. */
    public long nowNs() {
        return nowNs;
    }

    /** The wall clock: virtual time, shifted when somebody sets the clock. */
    public long nowMs() {
        return BEGIN_MS + clockShiftMs + nowNs / MILLI;
    }

    /** Sets the wall clock forward or back. */
    public void shiftClock(long byMs) {
        clockShiftMs += byMs;
        note("kernel", "clock set by ms", byMs);
    }

    /** A component's stream of chance. */
    public Chance chance(String component) {
        return Chance.of(seed, component);
    }

    /** Writes into the trace. */
    public void note(String who, String what, long... numbers) {
        trace.event(nowNs, who, what, numbers);
    }

    /** Lets something happen after a while, unless {@code life} has ended by then. */
    public void after(long delayNs, Life life, String who, String what, Runnable action) {
        if (delayNs < 0) {
            throw new IllegalArgumentException("delay of " + delayNs + " ns for " + who + " " + what);
        }
        if (life.hasEnded()) {
            return;
        }
        events.add(new Event(nowNs + delayNs, sequence++, life, who, what, action));
    }

    /** Lets the next thing happen. Answers whether there was one. */
    public boolean step() {
        Event event = next();
        if (event == null) {
            return false;
        }
        nowNs = event.atNs;
        note(event.who, event.what);
        event.action.run();
        return true;
    }

    /** Runs until a condition holds, time is up, or nothing is left to happen. Answers whether the condition holds. */
    public boolean runUntil(BooleanSupplier condition, long forNs) {
        long untilNs = nowNs + forNs;
        while (!condition.getAsBoolean()) {
            Event event = peek();
            if (event == null || event.atNs > untilNs) {
                nowNs = untilNs;
                return condition.getAsBoolean();
            }
            step();
        }
        return true;
    }

    /** The same, but looks at the condition now and then only: for one that costs much. */
    public boolean runUntil(BooleanSupplier condition, long lookEveryNs, long forNs) {
        long untilNs = nowNs + forNs;
        while (!condition.getAsBoolean()) {
            if (nowNs >= untilNs) {
                return false;
            }
            runFor(Math.min(lookEveryNs, untilNs - nowNs));
        }
        return true;
    }

    /** Runs for a while. */
    public void runFor(long forNs) {
        runUntil(() -> false, forNs);
    }

    private @Nullable Event next() {
        Event event = peek();
        return event == null ? null : events.poll();
    }

    private @Nullable Event peek() {
        Event event = events.peek();
        while (event != null && (event.life.hasEnded() || event.life.isPaused(event.atNs))) {
            events.poll();
            if (!event.life.hasEnded()) {
                events.add(event.at(event.life.pausedUntilNs()));
            }
            event = events.peek();
        }
        return event;
    }

    private record Event(long atNs, long sequence, Life life, String who, String what, Runnable action)
            implements Comparable<Event> {
        Event at(long laterNs) {
            return new Event(laterNs, sequence, life, who, what, action);
        }

        @Override
        public int compareTo(Event other) {
            return atNs != other.atNs ? Long.compare(atNs, other.atNs) : Long.compare(sequence, other.sequence);
        }
    }
}
