package io.millrace.broker.group;

import java.util.Objects;
import java.util.UUID;

/**
 * An offset from which a group goes on. Immutable.
 *
 * @param leaderEpoch the leader epoch of the last record consumed, or -1
 * @param metadata what the client keeps with it
 * @param commitTimestampMs when it was committed
 * @param expireTimestampMs when it ends by the wish of the client, or -1 for the broker's retention
 * @param topicId the topic's id when it was committed; zero if unknown
 */
public record CommittedOffset(
        long offset, int leaderEpoch, String metadata, long commitTimestampMs, long expireTimestampMs, UUID topicId) {
    public static final UUID NO_TOPIC_ID = new UUID(0, 0);

    public CommittedOffset {
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(topicId, "topicId");
    }

    /** Whether it is past its retention, which began at {@code sinceMs}. */
    boolean isExpired(long sinceMs, long retentionMs, long nowMs) {
        return expireTimestampMs >= 0 ? nowMs >= expireTimestampMs : nowMs - sinceMs >= retentionMs;
    }
}
