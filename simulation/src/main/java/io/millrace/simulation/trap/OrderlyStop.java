package io.millrace.simulation.trap;

import io.millrace.simulation.Stage;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.kernel.Kernel;

/** A leader stops in an orderly way, with all others in sync: when it serves no more, another leads already, and it is not in sync. */
final class OrderlyStop extends Course {
    OrderlyStop() {
        super(QUEUE);
    }

    @Override
    void run(Stage stage, SimBroker leader) {
        stage.when(
                () -> !leader.isReady(),
                "serves no more",
                () -> stage.require(
                        led(stage).leader() >= 0 && !led(stage).inSync().contains(leader.id()),
                        "left: " + leader.host() + " serves no more, and " + led(stage)));
        stage.stop(leader, () -> stage.after(Kernel.SECOND, "comes back", () -> stage.start(leader)));
    }
}
