package io.millrace.broker.metadata;

import java.util.UUID;

/** A topic that is no longer there but whose files may be. Immutable. */
record DeletedTopic(UUID topicId, String topicName, int partitions) {}
