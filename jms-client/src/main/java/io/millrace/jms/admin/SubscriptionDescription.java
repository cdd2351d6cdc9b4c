package io.millrace.jms.admin;

import org.jspecify.annotations.Nullable;

/**
 * One subscription on one partition.
 *
 * @param kind {@code queue}, {@code non-durable}, {@code durable}, {@code shared} or {@code shared durable}
 * @param clientId the client identifier, or null
 * @param name the subscription's name, or null
 * @param waiting messages committed, unsettled and not in flight
 * @param inFlight messages delivered and not settled
 * @param consumers consumers attached
 * @param floor the first offset not settled
 */
public record SubscriptionDescription(
        String kind,
        @Nullable String clientId,
        @Nullable String name,
        long waiting,
        long inFlight,
        int consumers,
        long floor) {}
