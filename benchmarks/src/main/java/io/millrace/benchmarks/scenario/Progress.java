package io.millrace.benchmarks.scenario;

import java.io.PrintStream;
import java.util.Locale;

/** Shows how far the benchmarks are: one line that changes on a terminal, else a line for each run. Safe for any thread. */
public final class Progress {
    private static final int BAR_LENGTH = 20;

    private final PrintStream out;
    private final boolean terminal;
    private final int runs;
    private int run;
    private String title = "";

    public Progress(PrintStream out, boolean terminal, int runs) {
        this.out = out;
        this.terminal = terminal;
        this.runs = runs;
    }

    /** A run begins. */
    public synchronized void begin(String newTitle) {
        run++;
        title = newTitle;
        if (terminal) {
            step(0, "starting the broker");
        } else {
            out.println(head());
        }
    }

    /** A part of the current run is done; {@code what} says which. */
    public synchronized void step(double fraction, String what) {
        if (terminal) {
            int full = (int) Math.round(fraction * BAR_LENGTH);
            String bar = "#".repeat(full) + ".".repeat(BAR_LENGTH - full);
            out.print("\r\u001b[K" + head() + " [" + bar + "] " + what);
            out.flush();
        }
    }

    public synchronized void failed(String why) {
        end();
        out.println("FAILED " + why);
    }

    /** Leaves the line free for what comes next. */
    public synchronized void end() {
        if (terminal) {
            out.print("\r\u001b[K");
            out.flush();
        }
    }

    /** The title of the current run. */
    public synchronized String current() {
        return title;
    }

    private String head() {
        return String.format(Locale.ROOT, "[%d/%d] %s", run, runs, title);
    }
}
