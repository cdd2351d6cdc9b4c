package io.millrace.broker.partition;

import java.util.Objects;

/** What a leader sends of a partition: of both logs, as they were at one moment. Immutable. */
public record ReplicaData(int leaderEpoch, LogData messages, LogData deliveries) {
    public ReplicaData {
        Objects.requireNonNull(messages, "messages");
        Objects.requireNonNull(deliveries, "deliveries");
    }

    /** The bytes of the batches of both logs. */
    public int sizeBytes() {
        return size(messages) + size(deliveries);
    }

    private static int size(LogData data) {
        return data.batches() == null ? 0 : data.batches().remaining();
    }
}
