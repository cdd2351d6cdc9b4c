package io.millrace.simulation.trap;

import io.millrace.simulation.Led;
import io.millrace.simulation.Scenario;
import io.millrace.simulation.Stage;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.broker.SimEnsemble;
import io.millrace.simulation.kernel.Kernel;
import java.util.List;

/**
 * A follower falls behind and comes back. In the moment in which the store takes it into the in-sync set, the leader loses the store, and with it the
 * answer, and loses the follower too: whatever it acknowledges from then on must not be missed when that follower leads. The others die.
 */
final class UnheardChange extends Course {
    UnheardChange() {
        super(QUEUE);
    }

    @Override
    Scenario scenario(Setting setting) {
        return setting.lasting(16).minInSync(1).maxLagMs(1000).sessionMs(6000).scenario();
    }

    @Override
    void run(Stage stage, SimBroker leader) {
        SimBroker follower = stage.others(leader).get(0);
        List<String> hosts = List.of(follower.host());
        stage.sever(leader.host(), hosts);
        stage.when(() -> !led(stage).inSync().contains(follower.id()), "has fallen behind", () -> {
            onTakenBack(stage, leader, follower);
            stage.heal(leader.host(), hosts);
        });
    }

    private void onTakenBack(Stage stage, SimBroker leader, SimBroker follower) {
        boolean[] taken = new boolean[1];
        stage.onLed(led -> {
            if (!taken[0] && isTakenBack(led, leader, follower)) {
                taken[0] = true;
                stage.sever(leader.host(), List.of(SimEnsemble.HOST, follower.host()));
                stage.after(700 * Kernel.MILLI, "die", () -> dieButOne(stage, leader, follower));
            }
        });
    }

    private void dieButOne(Stage stage, SimBroker leader, SimBroker follower) {
        for (SimBroker other : stage.others(follower)) {
            stage.kill(other);
        }
        stage.heal(leader.host(), List.of(SimEnsemble.HOST, follower.host()));
        stage.when(
                () -> led(stage).leader() == follower.id(),
                "leads",
                () -> stage.after(
                        Kernel.SECOND, "come back", () -> stage.others(follower).forEach(stage::start)));
    }

    private static boolean isTakenBack(Led led, SimBroker leader, SimBroker follower) {
        return QUEUE.equals(led.destination()) && led.leader() == leader.id() && led.isFollower(follower.id());
    }
}
