package io.millrace.broker.session;

import io.millrace.broker.peer.PeerGate;
import java.util.function.LongSupplier;

/**
 * The broker as its sessions see it. Immutable; its parts are for any thread.
 *
 * @param elapsedMs the clock that only goes forward by which leases are measured
 */
public record SessionServices(
        SessionConfig config,
        PartitionDirectory partitions,
        Registries registries,
        PeerGate peers,
        Complaints complaints,
        LongSupplier elapsedMs) {}
