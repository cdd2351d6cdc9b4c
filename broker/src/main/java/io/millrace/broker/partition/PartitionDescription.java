package io.millrace.broker.partition;

import io.millrace.broker.delivery.SubscriptionKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an operator asks first of a partition. Immutable. */
public record PartitionDescription(
        int leaderEpoch,
        long logStartOffset,
        long highWatermark,
        long logEndOffset,
        long sizeBytes,
        long deliveryLogBytes,
        List<Subscription> subscriptions) {
    public PartitionDescription {
        subscriptions = List.copyOf(subscriptions);
    }

    /**
     * One subscription.
     *
     * @param waiting offsets committed, unsettled and not in flight
     * @param inFlight messages delivered and not settled
     * @param consumers consumers attached
     * @param floor the first offset not settled
     */
    public record Subscription(
            SubscriptionKey key, @Nullable String selector, long waiting, long inFlight, int consumers, long floor) {}
}
