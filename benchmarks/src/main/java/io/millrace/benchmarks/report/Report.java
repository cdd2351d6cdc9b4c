package io.millrace.benchmarks.report;

import io.millrace.benchmarks.measure.Figures;
import io.millrace.benchmarks.measure.Sample;
import io.millrace.benchmarks.scenario.Column;
import io.millrace.benchmarks.scenario.ScenarioResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The results as a table for people and as JSON with every round's raw figures. Immutable. */
public record Report(Map<String, Object> conditions, List<ScenarioResult> results) {
    private static final String ABSENT = "-";

    public Report {
        conditions = new LinkedHashMap<>(conditions);
        results = List.copyOf(results);
    }

    public String table() {
        StringBuilder text = new StringBuilder();
        for (ScenarioResult result : results) {
            text.append('\n')
                    .append(result.scenario().name())
                    .append(": ")
                    .append(result.scenario().about())
                    .append('\n');
            result.failure()
                    .ifPresent(why -> text.append("  FAILED ").append(why).append('\n'));
            text.append(table(result));
        }
        return text.toString();
    }

    public String json() {
        Map<String, Object> document = new LinkedHashMap<>(conditions);
        document.put("scenarios", results.stream().map(Report::document).toList());
        return Json.write(document);
    }

    private static String table(ScenarioResult result) {
        List<Column> columns = result.scenario().columns();
        TextTable table = new TextTable();
        List<String> titles = new ArrayList<>(List.of(""));
        columns.forEach(column -> titles.add(column.title()));
        table.row(titles);
        for (ScenarioResult.Series series : result.series()) {
            List<String> row = new ArrayList<>(List.of(series.contender().label()));
            columns.forEach(column -> row.add(result.sample(series, column.figure())
                    .map(sample -> column.format(sample.median()))
                    .orElse(ABSENT)));
            table.row(row);
        }
        for (ScenarioResult.Series series : result.comparedSeries()) {
            List<String> row = new ArrayList<>(List.of(series.contender().label() + " / peer"));
            columns.forEach(column -> row.add(
                    column.compared()
                            ? result.ratio(series, column.figure())
                                    .map(Report::spread)
                                    .orElse(ABSENT)
                            : ""));
            table.row(row);
        }
        return table.render();
    }

    private static String spread(Sample ratios) {
        String median = String.format(Locale.ROOT, "%.2f", ratios.median());
        return ratios.values().size() == 1
                ? median
                : median + String.format(Locale.ROOT, " (%.2f-%.2f)", ratios.min(), ratios.max());
    }

    private static Map<String, Object> document(ScenarioResult result) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", result.scenario().name());
        document.put("about", result.scenario().about());
        result.failure().ifPresent(why -> document.put("failure", why));
        List<Object> contenders = new ArrayList<>();
        for (ScenarioResult.Series series : result.series()) {
            Map<String, Object> contender = new LinkedHashMap<>();
            contender.put("label", series.contender().label());
            contender.put("medians", medians(result, series));
            contender.put("ratiosToPeer", ratios(result, series));
            contender.put(
                    "rounds", series.rounds().stream().map(Figures::values).toList());
            contenders.add(contender);
        }
        document.put("contenders", contenders);
        return document;
    }

    private static Map<String, Object> medians(ScenarioResult result, ScenarioResult.Series series) {
        Map<String, Object> medians = new LinkedHashMap<>();
        for (Column column : result.scenario().columns()) {
            result.sample(series, column.figure()).ifPresent(sample -> medians.put(column.figure(), sample.median()));
        }
        return medians;
    }

    private static Map<String, Object> ratios(ScenarioResult result, ScenarioResult.Series series) {
        Map<String, Object> ratios = new LinkedHashMap<>();
        for (Column column : result.scenario().columns()) {
            Optional<Sample> ratio = column.compared() ? result.ratio(series, column.figure()) : Optional.empty();
            ratio.ifPresent(of -> ratios.put(column.figure(), of.median()));
        }
        return ratios;
    }
}
