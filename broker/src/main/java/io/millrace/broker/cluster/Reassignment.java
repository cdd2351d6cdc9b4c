package io.millrace.broker.cluster;

import io.millrace.broker.metadata.PartitionState;
import io.millrace.broker.metadata.Placement;
import java.util.List;

/**
 * When a partition that moves has arrived: as soon as all of its target are in sync, each in the epoch in which it lives. Then, in one change,
 * the others are no replicas any more and not in sync, and one of the target leads. So everything acknowledged is on all of the target at that
 * moment; and those that are gone delete what they have only when they read the change.
 *
 * <p>Immutable.
 */
final class Reassignment {
    private final Living living;

    Reassignment(Living living) {
        this.living = living;
    }

    /** The state that the partition is to have; the present one if it does not move, or has not arrived. */
    PartitionState decide(PartitionState state) {
        Placement placement = state.placement();
        List<Integer> target = placement.target();
        if (!placement.isMoving() || !target.stream().allMatch(member -> living.isInSync(state, member))) {
            return state;
        }
        int leader = target.contains(state.leaderId()) ? state.leaderId() : firstOf(target);
        return state.arrived(leader);
    }

    private int firstOf(List<Integer> target) {
        return target.stream().filter(living::isWilling).findFirst().orElse(target.get(0));
    }
}
