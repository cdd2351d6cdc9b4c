package io.millrace.benchmarks.measure;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Numbers of the same thing from several rounds, and what they come to. Immutable, never empty. */
public record Sample(List<Double> values) {
    public Sample {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("a sample of nothing");
        }
        values = List.copyOf(values);
    }

    /** Round by round quotients of two samples taken in the same rounds: what drifts over time drops out. */
    public static Sample ratios(Sample numerators, Sample denominators) {
        if (numerators.values.size() != denominators.values.size()) {
            throw new IllegalArgumentException(
                    "ratios of " + numerators.values.size() + " rounds to " + denominators.values.size() + " rounds");
        }
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < numerators.values.size(); i++) {
            ratios.add(numerators.values.get(i) / denominators.values.get(i));
        }
        return new Sample(ratios);
    }

    /** The middle value, or the mean of the two in the middle. */
    public double median() {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    public double min() {
        return Collections.min(values);
    }

    public double max() {
        return Collections.max(values);
    }
}
