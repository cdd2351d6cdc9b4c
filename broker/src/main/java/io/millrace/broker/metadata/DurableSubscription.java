package io.millrace.broker.metadata;

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
        long incarnation) {}
