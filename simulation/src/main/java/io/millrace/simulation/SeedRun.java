package io.millrace.simulation;

import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.kernel.Trace;
import org.jspecify.annotations.Nullable;

/** Runs the world of a seed and says what came of it. */
public final class SeedRun {
    private SeedRun() {}

    @SuppressWarnings("CatchingUnchecked") // whatever a core throws is the finding
    public static RunResult run(long seed, Trace trace, PlantedBug bug) {
        World world = new World(seed, trace, bug);
        @Nullable Throwable failure = null;
        try {
            world.run();
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        return new RunResult(
                seed,
                bug,
                trace.hash(),
                trace.events(),
                world.history().sentCount(),
                world.history().processedCount(),
                failure);
    }
}
