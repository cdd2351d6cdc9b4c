package io.millrace.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.kernel.Trace;
import io.millrace.simulation.trap.Trap;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bounded part of the simulation that every build runs; {@code simulation/run} runs as many seeds as one likes. */
final class SimulationTest {
    /** With the clusters about a minute on two cores. */
    private static final int SEEDS = 200;

    private static final int CLUSTER_SEEDS = 25;
    private static final int SEEDS_FOR_A_PLANTED_BUG = 80;
    private static final int CLUSTER_SEEDS_FOR_A_PLANTED_BUG = 40;
    /** They take faults in one order within milliseconds: what is drawn seldom has it, so TrapTest alone finds them. */
    private static final Set<PlantedBug> FOUND_BY_TRAPS = EnumSet.of(
            PlantedBug.TRUNCATE_BY_HIGH_WATERMARK,
            PlantedBug.DELIVER_WITHOUT_LEASE,
            PlantedBug.LEAD_WITHOUT_WAITING,
            PlantedBug.REPORT_LOG_END,
            PlantedBug.FORGET_PROPOSED,
            PlantedBug.STOP_AT_ONCE,
            PlantedBug.KEEP_STOPPED_REPLICA);

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
    void holdsInClustersWhateverHappens() {
        // When
        List<String> failures = LongStream.rangeClosed(1, CLUSTER_SEEDS)
                .parallel()
                .mapToObj(seed -> SeedRun.runCluster(seed, Trace.hashOnly(), PlantedBug.NONE))
                .filter(RunResult::hasFailed)
                .map(RunResult::summary)
                .toList();

        // Then
        assertThat(failures).isEmpty();
    }

    /**
     * Seeds that have found something: a sender's first batch that was refused, and passed for a duplicate when the second was taken (26, 52); a
     * grace that did not end, as the clock was set back (91); a follower in sync in the epoch of another data directory (175).
     */
    @ParameterizedTest
    @ValueSource(longs = {26, 52, 91, 175})
    void holdsWhereItDidNot(long seed) {
        // When
        RunResult result = SeedRun.runCluster(seed, Trace.hashOnly(), PlantedBug.NONE);

        // Then
        assertThat(result.hasFailed()).as(result.summary()).isFalse();
    }

    @Test
    void runsTheSameSeedOfAClusterTheSameWay() {
        for (long seed = 1; seed <= 2; seed++) {
            // When
            RunResult first = SeedRun.runCluster(seed, Trace.hashOnly(), PlantedBug.NONE);
            RunResult second = SeedRun.runCluster(seed, Trace.hashOnly(), PlantedBug.NONE);

            // Then
            assertThat(second.traceHash()).isEqualTo(first.traceHash());
        }
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
    @MethodSource("plantedBugs")
    void findsPlantedBugs(PlantedBug bug) {
        int seeds = bug.isOfCluster() ? CLUSTER_SEEDS_FOR_A_PLANTED_BUG : SEEDS_FOR_A_PLANTED_BUG;
        for (long seed = 1; seed <= seeds; seed++) {
            RunResult result = bug.isOfCluster()
                    ? SeedRun.runCluster(seed, Trace.hashOnly(), bug)
                    : SeedRun.run(seed, Trace.hashOnly(), bug);
            if (result.hasFailed()) {
                return;
            }
        }
        fail("no seed up to " + seeds + " finds " + bug);
    }

    @Test
    void leavesNoPlantedBugToNobody() {
        // When
        List<PlantedBug> ofTraps =
                Trap.ALL.stream().flatMap(trap -> trap.bugs().stream()).toList();

        // Then
        assertThat(ofTraps).containsAll(FOUND_BY_TRAPS);
    }

    static Stream<PlantedBug> plantedBugs() {
        return Arrays.stream(PlantedBug.values())
                .filter(bug -> bug != PlantedBug.NONE && !FOUND_BY_TRAPS.contains(bug));
    }
}
