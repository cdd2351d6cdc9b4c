package io.millrace.simulation.trap;

import io.millrace.simulation.Scenario;
import io.millrace.simulation.Stage;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.kernel.Kernel;

/**
 * What clients are told is lost for a while, then their leader dies: what it took and committed meanwhile is sent again, to its successor, who must
 * know it.
 */
final class RetryAfterFailover extends Course {
    RetryAfterFailover() {
        super(QUEUE);
    }

    @Override
    Scenario scenario(Setting setting) {
        return setting.sendEveryNs(10 * Kernel.MILLI).scenario();
    }

    @Override
    void run(Stage stage, SimBroker leader) {
        stage.cut(leader.host(), stage.clients());
        stage.after(stage.chance().between(50, 400) * Kernel.MILLI, "dies", () -> {
            stage.kill(leader);
            stage.after(2 * Kernel.SECOND, "comes back", () -> stage.start(leader));
        });
    }
}
