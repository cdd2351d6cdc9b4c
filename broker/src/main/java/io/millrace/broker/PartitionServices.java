package io.millrace.broker;

import io.millrace.broker.group.GroupPartitions;
import io.millrace.broker.replication.RemoteSubscriptions;
import io.millrace.broker.replication.Replication;

/** What all of a broker's partitions are given. Immutable. */
record PartitionServices(
        PartitionSettings settings,
        FaultHandler faults,
        Replication replication,
        RemoteSubscriptions remote,
        GroupPartitions groups) {}
