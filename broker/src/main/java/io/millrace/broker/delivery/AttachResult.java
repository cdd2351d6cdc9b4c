package io.millrace.broker.delivery;

import java.util.List;

/**
 * The consumer is attached.
 *
 * @param startOffset the next offset the subscription will look at
 * @param leaderEpoch the leader's, which the consumer names when it comes back
 * @param knownEnd what the client said of offsets from here on was passed over
 * @param lost offsets that the client held, or settled for good, and that are neither this consumer's nor settled by it
 */
public record AttachResult(long startOffset, int leaderEpoch, long knownEnd, List<OffsetRange> lost) {
    public AttachResult {
        lost = List.copyOf(lost);
    }
}
