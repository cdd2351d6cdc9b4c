package io.millrace.broker.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class AttendedClockTest {
    private final AttendedClock clock = new AttendedClock();

    @Test
    void countsWhatPassesBetweenTwoLooksThatAreClose() {
        long begun = clock.attendedMs(1_000_000);
        clock.attendedMs(1_000_100);

        assertThat(clock.attendedMs(1_000_250) - begun).isEqualTo(250);
    }

    @Test
    void countsOfAStopNoMoreThanALateLook() {
        long begun = clock.attendedMs(1_000_000);

        assertThat(clock.attendedMs(1_060_000) - begun).isEqualTo(AttendedClock.MAX_GAP_MS);
    }

    @Test
    void isLookedAtOftenWhileSomebodyWaits() {
        long begun = clock.attendedMs(1_000_000);

        assertThat(clock.nextLookMs(begun + 2000)).isEqualTo(1_000_000 + AttendedClock.LOOK_EVERY_MS);
        assertThat(clock.nextLookMs(begun + 30)).isEqualTo(1_000_030);
    }
}
