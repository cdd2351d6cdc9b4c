package io.millrace.simulation;

import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.kernel.Trace;
import org.jspecify.annotations.Nullable;

/** Runs the world of a seed and says what came of it. */
public final class SeedRun {
    private SeedRun() {}

    /** Runs a broker that is alone. */
    public static RunResult run(long seed, Trace trace, PlantedBug bug) {
        return run(seed, Scenario.of(seed), trace, bug);
    }

    /** Runs a cluster. */
    public static RunResult runCluster(long seed, Trace trace, PlantedBug bug) {
        return run(seed, Scenario.ofCluster(seed), trace, bug);
    }

    @SuppressWarnings("CatchingUnchecked") // whatever a core throws is the finding
    private static RunResult run(long seed, Scenario scenario, Trace trace, PlantedBug bug) {
        World world = new World(seed, scenario, trace, bug);
        @Nullable Throwable failure = null;
        try {
            world.run();
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        return new RunResult(
                seed,
                !scenario.cluster().isAlone(),
                bug,
                trace.hash(),
                trace.events(),
                world.history().sentCount(),
                world.history().processedCount(),
                failure);
    }
}
