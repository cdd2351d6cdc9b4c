package io.millrace.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LatencyTest {
    @Test
    void tellsPercentilesInMicroseconds() {
        // Given
        Latency latency = new Latency();
        for (int i = 1; i <= 1000; i++) {
            latency.record(i * 1_000L);
        }

        // When
        Figures figures = latency.figures();

        // Then
        assertThat(figures.get("p50")).isCloseTo(500, within(1.0));
        assertThat(figures.get("p99")).isCloseTo(990, within(2.0));
        assertThat(figures.get("max")).isCloseTo(1000, within(2.0));
    }

    @Test
    void tellsNothingOfNothing() {
        assertThat(new Latency().figures()).isEqualTo(Figures.NONE);
    }
}
