package io.millrace.broker.metadata;

import io.millrace.broker.partition.Reply;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The durable subscriptions of the cluster. One is opened by an intent in the store, then a record in each partition of
 * its topic, then is active; it is closed the same way back. Whoever finds an intent at start finishes it. Every method
 * may be called from any thread and returns at once; replies come on the metadata thread.
 */
@SuppressWarnings("DoNotCallSuggester") // signatures first: the bodies follow at once and remove this
public final class SubscriptionRegistry {
    /**
     * Finds or opens a durable subscription; answers when every partition of the topic knows it. One of the same name
     * with another topic, selector or noLocal is closed first and opened anew, its messages are gone; while it has a
     * consumer that fails with {@code SUBSCRIPTION_IN_USE}. Call it before attaching a durable consumer.
     */
    public void open(
            String clientId,
            String name,
            UUID topicId,
            @Nullable String selector,
            boolean noLocal,
            Reply<DurableSubscription> reply) {
        throw new UnsupportedOperationException();
    }

    /**
     * Closes a durable subscription; answers when no partition keeps anything for it. Fails with {@code
     * UNKNOWN_SUBSCRIPTION}, or {@code SUBSCRIPTION_IN_USE} while it has a consumer.
     */
    public void unsubscribe(String clientId, String name, Reply<@Nullable Void> reply) {
        throw new UnsupportedOperationException();
    }
}
