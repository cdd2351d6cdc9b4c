package io.millrace.broker.session;

/** A consumer of a connection and the partition it is attached to. Immutable. */
record AttachedConsumer(int id, HostedPartition partition) {}
