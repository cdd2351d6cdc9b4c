package io.millrace.benchmarks.scenario;

import io.millrace.benchmarks.broker.Brokers;
import io.millrace.benchmarks.client.LoadFailure;
import io.millrace.benchmarks.measure.Figures;
import io.millrace.benchmarks.measure.FlushTrace;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Runs scenarios: the contenders in turn, A B A B, each time from an empty directory with fresh processes. */
public final class Suite {
    private final Brokers brokers;
    private final Settings settings;
    private final Path directory;
    private final Progress progress;
    private final boolean tracing;
    private final Set<String> onlyContenders;

    /** {@code onlyContenders} limits the run to these labels; all when empty. */
    public Suite(
            Brokers brokers,
            Settings settings,
            Path directory,
            Progress progress,
            boolean tracing,
            Set<String> onlyContenders) {
        this.brokers = brokers;
        this.settings = settings;
        this.directory = directory;
        this.progress = progress;
        this.tracing = tracing;
        this.onlyContenders = Set.copyOf(onlyContenders);
    }

    public ScenarioResult run(Scenario scenario) throws InterruptedException {
        List<Contender> contenders = scenario.contenders().stream()
                .filter(contender -> onlyContenders.isEmpty() || onlyContenders.contains(contender.label()))
                .toList();
        Map<Contender, List<Figures>> rounds = new LinkedHashMap<>();
        contenders.forEach(contender -> rounds.put(contender, new ArrayList<>()));
        Optional<String> failure = Optional.empty();
        try {
            for (int round = 1; round <= settings.rounds(); round++) {
                for (Contender contender : contenders) {
                    progress.begin(
                            scenario.name() + " round " + round + "/" + settings.rounds() + " " + contender.label());
                    rounds.getOrDefault(contender, new ArrayList<>())
                            .add(runOnce(scenario, contender, settings, Optional.empty()));
                }
            }
            if (tracing && scenario.countsFlushes()) {
                for (Contender contender : contenders) {
                    progress.begin(scenario.name() + " counting fsyncs " + contender.label());
                    double flushes = countFlushes(scenario, contender);
                    rounds.computeIfPresent(contender, (key, figures) -> figures.stream()
                            .map(of -> of.with(Columns.FLUSHES, flushes))
                            .toList());
                }
            }
        } catch (IOException | LoadFailure e) {
            failure = Optional.of(progress.current() + ": " + e.getMessage());
            progress.failed(failure.get());
        }
        List<ScenarioResult.Series> series = new ArrayList<>();
        rounds.forEach((contender, figures) -> series.add(new ScenarioResult.Series(contender, figures)));
        return new ScenarioResult(scenario, series, failure);
    }

    private Figures runOnce(Scenario scenario, Contender contender, Settings with, Optional<Path> traces)
            throws IOException, InterruptedException {
        quiesce();
        Workbench bench = new Workbench(brokers, with, directory.resolve("run"), progress, traces);
        Figures figures;
        try {
            figures = scenario.run(contender, bench);
        } catch (IOException | LoadFailure e) {
            bench.abandon();
            throw e;
        }
        bench.close();
        return figures;
    }

    private double countFlushes(Scenario scenario, Contender contender) throws IOException, InterruptedException {
        Path traces = Files.createTempDirectory(directory, "flushes");
        Figures figures = runOnce(scenario, contender, settings.forTrace(), Optional.of(traces));
        long flushes = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(traces)) {
            for (Path file : files) {
                flushes += FlushTrace.count(file, figures.get("beginEpochSeconds"), figures.get("endEpochSeconds"));
                Files.delete(file);
            }
        }
        Files.delete(traces);
        return flushes / figures.get("messages");
    }

    /** What the last run left to be written must not be written during the next. */
    private void quiesce() throws IOException, InterruptedException {
        Files.createDirectories(directory);
        new ProcessBuilder("sync", "-f", directory.toString())
                .inheritIO()
                .start()
                .waitFor();
    }
}
