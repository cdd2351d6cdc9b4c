package io.millrace.broker.delivery;

import io.millrace.protocol.SubscriptionKind;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The name by which a stored or shared subscription is known on a partition: the queue's own has neither client id nor name, an
 * unshared durable one has both. Immutable.
 */
public record SubscriptionKey(
        SubscriptionKind kind,
        @Nullable String clientId,
        @Nullable String name) {
    /** The subscription that all consumers of a queue share. */
    public static final SubscriptionKey QUEUE = new SubscriptionKey(SubscriptionKind.QUEUE, null, null);

    public SubscriptionKey {
        Objects.requireNonNull(kind, "kind");
    }

    public static SubscriptionKey durable(String clientId, String name) {
        return new SubscriptionKey(SubscriptionKind.DURABLE, clientId, name);
    }
}
