package io.millrace.broker.config;

/** What a persistent send waits for. */
public enum Durability {
    /** The disks of all in-sync replicas. */
    DISK,
    /** The memory of all in-sync replicas. */
    REPLICAS,
    /** Nothing but the append. */
    ASYNC
}
