package io.millrace.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SampleTest {
    @Test
    void medianOfAnOddNumberIsTheMiddleValue() {
        assertThat(new Sample(List.of(9.0, 1.0, 5.0)).median()).isEqualTo(5.0);
    }

    @Test
    void medianOfAnEvenNumberIsTheMeanOfTheTwoInTheMiddle() {
        assertThat(new Sample(List.of(4.0, 1.0, 2.0, 100.0)).median()).isEqualTo(3.0);
    }

    @Test
    void tellsTheSpread() {
        // Given
        Sample sample = new Sample(List.of(3.0, 1.0, 2.0));

        // Then
        assertThat(sample.min()).isEqualTo(1.0);
        assertThat(sample.max()).isEqualTo(3.0);
    }

    @Test
    void ratiosPairTheRounds() {
        // Given a machine that became half as fast in the second round, for both
        Sample ours = new Sample(List.of(200.0, 100.0));
        Sample theirs = new Sample(List.of(100.0, 50.0));

        // When
        Sample ratios = Sample.ratios(ours, theirs);

        // Then
        assertThat(ratios.values()).containsExactly(2.0, 2.0);
    }

    @Test
    void refusesRatiosOfDifferentNumbersOfRounds() {
        assertThatThrownBy(() -> Sample.ratios(new Sample(List.of(1.0)), new Sample(List.of(1.0, 2.0))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesNothing() {
        assertThatThrownBy(() -> new Sample(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
