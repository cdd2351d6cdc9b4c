package io.millrace.broker.metadata;

import io.millrace.broker.partition.PartitionId;

/**
 * Another state for a partition, if it still has the version that it names. Immutable.
 *
 * @param wanted the state, with the version that the present one is expected to have
 */
public record PartitionChange(PartitionId id, PartitionState wanted) {}
