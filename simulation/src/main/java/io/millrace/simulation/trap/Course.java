package io.millrace.simulation.trap;

import io.millrace.broker.metadata.MetadataImage;
import io.millrace.protocol.DestinationKind;
import io.millrace.protocol.DestinationName;
import io.millrace.simulation.Led;
import io.millrace.simulation.Scenario;
import io.millrace.simulation.Stage;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.kernel.Kernel;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A course of faults that begins when the messages of a queue, or of a topic, have a leader and others that follow it. */
abstract class Course {
    static final DestinationName QUEUE = new DestinationName(DestinationKind.QUEUE, "q1");
    static final DestinationName TOPIC = new DestinationName(DestinationKind.TOPIC, "t");

    /** When the load has begun. */
    private static final long BEGIN_NS = 2 * Kernel.SECOND;

    private final DestinationName destination;

    Course(DestinationName destination) {
        this.destination = destination;
    }

    /** What this course is run with; the ordinary load, if it does not care. */
    Scenario scenario(Setting setting) {
        return setting.scenario();
    }

    final void begin(Stage stage) {
        stage.after(
                BEGIN_NS,
                "begins the course",
                () -> stage.when(
                        () -> isWhole(stage.led(destination), stage),
                        "takes its course",
                        () -> run(stage, leader(stage))));
    }

    /**
     * Takes its course.
     *
     * @param leader of the partition
     */
    abstract void run(Stage stage, SimBroker leader);

    private static boolean isWhole(@Nullable Led led, Stage stage) {
        return led != null
                && led.leader() >= 0
                && led.inSync().size() == stage.brokers().size()
                && stage.brokers().stream().allMatch(SimBroker::isReady);
    }

    final SimBroker leader(Stage stage) {
        return stage.broker(led(stage).leader());
    }

    /** How the partition is led. */
    final Led led(Stage stage) {
        return Objects.requireNonNull(stage.led(destination));
    }

    /** Does something once, in the moment in which the store has another leader for the partition than that one. */
    final void onceSucceeded(Stage stage, SimBroker leader, BiConsumer<SimBroker, Led> then) {
        boolean[] done = new boolean[1];
        stage.onLed(led -> {
            if (!done[0]
                    && destination.equals(led.destination())
                    && led.index() == 0
                    && led.leader() >= 0
                    && led.leader() != leader.id()) {
                done[0] = true;
                then.accept(stage.broker(led.leader()), led);
            }
        });
    }

    /** Lets new clients come, that know of all brokers but one which is about to be succeeded, as soon as all others know its successor. */
    final void sendNewcomers(Stage stage, SimBroker leader) {
        onceSucceeded(
                stage,
                leader,
                (successor, led) -> stage.when(
                        () -> stage.others(leader).stream().allMatch(broker -> knows(broker, led)),
                        "sends newcomers",
                        () -> stage.newcomers("n", destination, leader)));
    }

    /** Whether a broker has heard of an election. */
    final boolean knows(SimBroker broker, Led led) {
        MetadataImage image = broker.image();
        return image != null
                && image.destinations().stream()
                        .filter(each -> each.name().equals(destination))
                        .anyMatch(each -> each.partitions().get(0).leaderEpoch() >= led.epoch());
    }
}
