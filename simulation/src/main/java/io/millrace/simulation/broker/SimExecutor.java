package io.millrace.simulation.broker;

import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.concurrent.Executor;

/** A thread of the broker's under virtual time: runs tasks one after another, each a little later. */
final class SimExecutor implements Executor {
    private static final long LONGEST_NS = 200 * Kernel.MICRO;

    private final Kernel kernel;
    private final Life life;
    private final String name;
    private final Chance chance;
    private long busyUntilNs;

    SimExecutor(Kernel kernel, Life life, String name, Chance chance) {
        this.kernel = kernel;
        this.life = life;
        this.name = name;
        this.chance = chance;
    }

    @Override
    public void execute(Runnable task) {
        long atNs = Math.max(busyUntilNs, kernel.nowNs()) + chance.skewed(0, LONGEST_NS);
        busyUntilNs = atNs;
        kernel.after(atNs - kernel.nowNs(), life, name, "task", task);
    }
}
