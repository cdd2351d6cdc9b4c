package io.millrace.broker.session;

import io.millrace.broker.peer.PeerGate;

/** The broker as its sessions see it. Immutable; its parts are for any thread. */
public record SessionServices(
        SessionConfig config,
        PartitionDirectory partitions,
        Registries registries,
        PeerGate peers,
        Complaints complaints) {}
