package io.millrace.simulation.kernel;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What happened in a run, as a rolling hash of every event and, where somebody wants to read, as text. Two runs of one seed have the
 * same hash, or something in them was left to chance. The text is built only if it is kept, so a trace costs next to nothing.
 */
public final class Trace {
    /** How many of the last lines are kept for the report of a failure. */
    private static final int KEPT_LINES = 400;

    private final boolean text;
    private final @Nullable Appendable out;
    private final Deque<String> lastLines = new ArrayDeque<>();
    private long hash = 0xcbf29ce484222325L;
    private long events;

    private Trace(boolean text, @Nullable Appendable out) {
        this.text = text;
        this.out = out;
    }

    /** A trace of the hash alone. */
    public static Trace hashOnly() {
        return new Trace(false, null);
    }

    /** A trace that keeps its last lines. */
    public static Trace keeping() {
        return new Trace(true, null);
    }

    /** A trace that writes all lines somewhere too. */
    public static Trace to(Appendable out) {
        return new Trace(true, out);
    }

    /** Whether text is kept: where a detail is costly to tell, ask before. */
    public boolean isText() {
        return text;
    }

    /** Takes an event: who, what, and its numbers. */
    public void event(long nowNs, String who, String what, long... numbers) {
        mix(nowNs);
        mix(who.hashCode());
        mix(what.hashCode());
        for (long number : numbers) {
            mix(number);
        }
        events++;
        if (text) {
            line(nowNs, who, what, numbers);
        }
    }

    /** Takes bytes that passed by, such as a frame, into the hash. */
    public void content(byte[] bytes) {
        long h = hash;
        for (byte b : bytes) {
            h = (h ^ (b & 0xff)) * 0x100000001b3L;
        }
        hash = h;
    }

    /** The hash of all events so far. */
    public long hash() {
        return hash;
    }

    /** How many events there were. */
    public long events() {
        return events;
    }

    /** The last lines, if text is kept. */
    public String tail() {
        return String.join("\n", lastLines);
    }

    private void mix(long value) {
        long h = hash ^ value;
        h *= 0x9e3779b97f4a7c15L;
        hash = h ^ (h >>> 29);
    }

    private void line(long nowNs, String who, String what, long[] numbers) {
        StringBuilder line = new StringBuilder(80);
        line.append(nowNs / 1_000_000_000).append('.');
        String micros = Long.toString(nowNs / 1000 % 1_000_000);
        line.append("0".repeat(6 - micros.length()))
                .append(micros)
                .append(' ')
                .append(who)
                .append(": ");
        line.append(what);
        for (long number : numbers) {
            line.append(' ').append(number);
        }
        if (lastLines.size() == KEPT_LINES) {
            lastLines.removeFirst();
        }
        lastLines.addLast(line.toString());
        if (out != null) {
            try {
                out.append(line).append('\n');
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }
}
