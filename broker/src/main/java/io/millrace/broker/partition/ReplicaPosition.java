package io.millrace.broker.partition;

import java.util.Objects;

/**
 * What a follower tells its leader. Immutable.
 *
 * @param leaderEpoch the epoch in which it follows
 * @param anew whether it begins there, or again: what the leader sent since and beyond does not count
 */
public record ReplicaPosition(int leaderEpoch, boolean anew, LogPosition messages, LogPosition deliveries) {
    public ReplicaPosition {
        Objects.requireNonNull(messages, "messages");
        Objects.requireNonNull(deliveries, "deliveries");
    }
}
