package io.millrace.broker.session;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.partition.Partition;
import java.util.Objects;

/** A partition that this broker holds, and the lane on which alone it may be called. Immutable. */
public record HostedPartition(Partition partition, Lane lane) {
    public HostedPartition {
        Objects.requireNonNull(partition, "partition");
        Objects.requireNonNull(lane, "lane");
    }
}
