package io.millrace.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.kernel.Trace;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The bounded part of the simulation that every build runs; {@code simulation/run} runs as many seeds as one likes. */
final class SimulationTest {
    /** About a minute on two cores. */
    private static final int SEEDS = 200;

    private static final int SEEDS_FOR_A_PLANTED_BUG = 80;

    @Test
    void holdsWhateverHappens() {
        // When
        List<String> failures = LongStream.rangeClosed(1, SEEDS)
                .parallel()
                .mapToObj(seed -> SeedRun.run(seed, Trace.hashOnly(), PlantedBug.NONE))
                .filter(RunResult::hasFailed)
                .map(RunResult::summary)
                .toList();

        // Then
        assertThat(failures).isEmpty();
    }

    @Test
    void runsTheSameSeedTheSameWay() {
        for (long seed = 1; seed <= 3; seed++) {
            // When
            RunResult first = SeedRun.run(seed, Trace.hashOnly(), PlantedBug.NONE);
            RunResult second = SeedRun.run(seed, Trace.hashOnly(), PlantedBug.NONE);

            // Then
            assertThat(second.traceHash()).isEqualTo(first.traceHash());
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void findsPlantedBugs(PlantedBug bug) {
        for (long seed = 1; seed <= SEEDS_FOR_A_PLANTED_BUG; seed++) {
            if (SeedRun.run(seed, Trace.hashOnly(), bug).hasFailed()) {
                return;
            }
        }
        fail("no seed up to " + SEEDS_FOR_A_PLANTED_BUG + " finds " + bug);
    }
}
