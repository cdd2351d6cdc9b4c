package io.millrace.simulation.trap;

import io.millrace.simulation.Stage;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.kernel.Kernel;

/** A leader stops in an orderly way, with all others in sync: when it is gone another has led for a while, and it is in sync nowhere. */
final class OrderlyStop extends Course {
    OrderlyStop() {
        super(QUEUE);
    }

    @Override
    void run(Stage stage, SimBroker leader) {
        stage.stop(leader, () -> {
            stage.require(
                    led(stage).leader() >= 0 && !led(stage).inSync().contains(leader.id()),
                    "left: " + leader.host() + " has stopped, and " + led(stage));
            stage.after(Kernel.SECOND, "comes back", () -> stage.start(leader));
        });
    }
}
