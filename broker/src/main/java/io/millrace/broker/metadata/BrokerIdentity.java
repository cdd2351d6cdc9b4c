package io.millrace.broker.metadata;

import java.util.UUID;

/**
 * What tells one data directory from another. Immutable.
 *
 * @param directory given at its creation
 * @param since the broker epochs before this one were of other directories
 */
public record BrokerIdentity(UUID directory, long since) {
    /** Of a broker that is alone: there is no other. */
    public static final BrokerIdentity ALONE = new BrokerIdentity(new UUID(0, 0), 0);
}
