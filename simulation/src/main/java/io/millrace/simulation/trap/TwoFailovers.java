package io.millrace.simulation.trap;

import io.millrace.simulation.Scenario;
import io.millrace.simulation.Stage;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.kernel.Kernel;
import java.util.List;

/**
 * The leader's word that something is committed does not come through to one follower. The leader dies, and its successor as soon as that follower
 * begins to follow it (KIP-101): what it has cut until then it can fetch from nobody.
 */
final class TwoFailovers extends Course {
    /** What is cut is to be on disk before anything is fetched: the slower the disk, the longer it is missing. */
    private static final long SLOW_FLUSH_NS = Kernel.SECOND;

    TwoFailovers() {
        super(QUEUE);
    }

    @Override
    Scenario scenario(Setting setting) {
        return setting.minInSync(1)
                .sendEveryNs(10 * Kernel.MILLI)
                .longestFlushNs(30 * Kernel.MILLI)
                .scenario();
    }

    @Override
    void run(Stage stage, SimBroker leader) {
        List<Integer> inSync = led(stage).inSync();
        SimBroker last = stage.broker(inSync.get(inSync.size() - 1));
        onceSucceeded(
                stage,
                leader,
                (successor, led) -> stage.when(
                        () -> knows(last, led),
                        "follows",
                        () -> stage.after(
                                stage.chance().skewed(2 * Kernel.MILLI, 20 * Kernel.MILLI),
                                "kills the successor",
                                () -> killAgain(stage, leader, successor))));
        stage.cut(leader.host(), List.of(last.host()));
        last.longestFlush(SLOW_FLUSH_NS);
        stage.after(stage.chance().between(20, 80) * Kernel.MILLI, "kills the leader", () -> stage.kill(leader));
    }

    private void killAgain(Stage stage, SimBroker leader, SimBroker successor) {
        stage.kill(successor);
        stage.after(4 * Kernel.SECOND, "brings them back", () -> {
            stage.heal(leader.host(), stage.hostsBeside(leader));
            stage.start(leader);
            stage.start(successor);
        });
    }
}
