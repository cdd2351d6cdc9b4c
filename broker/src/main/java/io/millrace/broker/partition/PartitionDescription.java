package io.millrace.broker.partition;

import io.millrace.broker.delivery.Browser;
import io.millrace.broker.delivery.SubscriptionKey;
import io.millrace.broker.log.Log;
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

    static PartitionDescription of(
            int leaderEpoch, Log messages, long highWatermark, Log deliveries, List<Browser.Standing> standings) {
        List<Subscription> subscriptions = standings.stream()
                .map(s -> new Subscription(s.key(), s.selector(), s.waiting(), s.inFlight(), s.consumers(), s.floor()))
                .toList();
        return new PartitionDescription(
                leaderEpoch,
                messages.logStartOffset(),
                highWatermark,
                messages.logEndOffset(),
                messages.sizeBytes(),
                deliveries.sizeBytes(),
                subscriptions);
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
