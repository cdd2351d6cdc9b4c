package io.millrace.broker.metadata;

import java.util.UUID;

/**
 * That a JMS client identifier belongs to a JMS connection. Immutable.
 *
 * @param connectionId the client's id of its JMS connection, kept over reconnects
 * @param epoch greater than that of every earlier claim of this broker
 */
public record ClientIdClaim(String clientId, UUID connectionId, long epoch) {}
