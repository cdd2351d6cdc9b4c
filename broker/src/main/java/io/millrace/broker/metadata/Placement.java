package io.millrace.broker.metadata;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * On which brokers a partition is, and is to be. While it moves it is on those that it was on and on those that it is to be on, as with Kafka
 * (KIP-455). Immutable.
 *
 * @param replicas all that hold a replica or are to fetch one; the target comes first, in its order
 * @param adding those of them that the partition was not on before
 * @param removing those of them that it is not to be on any more
 * @param isMoved whether it was ever on others than the destination was made on; a build that can not move replicas knows those only
 */
public record Placement(List<Integer> replicas, List<Integer> adding, List<Integer> removing, boolean isMoved) {
    public Placement {
        replicas = List.copyOf(replicas);
        adding = List.copyOf(adding);
        removing = List.copyOf(removing);
        boolean isSound = Set.copyOf(replicas).size() == replicas.size()
                && replicas.containsAll(adding)
                && replicas.containsAll(removing)
                && removing.size() < replicas.size();
        if (!isSound) {
            throw new IllegalArgumentException(
                    "a partition on brokers " + replicas + ", adding " + adding + ", removing " + removing);
        }
    }

    /** Where a destination is made. */
    static Placement of(List<Integer> replicas) {
        return new Placement(replicas, List.of(), List.of(), false);
    }

    /** Whether it is on its way to other brokers. */
    public boolean isMoving() {
        return !adding.isEmpty() || !removing.isEmpty();
    }

    /** Where it is to be. */
    public List<Integer> target() {
        return without(replicas, removing);
    }

    /** Where it was before it began to move. */
    public List<Integer> origin() {
        return without(replicas, adding);
    }

    /**
     * On its way to those brokers, in place of where it may be going now. Who was to be added and is not any more is none of the replicas: it
     * holds nothing that the others do not.
     */
    Placement towards(List<Integer> target) {
        List<Integer> origin = origin();
        Set<Integer> all = new LinkedHashSet<>(target);
        all.addAll(origin);
        return new Placement(List.copyOf(all), without(target, origin), without(origin, target), true);
    }

    /** It is where it was to be. */
    Placement arrived() {
        return new Placement(target(), List.of(), List.of(), true);
    }

    private static List<Integer> without(List<Integer> some, List<Integer> others) {
        List<Integer> left = new ArrayList<>(some);
        left.removeAll(others);
        return left;
    }
}
