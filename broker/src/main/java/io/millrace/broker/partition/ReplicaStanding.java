package io.millrace.broker.partition;

/**
 * How far another replica is, as the leader knows. Immutable.
 *
 * @param lagMessages how many offsets of the message log are not on its disk, or -1 if nothing was heard of it in this epoch
 * @param lagBytes about how many bytes of both logs those are, by the average
 */
public record ReplicaStanding(int brokerId, boolean isInSync, long lagMessages, long lagBytes) {}
