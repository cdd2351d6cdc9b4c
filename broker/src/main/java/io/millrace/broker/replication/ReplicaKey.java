package io.millrace.broker.replication;

import java.util.UUID;

/** A partition, by the id of its topic. Immutable. */
public record ReplicaKey(UUID topicId, int index) {}
