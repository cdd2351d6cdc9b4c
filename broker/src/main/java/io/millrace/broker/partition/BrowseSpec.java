package io.millrace.broker.partition;

import io.millrace.broker.delivery.SubscriptionKey;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A page of unsettled messages to look at without acquiring them. Immutable.
 *
 * @param startOffset the first offset to look at; 0 for the oldest
 * @param maxMessages the most messages to answer with
 * @param maxBytes about the most bytes to answer with; one message is always sent whole
 */
public record BrowseSpec(
        SubscriptionKey subscription, @Nullable String selector, long startOffset, int maxMessages, int maxBytes) {
    public BrowseSpec {
        Objects.requireNonNull(subscription, "subscription");
    }
}
