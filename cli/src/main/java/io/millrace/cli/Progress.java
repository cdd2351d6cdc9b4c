package io.millrace.cli;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * How many messages were done and how fast, rewritten in place on a terminal twice a second; silent where stderr is no
 * terminal. Owned by the thread that does the work.
 */
final class Progress {
    private static final long STEP_NS = 500_000_000;
    private static final double NS_PER_S = 1e9;

    private final PrintWriter err;
    private final String done;
    private final long startedNs = System.nanoTime();
    private final boolean shown;
    private long nextNs = startedNs + STEP_NS;
    private long lastNs = startedNs;
    private long lastCount;
    private boolean dirty;

    private Progress(PrintWriter err, String done, boolean shown) {
        this.err = err;
        this.done = done;
        this.shown = shown;
    }

    /** The progress of something that prints nothing; {@code done} says what it does: sent. */
    static Progress of(PrintWriter err, String done) {
        return new Progress(err, done, Terminal.isStderr());
    }

    /** The progress of something that prints, which is progress enough on a terminal. */
    static Progress besideOutput(PrintWriter err, String done) {
        return new Progress(err, done, Terminal.isStderr() && !Terminal.isStdout());
    }

    /** Says that so many are done by now. */
    void update(long count) {
        if (!shown) {
            return;
        }
        long nowNs = System.nanoTime();
        if (nowNs < nextNs) {
            return;
        }
        double rate = (count - lastCount) * NS_PER_S / (nowNs - lastNs);
        err.print(String.format(Locale.ROOT, "\r%s %,d messages, %,.0f a second   ", done, count, rate));
        err.flush();
        dirty = true;
        lastNs = nowNs;
        lastCount = count;
        nextNs = nowNs + STEP_NS;
    }

    /** Removes the line, so that something else can be printed. */
    void clear() {
        if (dirty) {
            err.print("\r\033[K");
            err.flush();
            dirty = false;
        }
    }

    /** The last line: all that was done, and how fast on the whole where that says something. */
    String total(long count) {
        clear();
        double seconds = (System.nanoTime() - startedNs) / NS_PER_S;
        String line = String.format(Locale.ROOT, "%s %,d %s", done, count, count == 1 ? "message" : "messages");
        return count < 100
                ? line
                : line + String.format(Locale.ROOT, " in %.1f s, %,.0f a second", seconds, count / seconds);
    }
}
