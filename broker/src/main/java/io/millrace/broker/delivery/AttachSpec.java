package io.millrace.broker.delivery;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A consumer to be attached to a subscription, as the private API's Attach describes it. Immutable.
 *
 * @param consumerId unique on its connection
 * @param subscription kind and, for durable and shared ones, client id and name
 * @param selector the message selector, or null
 * @param startOffset for non-durable ones: where to go on after a reconnect, or -1 for the end of the log
 * @param deliveryLimit how many deliveries the consumer takes in all since this attach
 * @param byteLimit how many bytes of delivered messages it takes in all since this attach; the delivery that reaches it may pass it
 * @param reattach whether the consumer was attached before and comes back
 * @param leaderEpoch the epoch in which it was attached last, or -1; what it says of offsets it says of the log as it was then
 * @param held the deliveries that the client still holds unsettled; they count neither against the limits nor as delivered again
 * @param settlements settlements of this consumer that were never confirmed, in their order
 */
public record AttachSpec(
        ConnectionInfo connection,
        int consumerId,
        SubscriptionKey subscription,
        @Nullable String selector,
        boolean noLocal,
        long startOffset,
        long deliveryLimit,
        long byteLimit,
        boolean reattach,
        int leaderEpoch,
        List<OffsetRange> held,
        List<Settlement> settlements) {
    public AttachSpec {
        Objects.requireNonNull(connection, "connection");
        Objects.requireNonNull(subscription, "subscription");
        held = List.copyOf(held);
        settlements = List.copyOf(settlements);
    }
}
