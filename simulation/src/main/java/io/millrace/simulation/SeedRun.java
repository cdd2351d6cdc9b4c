package io.millrace.simulation;

import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.kernel.Trace;
import io.millrace.simulation.trap.Trap;
import org.jspecify.annotations.Nullable;

/** Runs the world of a seed and says what came of it. */
public final class SeedRun {
    private SeedRun() {}

    /** Runs a broker that is alone. */
    public static RunResult run(long seed, Trace trace, PlantedBug bug) {
        return run(seed, Scenario.of(seed), trace, bug, null);
    }

    /** Runs a cluster. */
    public static RunResult runCluster(long seed, Trace trace, PlantedBug bug) {
        return run(seed, Scenario.ofCluster(seed), trace, bug, null);
    }

    /** Runs a cluster into a trap. */
    public static RunResult run(Trap trap, long seed, Trace trace, PlantedBug bug) {
        return run(seed, trap.scenario(seed), trace, bug, trap);
    }

    @SuppressWarnings("CatchingUnchecked") // whatever a core throws is the finding
    private static RunResult run(long seed, Scenario scenario, Trace trace, PlantedBug bug, @Nullable Trap trap) {
        World world = new World(seed, scenario, trace, bug, trap);
        @Nullable Throwable failure = null;
        try {
            world.run();
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        return new RunResult(
                seed,
                trap != null ? "--trap " + trap : scenario.cluster().isAlone() ? "" : "--cluster",
                bug,
                trace.hash(),
                trace.events(),
                world.history().sentCount(),
                world.history().processedCount(),
                failure);
    }
}
