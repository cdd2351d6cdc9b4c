package io.millrace.simulation.trap;

import io.millrace.protocol.DestinationName;
import io.millrace.simulation.Scenario;
import io.millrace.simulation.Stage;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.kernel.Kernel;
import java.util.List;

/**
 * The coordinator of a group loses the other brokers, or the metadata store too, and keeps its members for a while; another is elected and coordinates. In
 * half of the runs it stands still meanwhile, and wakes up with the members' requests in its hands.
 */
final class ZombieCoordinator extends Course {
    private static final long PAUSE_NS = 4500 * Kernel.MILLI;
    private static final long MEMBERS_NS = 1500 * Kernel.MILLI;

    ZombieCoordinator() {
        super(DestinationName.ofTopicName("__consumer_offsets"));
    }

    @Override
    Scenario scenario(Setting setting) {
        return setting.lasting(14)
                .sendEveryNs(20 * Kernel.MILLI)
                .sessionMs(3500)
                .scenario()
                .with(new Scenario.Groups(1, 2, 0.3, 5 * Kernel.MILLI, Scenario.NEVER), 4);
    }

    @Override
    void run(Stage stage, SimBroker leader) {
        List<String> cluster = stage.clusterBeside(leader);
        if (stage.chance().chance(0.5)) {
            stage.after(stage.chance().between(0, 300) * Kernel.MILLI, "pauses", () -> {
                stage.pause(leader, PAUSE_NS);
                stage.sever(leader.host(), stage.hostsBeside(leader));
            });
            stage.after(PAUSE_NS + 800 * Kernel.MILLI, "heals", () -> stage.heal(leader.host(), cluster));
            return;
        }
        stage.sever(leader.host(), cluster);
        // One member finds the successor, and the others stay with the zombie.
        onceSucceeded(stage, leader, (successor, led) -> {
            List<String> members = stage.members();
            List<String> found = members.subList(0, Math.min(1, members.size()));
            stage.sever(leader.host(), found);
            stage.after(MEMBERS_NS, "heals", () -> stage.heal(leader.host(), found));
        });
        stage.after(7 * Kernel.SECOND, "heals", () -> stage.heal(leader.host(), cluster));
    }
}
