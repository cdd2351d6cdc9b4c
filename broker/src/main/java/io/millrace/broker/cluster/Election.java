package io.millrace.broker.cluster;

import io.millrace.broker.metadata.BrokerAddress;
import io.millrace.broker.metadata.PartitionState;
import java.util.ArrayList;
import java.util.List;

/**
 * How a partition is to be, given the living brokers. These hold always:
 *
 * <ul>
 *   <li>Only a member of the in-sync set becomes the leader, and each leader has an epoch of its own.
 *   <li>A member counts only in the broker epoch in which it became one: a broker that came back has what is on its disk, and may lack what was
 *       not flushed; so it leaves the set until it has caught up.
 *   <li>The last of a set stays in it, whatever happens to them: they alone are known to have everything acknowledged. One of
 *       them leads again when it comes back with the data directory that it had.
 * </ul>
 *
 * <p>A broker in maintenance stays in sync, and leads what no other can.
 *
 * Immutable.
 */
final class Election {
    private final Living living;
    private final boolean preferred;

    /**
     * @param preferred whether the first replica is to lead where it can
     */
    Election(Living living, boolean preferred) {
        this.living = living;
        this.preferred = preferred;
    }

    /** The state that the partition is to have; the present one if it is right. */
    PartitionState decide(PartitionState state) {
        List<Integer> inSync = state.isr().stream()
                .filter(member -> living.isInSync(state, member))
                .toList();
        return inSync.isEmpty() ? withoutInSync(state) : withInSync(state, inSync);
    }

    private PartitionState withInSync(PartitionState state, List<Integer> inSync) {
        List<Integer> staying = inSync.stream().filter(living::stays).toList();
        List<Integer> members = staying.isEmpty() ? inSync : staying;
        List<Integer> leaving =
                state.isr().stream().filter(member -> !members.contains(member)).toList();
        PartitionState pruned = leaving.isEmpty() ? state : state.inSyncWithout(leaving);
        List<Integer> willing = members.stream().filter(living::isWilling).toList();
        List<Integer> candidates = willing.isEmpty() ? members : willing;
        int first = firstOf(state, candidates);
        boolean keeps = candidates.contains(state.leaderId())
                && !(preferred && first == state.replicas().get(0));
        return keeps || first == state.leaderId() ? pruned : pruned.led(first);
    }

    /** Nobody who is surely in sync is alive. */
    private PartitionState withoutInSync(PartitionState state) {
        List<Integer> returned = state.isr().stream()
                .filter(member -> hasReturned(state, member))
                .toList();
        BrokerAddress leader = returned.isEmpty() ? null : living.find(firstOf(state, returned));
        if (leader != null) {
            return state.inSync(List.of(leader.id()), List.of(leader.epoch())).led(leader.id());
        }
        return state.leaderId() == PartitionState.NO_LEADER ? state : state.led(PartitionState.NO_LEADER);
    }

    private boolean hasReturned(PartitionState state, int member) {
        BrokerAddress broker = living.find(member);
        return broker != null && state.inSyncSince(member) >= broker.dataSince();
    }

    /** In the order of the replicas, so that the preferred one comes first. */
    private static int firstOf(PartitionState state, List<Integer> members) {
        List<Integer> ordered = new ArrayList<>(state.replicas());
        ordered.retainAll(members);
        return ordered.isEmpty() ? members.get(0) : ordered.get(0);
    }
}
