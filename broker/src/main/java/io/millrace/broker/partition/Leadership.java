package io.millrace.broker.partition;

import java.util.List;

/**
 * Who leads a partition, and with whom. Immutable.
 *
 * @param self this broker's id
 * @param replicas the brokers that are to hold a replica, this one among them
 * @param isMoved whether it was ever led by a broker that is none of those any more
 */
public record Leadership(int leaderEpoch, int self, List<Integer> replicas, InSync inSync, boolean isMoved) {
    public Leadership {
        replicas = List.copyOf(replicas);
        if (!replicas.contains(self) || !inSync.members().contains(self)) {
            throw new IllegalArgumentException("broker " + self + " is to lead with replicas " + replicas + " of which "
                    + inSync.members() + " are in sync");
        }
    }

    /** The leadership of a partition that was never moved. */
    public Leadership(int leaderEpoch, int self, List<Integer> replicas, InSync inSync) {
        this(leaderEpoch, self, replicas, inSync, false);
    }

    /** A partition that has one replica only. */
    public static Leadership alone(int leaderEpoch) {
        return new Leadership(leaderEpoch, 0, List.of(0), new InSync(List.of(0), 0));
    }

    /** Whether other brokers hold replicas, or did: one of them may have led, and have a lease still. */
    public boolean isReplicated() {
        return replicas.size() > 1 || isMoved;
    }
}
