package io.millrace.broker.partition;

/** A follower's connection, as the leader's partition sees it. Called on the partition's lane, from inside a call of the partition. */
public interface ReplicaSink {
    /** There is something for the follower: {@link Partition#readForReplica} has it. Not told again before it was read. */
    void ready();

    /**
     * Another connection of the follower has spoken for the replica, and nothing more comes by this one. Where bytes of an older connection were late,
     * this is the one on which the follower waits: it must hear of it.
     */
    void replaced();

    /** In which of its lives the follower's broker has connected: the epoch of its registration. */
    long brokerEpoch();
}
