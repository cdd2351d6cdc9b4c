package io.millrace.jms.admin;

import java.util.List;

/**
 * One partition of a destination.
 *
 * @param index its number
 * @param leaderId the broker that leads it, or -1
 * @param logStartOffset the first offset kept
 * @param highWatermark the first offset not yet committed
 * @param logEndOffset the next offset
 * @param sizeBytes bytes of the message log on disk
 * @param deliveryLogBytes bytes of the delivery log on disk
 * @param subscriptions the subscriptions, a queue's own included
 */
public record PartitionDescription(
        int index,
        int leaderId,
        long logStartOffset,
        long highWatermark,
        long logEndOffset,
        long sizeBytes,
        long deliveryLogBytes,
        List<SubscriptionDescription> subscriptions) {
    public PartitionDescription {
        subscriptions = List.copyOf(subscriptions);
    }
}
