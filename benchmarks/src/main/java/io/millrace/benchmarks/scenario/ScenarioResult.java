package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.measure.Figures;
import io.millrace.benchmarks.measure.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** What all rounds of a scenario gave, or why they were not finished. Immutable. */
public record ScenarioResult(Scenario scenario, List<Series> series, Optional<String> failure) {
    /** One contender's rounds. */
    public record Series(Contender contender, List<Figures> rounds) {
        public Series {
            rounds = List.copyOf(rounds);
        }

        /** The figure over the rounds, if every round has it. */
        Optional<Sample> sample(String figure) {
            List<Double> values = new ArrayList<>();
            for (Figures round : rounds) {
                OptionalDouble value = round.find(figure);
                if (value.isEmpty()) {
                    return Optional.empty();
                }
                values.add(value.getAsDouble());
            }
            return values.isEmpty() ? Optional.empty() : Optional.of(new Sample(values));
        }
    }

    public ScenarioResult {
        series = List.copyOf(series);
    }

    public Optional<Sample> sample(Series of, String figure) {
        return of.sample(figure);
    }

    /** The contenders but for the last, with whom they are compared. */
    public List<Series> comparedSeries() {
        return series.isEmpty() ? List.of() : series.subList(0, series.size() - 1);
    }

    /** The contender's figure divided by the peer's, round by round; empty for the peer itself. */
    public Optional<Sample> ratio(Series of, String figure) {
        Series peer = series.get(series.size() - 1);
        if (of.equals(peer)) {
            return Optional.empty();
        }
        Optional<Sample> ours = of.sample(figure);
        Optional<Sample> theirs = peer.sample(figure);
        if (ours.isEmpty()
                || theirs.isEmpty()
                || ours.get().values().size() != theirs.get().values().size()) {
            return Optional.empty();
        }
        return Optional.of(Sample.ratios(ours.get(), theirs.get()));
    }
}
