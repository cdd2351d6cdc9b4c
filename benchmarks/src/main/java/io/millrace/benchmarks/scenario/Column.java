package io.millrace.benchmarks.scenario;

import java.util.Locale;

/** A figure as a column of the table. A compared column also appears as a ratio to the peer. */
public record Column(String title, String figure, int decimals, boolean compared) {
    static Column of(String title, String figure, int decimals) {
        return new Column(title, figure, decimals, false);
    }

    Column andCompared() {
        return new Column(title, figure, decimals, true);
    }

    public String format(double value) {
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
