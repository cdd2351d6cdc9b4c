package io.millrace.broker.metadata;

import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A durable subscription as the registry keeps it. Immutable.
 *
 * @param incarnation given at its opening and never again: a subscription that was changed or opened again under its name has
 *     another
 */
public record DurableSubscription(
        String clientId,
        String name,
        UUID topicId,
        @Nullable String selector,
        boolean noLocal,
        long incarnation) {
    /** Whether the other would be delivered the same. */
    boolean isSameAs(DurableSubscription other) {
        return topicId.equals(other.topicId) && Objects.equals(selector, other.selector) && noLocal == other.noLocal;
    }

    /** Its place in the metadata store. */
    String path() {
        return MetadataCodec.subscriptionPath(clientId, name);
    }
}
