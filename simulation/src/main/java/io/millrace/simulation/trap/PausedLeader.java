package io.millrace.simulation.trap;

import io.millrace.simulation.Scenario;
import io.millrace.simulation.Stage;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.kernel.Kernel;

/**
 * A leader stands still, as in a long collection of garbage, and wakes up with its consumers' requests in its hands when another leads and delivers. What
 * the other brokers have said meanwhile comes later.
 */
final class PausedLeader extends Course {
    private static final long PAUSE_NS = 4500 * Kernel.MILLI;

    PausedLeader() {
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
        sendNewcomers(stage, leader);
        stage.pause(leader, PAUSE_NS);
        stage.sever(leader.host(), stage.hostsBeside(leader));
        stage.after(PAUSE_NS + 300 * Kernel.MILLI, "heals", () -> stage.heal(leader.host(), stage.hostsBeside(leader)));
    }
}
