package io.millrace.broker.delivery;

import java.util.List;

/**
 * The consumer is attached.
 *
 * @param startOffset the next offset the subscription will look at
 * @param lost held offsets that are no longer this consumer's: settled, or given to another
 */
public record AttachResult(long startOffset, List<OffsetRange> lost) {
    public AttachResult {
        lost = List.copyOf(lost);
    }
}
