package io.millrace.simulation.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class KernelTest {
    private final Kernel kernel = new Kernel(1, Trace.keeping());

    @Test
    void takesEventsInTheOrderOfTimeAndThenOfAsking() {
        // Given
        List<String> happened = new ArrayList<>();
        kernel.after(20, Life.WORLD, "test", "late", () -> happened.add("late at " + kernel.nowNs()));
        kernel.after(10, Life.WORLD, "test", "first", () -> happened.add("first at " + kernel.nowNs()));
        kernel.after(10, Life.WORLD, "test", "second", () -> happened.add("second at " + kernel.nowNs()));

        // When
        kernel.runFor(100);

        // Then
        assertThat(happened).containsExactly("first at 10", "second at 10", "late at 20");
        assertThat(kernel.nowNs()).isEqualTo(100);
    }

    @Test
    void leavesOutWhatBelongsToALifeThatEnded() {
        // Given
        Life life = new Life();
        List<String> happened = new ArrayList<>();
        kernel.after(10, life, "test", "of the dead", () -> happened.add("of the dead"));
        kernel.after(5, Life.WORLD, "test", "death", life::end);

        // When
        kernel.runFor(100);

        // Then
        assertThat(happened).isEmpty();
    }

    @Test
    void stopsWhenTheConditionHolds() {
        // Given
        kernel.after(10, Life.WORLD, "test", "something", () -> {});
        kernel.after(20, Life.WORLD, "test", "more", () -> {});

        // When
        boolean holds = kernel.runUntil(() -> kernel.nowNs() >= 10, 100);

        // Then
        assertThat(holds).isTrue();
        assertThat(kernel.nowNs()).isEqualTo(10);
    }

    @Test
    void givesTheSameTraceForTheSameSeedAndAnotherForAnother() {
        assertThat(hashOf(7)).isEqualTo(hashOf(7)).isNotEqualTo(hashOf(8));
    }

    @Test
    void givesEachComponentChanceThatOthersDoNotDisturb() {
        // Given
        Chance undisturbed = kernel.chance("a");
        kernel.chance("b").nextLong();

        // When
        Chance again = kernel.chance("a");

        // Then
        assertThat(again.nextLong()).isEqualTo(undisturbed.nextLong());
        assertThat(kernel.chance("b").nextLong()).isNotEqualTo(again.nextLong());
    }

    private static long hashOf(long seed) {
        Kernel kernel = new Kernel(seed, Trace.hashOnly());
        Chance chance = kernel.chance("test");
        for (int i = 0; i < 100; i++) {
            kernel.after(chance.skewed(0, Kernel.SECOND), Life.WORLD, "test", "event", () -> {});
        }
        kernel.runFor(Kernel.SECOND);
        return kernel.trace().hash();
    }
}
