package io.millrace.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SettlementTrackerTest {
    private final SettlementTracker tracker = new SettlementTracker();
    private final List<Long> confirmed = new ArrayList<>();

    @Test
    void confirmsInTheOrderOfTheRequestsWhoeverAnswersFirst() {
        // Given
        SettlementTracker.Step first = begin(5, 2);
        SettlementTracker.Step second = begin(7, 1);

        // When
        second.answered();
        first.answered();

        // Then
        assertThat(tracker.confirmedSequence()).isEqualTo(SettlementTracker.NONE);

        // When
        first.answered();

        // Then
        assertThat(tracker.confirmedSequence()).isEqualTo(7);
        assertThat(confirmed).containsExactly(5L, 7L);
    }

    @Test
    void confirmsAtOnceWhatSettlesNothing() {
        // When
        begin(3, 0);

        // Then
        assertThat(tracker.confirmedSequence()).isEqualTo(3);
    }

    @Test
    void waitsForAttachAndDetachBeforeALaterSequence() {
        // Given
        SettlementTracker.Step attach = tracker.begin();
        begin(9, 0);

        // When // Then
        assertThat(tracker.confirmedSequence()).isEqualTo(SettlementTracker.NONE);

        // When
        attach.begun();

        // Then
        assertThat(tracker.confirmedSequence()).isEqualTo(9);
    }

    @Test
    void doesNotConfirmWhilePartitionsAreStillBeingAsked() {
        // Given
        SettlementTracker.Step step = tracker.begin(4, () -> confirmed.add(4L));
        step.asked();
        step.answered();

        // When // Then
        assertThat(confirmed).isEmpty();

        // When
        step.begun();

        // Then
        assertThat(confirmed).containsExactly(4L);
    }

    private SettlementTracker.Step begin(long sequence, int partitions) {
        SettlementTracker.Step step = tracker.begin(sequence, () -> confirmed.add(sequence));
        for (int i = 0; i < partitions; i++) {
            step.asked();
        }
        step.begun();
        return step;
    }
}
