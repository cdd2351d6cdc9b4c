package io.millrace.simulation.trap;

import io.millrace.simulation.Scenario;
import io.millrace.simulation.Stage;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.kernel.Kernel;
import java.util.List;

/**
 * The leader's replica stops by a fault of the code, and its broker lives on: another that was in sync leads. Then that one's stops, too. The
 * last of all stays in sync, though it has stopped: nobody else may lead until its broker was started again.
 */
final class StoppedReplica extends Course {
    private static final long SOON_NS = 500 * Kernel.MILLI;

    StoppedReplica() {
        super(QUEUE);
    }

    @Override
    Scenario scenario(Setting setting) {
        return setting.lasting(16).minInSync(1).scenario();
    }

    @Override
    void run(Stage stage, SimBroker leader) {
        leader.failReplicas(QUEUE);
        stage.after(SOON_NS, "is to be succeeded", () -> {
            SimBroker second = requireSuccessor(stage, List.of(leader));
            second.failReplicas(QUEUE);
            stage.after(SOON_NS, "is to be succeeded", () -> {
                SimBroker last = requireSuccessor(stage, List.of(leader, second));
                last.failReplicas(QUEUE);
                stage.after(Kernel.SECOND, "stays in sync", () -> endWith(stage, last));
            });
        });
    }

    private SimBroker requireSuccessor(Stage stage, List<SimBroker> stopped) {
        stage.require(
                led(stage).leader() >= 0
                        && stopped.stream()
                                .noneMatch(broker -> led(stage).leader() == broker.id()
                                        || led(stage).inSync().contains(broker.id())),
                "kept: the replicas of " + stopped.stream().map(SimBroker::host).toList() + " have stopped, and "
                        + led(stage));
        return leader(stage);
    }

    /** The brokers that were given up come back first, and may not lead. */
    private void endWith(Stage stage, SimBroker last) {
        stage.require(
                led(stage).inSync().equals(List.of(last.id())),
                "elected: only " + last.host() + " has everything, and " + led(stage));
        stage.brokers().forEach(stage::kill);
        stage.others(last).forEach(stage::start);
        stage.after(Kernel.SECOND, "comes back", () -> stage.start(last));
    }
}
