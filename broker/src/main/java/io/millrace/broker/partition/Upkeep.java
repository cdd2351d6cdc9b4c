package io.millrace.broker.partition;

import io.millrace.broker.delivery.DeliveryRecord;
import io.millrace.broker.delivery.DeliveryState;
import io.millrace.broker.log.Log;
import java.util.List;

/** What a partition does now and then for its own: snapshots, retention, forgetting who was silent. Owned by the partition's lane. */
final class Upkeep {
    /** How often retention, expired producers and idle memory are looked at. */
    private static final long INTERVAL_MS = 10_000;
    /**
     * It doubles up to this while nothing is appended: thousands may be idle. Kafka looks at retention every five minutes; here it is also how long
     * files stay open that were only read.
     */
    private static final long MAX_INTERVAL_MS = 120_000;
    /** But up to so long only where messages are to go soon. */
    private static final long MAX_INTERVAL_OF_SHORT_RETENTION_MS = 30_000;
    /** How many times a message's retention is to be looked at, if that is not too often. */
    private static final int LOOKS_IN_RETENTION = 10;

    private final DeliveryState state;
    private final Log messages;
    private final HighWatermark messageMark;
    private final DeliveryLog deliveries;
    private final StateKeeper keeper;
    private long keptCommittedBytes;
    private long intervalMs = INTERVAL_MS;
    private long nextMs;
    /** Where the logs ended when something was maintained last. */
    private long maintainedMessageEnd = -1;

    private long maintainedDeliveryEnd = -1;

    Upkeep(
            DeliveryState state,
            Log messages,
            HighWatermark messageMark,
            DeliveryLog deliveries,
            StateKeeper keeper,
            long nowMs) {
        this.state = state;
        this.messages = messages;
        this.messageMark = messageMark;
        this.deliveries = deliveries;
        this.keeper = keeper;
        this.nextMs = nowMs + INTERVAL_MS;
    }

    /** When {@link #maintain} is to be called. */
    long nextMs() {
        return nextMs;
    }

    /** Retention may be shorter: the next look is to be soon. */
    void onConfig() {
        maintainedMessageEnd = -1;
    }

    /** Writes a snapshot if one is due; what was idle and is used again is maintained soon. */
    void onEndOfTurn(PartitionConfig config, long nowMs) {
        keepSnapshots(config, nowMs);
        if (nextMs - nowMs > INTERVAL_MS && !isIdle()) {
            intervalMs = INTERVAL_MS;
            nextMs = nowMs + INTERVAL_MS;
        }
    }

    /** Writes a snapshot of the fold, if one is due. */
    private void keepSnapshots(PartitionConfig config, long nowMs) {
        long bytes = messageMark.committedBytes() + deliveries.highWatermark().committedBytes();
        keeper.onFolded(bytes - keptCommittedBytes);
        keptCommittedBytes = bytes;
        if (state.subscriptionCount() > 0 && keeper.isSnapshotDue(config, nowMs)) {
            keeper.writeSnapshot(state, nowMs);
        }
    }

    /**
     * Does what is due every few seconds, or minutes while nothing is appended.
     *
     * @param leads whether this replica leads: a follower deletes what its leader has deleted
     */
    void maintain(PartitionConfig config, boolean leads, long nowMs) {
        messages.expireProducers(nowMs);
        keepSnapshots(config, nowMs);
        if (leads) {
            retainMessages(nowMs);
        }
        messages.releaseIdleFiles();
        deliveries.log().releaseIdleFiles();
        if (leads && deliveries.isLevel()) {
            List<DeliveryRecord> stateRecords = keeper.trim(state, nowMs);
            if (stateRecords != null) {
                stateRecords.forEach(deliveries.turn()::add);
            }
        }
        intervalMs = isIdle() ? Math.min(2 * intervalMs, maxIntervalMs()) : INTERVAL_MS;
        nextMs = nowMs + intervalMs;
        maintainedMessageEnd = messages.logEndOffset();
        maintainedDeliveryEnd = deliveries.log().logEndOffset();
    }

    /** Whether nothing was appended since the last time. */
    private boolean isIdle() {
        return messages.logEndOffset() == maintainedMessageEnd
                && deliveries.log().logEndOffset() == maintainedDeliveryEnd
                && deliveries.isLevel();
    }

    private long maxIntervalMs() {
        long retentionMs = messages.config().retentionMs();
        return retentionMs < 0
                ? MAX_INTERVAL_MS
                : Math.max(
                        MAX_INTERVAL_OF_SHORT_RETENTION_MS,
                        Math.min(MAX_INTERVAL_MS, retentionMs / LOOKS_IN_RETENTION));
    }

    /** Deletes what is past retention, but nothing that a stored subscription has yet to settle. */
    private void retainMessages(long nowMs) {
        deleteBefore(messages.retentionOffset(nowMs));
    }

    /** Deletes the committed messages below an offset, but nothing that a stored subscription has yet to settle. */
    void deleteBefore(long offset) {
        messages.deleteBefore(Math.min(offset, Math.min(state.retentionFloor(), messageMark.offset())));
    }
}
