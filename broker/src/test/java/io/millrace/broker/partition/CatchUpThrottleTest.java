package io.millrace.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CatchUpThrottleTest {
    private final CatchUpThrottle throttle = new CatchUpThrottle();

    @Test
    void holdsNobodyBackWithoutARate() {
        throttle.charge(1_000_000_000, 0);

        assertThat(throttle.waitMs(0)).isZero();
    }

    @Test
    void letsThroughWhatTheRateBringsOnAverage() {
        // Given
        throttle.rate(1_000_000);
        long nowMs = 5_000;
        long sent = 0;
        // When
        while (nowMs < 15_000) {
            long waitMs = throttle.waitMs(nowMs);
            if (waitMs == 0) {
                throttle.charge(30_000, nowMs);
                sent += 30_000;
            } else {
                nowMs += waitMs;
            }
        }
        // Then
        assertThat(sent).isBetween(9_500_000L, 10_300_000L);
    }

    @Test
    void savesNoMoreThanAMomentOfRest() {
        // Given
        throttle.rate(1_000_000);
        throttle.charge(1, 0);
        // When it rested for a minute
        throttle.charge(100_000, 60_000);
        throttle.charge(1_000, 60_000);
        // Then
        assertThat(throttle.waitMs(60_000)).isPositive();
    }

    @Test
    void worksWithAClockBelowZero() {
        throttle.rate(1_000);
        throttle.charge(1_000, -10_000);

        assertThat(throttle.waitMs(-10_000)).isBetween(850L, 1_001L);
        assertThat(throttle.waitMs(-9_000)).isZero();
    }

    @Test
    void aRateThatIsTakenAwayLetsEverythingThrough() {
        // Given
        throttle.rate(10);
        throttle.charge(1_000_000, 0);
        long before = throttle.waitMs(0);
        // When
        throttle.rate(0);
        // Then
        assertThat(before).isGreaterThan(90_000);
        assertThat(throttle.waitMs(0)).isZero();
    }
}
