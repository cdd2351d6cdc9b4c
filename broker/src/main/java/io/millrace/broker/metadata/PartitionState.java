package io.millrace.broker.metadata;

import java.util.List;

/** One partition of a destination: its replicas and who leads them. Immutable. */
public record PartitionState(int index, List<Integer> replicas, int leaderId, int leaderEpoch, List<Integer> isr) {
    /** No broker leads the partition at the moment. */
    public static final int NO_LEADER = -1;

    public PartitionState {
        if (index < 0 || replicas.isEmpty()) {
            throw new IllegalArgumentException("partition " + index + " on brokers " + replicas);
        }
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
    }
}
