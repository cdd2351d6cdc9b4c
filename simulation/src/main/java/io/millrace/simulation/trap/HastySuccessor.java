package io.millrace.simulation.trap;

import io.millrace.simulation.Scenario;
import io.millrace.simulation.Stage;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.broker.SimEnsemble;
import io.millrace.simulation.kernel.Kernel;
import java.util.List;

/**
 * A leader loses the metadata store, and the other brokers only when another was elected. So when that one begins to lead, what the followers of
 * the first have answered last is less than a lease ago, and it does not hear that they have left.
 */
final class HastySuccessor extends Course {
    HastySuccessor() {
        super(TOPIC);
    }

    @Override
    Scenario scenario(Setting setting) {
        return setting.lasting(10)
                .sendEveryNs(50 * Kernel.MILLI)
                .slowListeners(2, 150 * Kernel.MILLI)
                .scenario();
    }

    @Override
    void run(Stage stage, SimBroker leader) {
        onceSucceeded(stage, leader, (successor, led) -> stage.sever(leader.host(), stage.hostsBeside(leader)));
        sendNewcomers(stage, leader);
        stage.sever(leader.host(), List.of(SimEnsemble.HOST));
    }
}
