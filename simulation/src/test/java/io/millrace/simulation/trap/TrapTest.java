package io.millrace.simulation.trap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.millrace.simulation.RunResult;
import io.millrace.simulation.SeedRun;
import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.check.ViolationError;
import io.millrace.simulation.kernel.Trace;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs into the traps: nothing must come of it, unless a bug is planted that the trap is for. */
final class TrapTest {
    private static final int SEEDS = 3;
    private static final int SEEDS_FOR_A_PLANTED_BUG = 10;

    @ParameterizedTest
    @EnumSource(Trap.class)
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
        for (long seed = 1; seed <= SEEDS_FOR_A_PLANTED_BUG; seed++) {
            Throwable failure = SeedRun.run(trap, seed, Trace.hashOnly(), bug).failure();
            if (failure != null) {
                // A run that only does not come to its end would be found without any judge.
                assertThat(failure).isInstanceOf(ViolationError.class).message().doesNotContain("stuck");
                return;
            }
        }
        fail("no seed up to " + SEEDS_FOR_A_PLANTED_BUG + " finds " + bug + " by " + trap);
    }

    @Test
    void runsTheSameSeedTheSameWay() {
        // When
        RunResult first = SeedRun.run(Trap.TWO_FAILOVERS, 1, Trace.hashOnly(), PlantedBug.NONE);
        RunResult second = SeedRun.run(Trap.TWO_FAILOVERS, 1, Trace.hashOnly(), PlantedBug.NONE);

        // Then
        assertThat(second.traceHash()).isEqualTo(first.traceHash());
    }

    static Stream<Arguments> plantedBugs() {
        return Arrays.stream(Trap.values()).flatMap(trap -> trap.bugs().stream().map(bug -> Arguments.of(trap, bug)));
    }
}
