package io.millrace.benchmarks.measure;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Durations of one kind, recorded by one thread at a time and summed up as percentiles in microseconds. */
public final class Latency {
    private static final long LONGEST_NS = TimeUnit.MINUTES.toNanos(2);
    private static final int DIGITS = 3;

    private final Histogram nanos = new Histogram(LONGEST_NS, DIGITS);

    public void record(long durationNs) {
        nanos.recordValue(Math.min(Math.max(durationNs, 0), LONGEST_NS));
    }

    public void add(Latency other) {
        nanos.add(other.nanos);
    }

    public long count() {
        return nanos.getTotalCount();
    }

    /** Named p50, p99, p999 and max; nothing when nothing was recorded. */
    public Figures figures() {
        if (nanos.getTotalCount() == 0) {
            return Figures.NONE;
        }
        return Figures.NONE
                .with("p50", micros(50))
                .with("p99", micros(99))
                .with("p999", micros(99.9))
                .with("max", nanos.getMaxValue() / 1000.0);
    }

    private double micros(double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1000.0;
    }
}
