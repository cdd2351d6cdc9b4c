package io.millrace.benchmarks.client;

import io.millrace.benchmarks.measure.Figures;
import java.io.PrintStream;
import java.util.Locale;

/** What a client process tells the one that started it, a line each: how far it is, its figures, why it failed. */
public final class ClientOutput {
    public static final String PROGRESS = "progress ";
    public static final String FIGURES = "figures ";
    public static final String FAILED = "failed ";

    private final PrintStream out;

    ClientOutput(PrintStream out) {
        this.out = out;
    }

    /** Says that {@code done} of {@code total} is done; {@code what} says of what, and how fast. */
    void progress(double done, double total, String what) {
        line(PROGRESS + String.format(Locale.ROOT, "%.4f %s", total <= 0 ? 1.0 : Math.min(done / total, 1), what));
    }

    void progress(long done, long total, String what) {
        progress((double) done, (double) total, what);
    }

    void figures(Figures figures) {
        line(FIGURES + figures.toLine());
    }

    void failed(String why) {
        line(FAILED + why.replace('\n', ' '));
    }

    private synchronized void line(String text) {
        out.println(text);
        out.flush();
    }
}
