package io.millrace.broker.partition;

import io.millrace.broker.delivery.DeliveryRecord;
import io.millrace.broker.delivery.DeliveryState;
import io.millrace.broker.log.Log;
import java.util.List;

/** What a partition does now and then for its own: snapshots, retention, forgetting who was silent. Owned by the partition's lane. */
final class Upkeep {
    private final DeliveryState state;
    private final Log messages;
    private final HighWatermark messageMark;
    private final DeliveryLog deliveries;
    private final StateKeeper keeper;
    private long keptCommittedBytes;
    /** Where the logs ended when something was maintained last. */
    private long maintainedMessageEnd = -1;

    private long maintainedDeliveryEnd = -1;

    Upkeep(DeliveryState state, Log messages, HighWatermark messageMark, DeliveryLog deliveries, StateKeeper keeper) {
        this.state = state;
        this.messages = messages;
        this.messageMark = messageMark;
        this.deliveries = deliveries;
        this.keeper = keeper;
    }

    /** Writes a snapshot of the fold, if one is due. */
    void keepSnapshots(PartitionConfig config, long nowMs) {
        long bytes = messageMark.committedBytes() + deliveries.highWatermark().committedBytes();
        keeper.onFolded(bytes - keptCommittedBytes);
        keptCommittedBytes = bytes;
        if (state.subscriptionCount() > 0 && keeper.isSnapshotDue(config, nowMs)) {
            keeper.writeSnapshot(state, nowMs);
        }
    }

    /**
     * Does what is due every few seconds.
     *
     * @param leads whether this replica leads: a follower deletes what its leader has deleted
     * @return whether nothing was appended since the last time
     */
    boolean maintain(PartitionConfig config, boolean leads, long nowMs) {
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
        boolean isIdle = messages.logEndOffset() == maintainedMessageEnd
                && deliveries.log().logEndOffset() == maintainedDeliveryEnd
                && deliveries.isLevel();
        maintainedMessageEnd = messages.logEndOffset();
        maintainedDeliveryEnd = deliveries.log().logEndOffset();
        return isIdle;
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
