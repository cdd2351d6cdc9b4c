package io.millrace.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.benchmarks.measure.Figures;
import io.millrace.benchmarks.scenario.Scenario;
import io.millrace.benchmarks.scenario.ScenarioResult;
import io.millrace.benchmarks.scenario.Scenarios;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportTest {
    private final Scenario scenario = Scenarios.named("kafka-sync");

    @Test
    void showsMediansAndRatios() {
        // Given
        ScenarioResult result = new ScenarioResult(
                scenario, List.of(series(0, 3000, 5000, 4000), series(1, 1000, 1000, 1000)), Optional.empty());

        // When
        String table = new Report(Map.of(), List.of(result)).table();

        // Then
        assertThat(table.lines()
                        .filter(line -> line.startsWith("millrace "))
                        .toList()
                        .get(0))
                .contains("4,000");
        assertThat(table).containsPattern("millrace / peer +4\\.00 \\(3\\.00-5\\.00\\)");
    }

    @Test
    void keepsEveryRoundAndTheFailure() {
        // Given
        ScenarioResult result = new ScenarioResult(scenario, List.of(series(0, 1, 2)), Optional.of("lost 1"));

        // When
        Report report = new Report(Map.of("started", "now"), List.of(result));

        // Then
        assertThat(report.json())
                .contains("\"rate\": 1", "\"rate\": 2", "\"failure\": \"lost 1\"", "\"started\": \"now\"");
        assertThat(report.table()).contains("FAILED lost 1");
    }

    private ScenarioResult.Series series(int contender, double... rates) {
        List<Figures> rounds = java.util.Arrays.stream(rates)
                .mapToObj(rate -> Figures.NONE.with("rate", rate))
                .toList();
        return new ScenarioResult.Series(scenario.contenders().get(contender), rounds);
    }
}
