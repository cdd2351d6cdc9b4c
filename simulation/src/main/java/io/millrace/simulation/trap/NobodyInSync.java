package io.millrace.simulation.trap;

import io.millrace.simulation.Led;
import io.millrace.simulation.Scenario;
import io.millrace.simulation.Stage;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.kernel.Kernel;
import java.util.List;

/** The followers fall behind until the leader is alone in sync; it takes more, and dies. The followers come back: nobody may lead before it. */
final class NobodyInSync extends Course {
    NobodyInSync() {
        super(QUEUE);
    }

    @Override
    Scenario scenario(Setting setting) {
        return setting.lasting(16).minInSync(1).maxLagMs(1000).scenario();
    }

    @Override
    void run(Stage stage, SimBroker leader) {
        List<String> others = stage.hostsBeside(leader);
        stage.sever(leader.host(), others);
        stage.when(
                () -> isAlone(led(stage), leader),
                "is alone in sync",
                () -> stage.after(Kernel.SECOND, "dies", () -> dieAlone(stage, leader, others)));
    }

    private void dieAlone(Stage stage, SimBroker leader, List<String> others) {
        stage.kill(leader);
        stage.heal(leader.host(), others);
        stage.onLed(led -> stage.require(
                leader.isRunning() || led.leader() < 0 || !QUEUE.equals(led.destination()),
                "elected: " + led + " though only " + leader.host() + " was in sync, which is away"));
        stage.after(4 * Kernel.SECOND, "comes back", () -> {
            stage.require(
                    led(stage).leader() < 0 || led(stage).leader() == leader.id(),
                    "elected: " + led(stage) + " though only " + leader.host() + " was in sync, which is away");
            stage.start(leader);
        });
    }

    private static boolean isAlone(Led led, SimBroker leader) {
        return led.leader() == leader.id() && led.inSync().equals(List.of(leader.id()));
    }
}
