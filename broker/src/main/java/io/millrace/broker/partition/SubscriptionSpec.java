package io.millrace.broker.partition;

import io.millrace.broker.delivery.SubscriptionKey;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A durable subscription to be opened on a partition. Immutable.
 *
 * @param incarnation the registry's number of this creation. Opening the same key again with the same number changes nothing; with
 *     another number the old subscription, and what it retained, is dropped first.
 * @param selector the message selector, or null
 */
public record SubscriptionSpec(
        SubscriptionKey key, long incarnation, @Nullable String selector, boolean noLocal) {
    public SubscriptionSpec {
        Objects.requireNonNull(key, "key");
    }
}
