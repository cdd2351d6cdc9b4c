package io.millrace.broker.partition;

import java.util.List;

/**
 * How far the replicas of a partition are, as its leader knows. Immutable.
 *
 * @param logEndOffset where the leader's message log ends
 * @param others the other replicas
 */
public record ReplicaStandings(long logEndOffset, List<ReplicaStanding> others) {
    public ReplicaStandings {
        others = List.copyOf(others);
    }
}
