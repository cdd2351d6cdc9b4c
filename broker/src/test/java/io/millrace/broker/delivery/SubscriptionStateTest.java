package io.millrace.broker.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SubscriptionStateTest {
    private final SubscriptionState state =
            new SubscriptionState(1, SubscriptionKey.durable("c", "s"), 1, null, false, 0);

    @Test
    void movesItsFloorOverWhatWasSettledOutOfOrder() {
        // Given
        state.applyFinal(3, 5);
        state.applyFinal(7, 7);
        // When
        state.applyFinal(0, 2);
        // Then
        assertThat(state.floor()).isEqualTo(6);
        assertThat(state.settled().cardinality()).isEqualTo(1);
        assertThat(state.isSettled(7)).isTrue();
        assertThat(state.isSettled(6)).isFalse();
    }

    @Test
    void settlingAgainChangesNothing() {
        // Given
        state.applyFinal(0, 4);
        // When
        state.applyFinal(2, 3);
        state.applyFail(1, 4, 3);
        state.applyRelease(0, 4);
        // Then
        assertThat(state.floor()).isEqualTo(5);
        assertThat(state.counts().isEmpty()).isTrue();
        assertThat(state.givenBack().isEmpty()).isTrue();
    }

    @Test
    void presumesThatWhatACrashedEpochDispatchedWasDelivered() {
        // Given
        state.applyMark(1000, 0);
        state.applyFinal(0, 3);
        // When
        state.applyEpoch(10);
        // Then
        assertThat(state.failedDeliveries(4)).isEqualTo(1);
        assertThat(state.failedDeliveries(9)).isEqualTo(1);
        assertThat(state.failedDeliveries(10)).as("was not there yet").isZero();
    }

    @Test
    void anEpochWithoutDispatchCountsNoDelivery() {
        // Given
        state.applyMark(1000, 0);
        state.applyEpoch(10);
        // When
        state.applyEpoch(10);
        // Then
        assertThat(state.failedDeliveries(4)).isEqualTo(1);
    }

    @Test
    void aCrashDoesNotCountWhatWasGivenBackBefore() {
        // Given
        state.applyMark(1000, 0);
        state.applyRelease(2, 3);
        state.applyFail(5, 6, 1);
        // When
        state.applyEpoch(10);
        // Then
        assertThat(state.failedDeliveries(2)).isZero();
        assertThat(state.failedDeliveries(4)).isEqualTo(1);
        assertThat(state.failedDeliveries(5)).isEqualTo(1);
    }

    @Test
    void aCrashCountsWhatWasGivenBackAndTakenAgain() {
        // Given
        state.applyMark(1000, 0);
        state.applyRelease(2, 3);
        state.applyFail(5, 6, 1);
        state.applyMark(1000, 6);
        // When
        state.applyEpoch(10);
        // Then
        assertThat(state.failedDeliveries(2)).isEqualTo(1);
        assertThat(state.failedDeliveries(5)).isEqualTo(2);
        assertThat(state.failedDeliveries(6)).isEqualTo(1);
    }

    @Test
    void aFailureSaysHowOftenAMessageWasDeliveredWhateverHappenedBefore() {
        // Given
        state.applyMark(1000, 0);
        state.applyEpoch(4);
        state.applyMark(1000, 0);
        state.applyEpoch(8);
        // When
        state.applyFail(2, 6, 5);
        // Then
        assertThat(state.failedDeliveries(2)).isEqualTo(5);
        assertThat(state.failedDeliveries(3)).isEqualTo(5);
        assertThat(state.failedDeliveries(6)).isEqualTo(5);
        assertThat(state.failedDeliveries(7)).isEqualTo(1);
    }

    @Test
    void forgetsCountsOfWhatIsSettled() {
        // Given
        state.applyMark(1000, 0);
        state.applyEpoch(4);
        state.applyFail(0, 3, 2);
        // When
        state.applyFinal(0, 3);
        // Then
        assertThat(state.counts().isEmpty()).isTrue();
        assertThat(state.crashMarks()).isEmpty();
    }

    @Test
    void boundsTheRestartsThatItCounts() {
        // When
        for (int i = 0; i < 500; i++) {
            state.applyMark(1000, 0);
            state.applyEpoch(10);
        }
        // Then
        assertThat(state.failedDeliveries(3)).isEqualTo(SubscriptionState.MAX_CRASH_MARKS);
    }
}
