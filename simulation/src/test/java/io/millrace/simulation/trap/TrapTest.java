package io.millrace.simulation.trap;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.simulation.RunResult;
import io.millrace.simulation.SeedRun;
import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.check.ViolationError;
import io.millrace.simulation.kernel.Trace;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs into the traps: nothing must come of it, unless a bug is planted that the trap is for. */
final class TrapTest {
    private static final int SEEDS = 2;
    private static final int SEEDS_FOR_A_PLANTED_BUG = 20;

    @ParameterizedTest
    @MethodSource("traps")
    void holds(Trap trap) {
        // When
        List<String> failures = LongStream.rangeClosed(1, SEEDS)
                .parallel()
                .mapToObj(seed -> SeedRun.run(trap, seed, Trace.hashOnly(), PlantedBug.NONE))
                .filter(RunResult::hasFailed)
                .map(RunResult::summary)
                .toList();

        // Then
        assertThat(failures).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("plantedBugs")
    void findsPlantedBugs(Trap trap, PlantedBug bug) {
        // When
        Optional<Throwable> found = LongStream.rangeClosed(1, SEEDS_FOR_A_PLANTED_BUG)
                .parallel()
                .mapToObj(seed -> SeedRun.run(trap, seed, Trace.hashOnly(), bug).failure())
                .filter(Objects::nonNull)
                .findAny();

        // Then
        assertThat(found).as("what a seed finds of " + bug).isPresent();
        // A run that only does not come to its end would be found without any judge.
        assertThat(found.orElseThrow())
                .isInstanceOf(ViolationError.class)
                .message()
                .doesNotContain("stuck");
    }

    @Test
    void runsTheSameSeedTheSameWay() {
        // When
        RunResult first = SeedRun.run(Trap.of("two-failovers"), 1, Trace.hashOnly(), PlantedBug.NONE);
        RunResult second = SeedRun.run(Trap.of("two-failovers"), 1, Trace.hashOnly(), PlantedBug.NONE);

        // Then
        assertThat(second.traceHash()).isEqualTo(first.traceHash());
    }

    static List<Trap> traps() {
        return Trap.ALL;
    }

    static Stream<Arguments> plantedBugs() {
        return Trap.ALL.stream().flatMap(trap -> trap.bugs().stream().map(bug -> Arguments.of(trap, bug)));
    }
}
