package io.millrace.broker.partition;

import java.util.List;

/**
 * Who leads a partition, and with whom. Immutable.
 *
 * @param self this broker's id
 * @param replicas the brokers that are to hold a replica, this one among them
 */
public record Leadership(int leaderEpoch, int self, List<Integer> replicas, InSync inSync) {
    public Leadership {
        replicas = List.copyOf(replicas);
        if (!replicas.contains(self) || !inSync.members().contains(self)) {
            throw new IllegalArgumentException("broker " + self + " is to lead with replicas " + replicas + " of which "
                    + inSync.members() + " are in sync");
        }
    }

    /** A partition that has one replica only. */
    public static Leadership alone(int leaderEpoch) {
        return new Leadership(leaderEpoch, 0, List.of(0), new InSync(List.of(0), 0));
    }

    /** Whether other brokers hold replicas. */
    public boolean isReplicated() {
        return replicas.size() > 1;
    }
}
