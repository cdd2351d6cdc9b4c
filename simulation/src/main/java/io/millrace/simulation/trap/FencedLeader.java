package io.millrace.simulation.trap;

import io.millrace.simulation.Scenario;
import io.millrace.simulation.Stage;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.kernel.Kernel;

/** A leader loses the metadata store and its followers, and keeps its consumers, for whom messages wait; new clients find another leader. */
final class FencedLeader extends Course {
    FencedLeader() {
        super(TOPIC);
    }

    @Override
    Scenario scenario(Setting setting) {
        // By its own clock a broker may believe in its session for two thirds longer than the store: here for 2 s.
        return setting.lasting(12)
                .sendEveryNs(50 * Kernel.MILLI)
                .sessionMs(3500)
                .slowListeners(2, 150 * Kernel.MILLI)
                .scenario();
    }

    @Override
    void run(Stage stage, SimBroker leader) {
        sendNewcomers(stage, leader);
        stage.sever(leader.host(), stage.clusterBeside(leader));
    }
}
