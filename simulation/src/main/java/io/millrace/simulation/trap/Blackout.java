package io.millrace.simulation.trap;

import io.millrace.simulation.Scenario;
import io.millrace.simulation.Stage;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import java.util.ArrayList;
import java.util.List;

/** All machines lose their power at once. Whoever comes back first leads, and must have on its disk what was acknowledged. */
final class Blackout extends Course {
    Blackout() {
        super(QUEUE);
    }

    @Override
    Scenario scenario(Setting setting) {
        return setting.sendEveryNs(5 * Kernel.MILLI)
                .longestFlushNs(200 * Kernel.MILLI)
                .scenario();
    }

    @Override
    void run(Stage stage, SimBroker leader) {
        Chance chance = stage.chance();
        List<SimBroker> order = new ArrayList<>(stage.others(leader));
        if (chance.chance(0.5)) {
            order.add(order.remove(0));
        }
        order.add(leader);
        stage.brokers().forEach(stage::losePower);
        for (int i = 0; i < order.size(); i++) {
            SimBroker broker = order.get(i);
            stage.after((6 + i) * 500L * Kernel.MILLI, "power is back", () -> stage.start(broker));
        }
    }
}
