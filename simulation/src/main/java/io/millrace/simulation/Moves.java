package io.millrace.simulation;

import io.millrace.broker.metadata.Destination;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.metadata.Reassignments;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operator who moves partitions from brokers to others by chance, in some of a cluster's runs, and cancels, and changes his mind; at the end
 * every partition is to have as many replicas again as it was made with. Draws from a stream of its own, so that runs without him are as they
 * were.
 */
final class Moves {
    private static final double SHARE = 0.3;
    private static final double CANCELLED = 0.2;
    private static final long LOOK_NS = 500 * Kernel.MILLI;

    private final Kernel kernel;
    private final Chance chance;
    private final List<SimBroker> brokers;
    private final Scenario.Cluster cluster;
    private final long everyNs;
    private final boolean occurs;
    private boolean isRestored;

    Moves(long seed, Kernel kernel, List<SimBroker> brokers, Scenario scenario) {
        this.kernel = kernel;
        this.chance = Chance.of(seed, "moves");
        this.brokers = brokers;
        this.cluster = scenario.cluster();
        this.occurs = !cluster.isAlone() && chance.chance(SHARE);
        long meanNs = chance.skewed(scenario.forNs() / 30, scenario.forNs() / 3);
        this.everyNs = occurs ? meanNs : Scenario.NEVER;
        this.isRestored = !occurs;
    }

    /** The mean time between two moves. */
    long everyNs() {
        return everyNs;
    }

    /** Has one partition move somewhere, or back. */
    void move() {
        SimBroker asked = chance.oneOf(brokers);
        MetadataImage image = asked.image();
        Reassignments reassignments = asked.reassignments();
        if (!asked.isReady() || image == null || reassignments == null || image.partitionCount() == 0) {
            return;
        }
        Destination destination = chance.oneOf(List.copyOf(image.destinations()));
        PartitionState state = chance.oneOf(destination.partitions());
        List<Integer> target = chance.chance(CANCELLED) ? null : drawn();
        ask(reassignments, destination, state, target);
    }

    private List<Integer> drawn() {
        int least = Math.max(1, cluster.settings().minInSync());
        int count = (int) chance.between(
                Math.min(least, cluster.settings().replicas()),
                cluster.settings().replicas());
        List<Integer> ids = new ArrayList<>();
        brokers.forEach(broker -> ids.add(broker.id()));
        List<Integer> target = new ArrayList<>();
        while (target.size() < count) {
            target.add(ids.remove(chance.below(ids.size())));
        }
        return target;
    }

    private void ask(
            Reassignments reassignments,
            Destination destination,
            PartitionState state,
            @Nullable List<Integer> target) {
        kernel.note(
                "operator",
                (target == null ? "cancels the move of " : "moves to " + target + " ")
                        + destination.partitionId(state.index()));
        reassignments.alter(destination.topicName(), state.index(), target, new Reply<>() {
            @Override
            public void complete(PartitionState begun) {}

            @Override
            public void fail(ErrorCode error, String message) {
                kernel.note("operator", "is refused: " + message);
            }
        });
    }

    // ---- the end

    /** No more trouble: everything is to be as it was made, wherever that is. A broker may know late of what began to move last. */
    void restore() {
        if (!occurs) {
            return;
        }
        SimBroker asked = brokers.get(0);
        MetadataImage image = asked.image();
        Reassignments reassignments = asked.reassignments();
        if (asked.isReady() && image != null && reassignments != null) {
            boolean isAsItWas = true;
            for (Destination destination : image.destinations()) {
                for (PartitionState state : destination.partitions()) {
                    isAsItWas &= restore(reassignments, destination, state);
                }
            }
            isRestored = isAsItWas;
        }
        kernel.after(LOOK_NS, Life.WORLD, "operator", "looks again", this::restore);
    }

    private boolean restore(Reassignments reassignments, Destination destination, PartitionState state) {
        int wanted = cluster.settings().replicas();
        List<Integer> target = new ArrayList<>(state.placement().target());
        if (target.size() == wanted) {
            return !state.placement().isMoving();
        }
        for (SimBroker broker : brokers) {
            if (target.size() < wanted && !target.contains(broker.id())) {
                target.add(broker.id());
            }
        }
        ask(reassignments, destination, state, target);
        return false;
    }

    /** Whether nothing moves any more. */
    boolean isRestored() {
        return isRestored;
    }
}
