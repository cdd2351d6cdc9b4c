package io.millrace.broker.partition;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a leader sends of one log. Immutable; the bytes are the receiver's.
 *
 * @param logStartOffset the first offset that the leader keeps
 * @param highWatermark the first offset that is not committed
 * @param fromOffset where the follower must stand for this to follow; behind the gap, if one lies there
 * @param batches whole batches, or null if there are none
 * @param divergence where the follower's log leaves the leader's, or null if nobody knows of such a place; then there are no batches
 */
public record LogData(
        long logStartOffset,
        long highWatermark,
        long fromOffset,
        @Nullable ByteBuffer batches,
        @Nullable Divergence divergence) {

    /**
     * The last epoch that both logs may have, and where the leader's ends (KIP-320's diverging epoch).
     *
     * @param epoch -1 if they have none in common
     */
    public record Divergence(int epoch, long endOffset) {}
}
