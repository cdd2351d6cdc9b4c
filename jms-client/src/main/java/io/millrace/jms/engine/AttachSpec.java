package io.millrace.jms.engine;

import io.millrace.protocol.SubscriptionKind;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer attaches to, and how far it reads ahead. Immutable.
 *
 * @param kind the kind of subscription
 * @param subscriptionName the name of a durable or shared subscription, or null
 * @param selector the message selector, or null
 * @param noLocal whether messages of this connection are left out
 * @param prefetch how many messages may lie unconsumed at the client
 * @param prefetchBytes about how many bytes
 */
public record AttachSpec(
        SubscriptionKind kind,
        @Nullable String subscriptionName,
        @Nullable String selector,
        boolean noLocal,
        int prefetch,
        int prefetchBytes) {
    public AttachSpec {
        if (prefetch < 1 || prefetchBytes < 1) {
            throw new IllegalArgumentException("prefetch " + prefetch + ", prefetchBytes " + prefetchBytes);
        }
    }
}
