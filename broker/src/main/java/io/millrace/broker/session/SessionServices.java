package io.millrace.broker.session;

/** The broker as its sessions see it. Immutable; its parts are for any thread. */
public record SessionServices(
        SessionConfig config, PartitionDirectory partitions, Registries registries, Complaints complaints) {}
