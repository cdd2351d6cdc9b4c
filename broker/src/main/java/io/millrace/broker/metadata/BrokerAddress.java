package io.millrace.broker.metadata;

import org.jspecify.annotations.Nullable;

/**
 * A living broker and where clients reach it. Immutable.
 *
 * @param rack what it shares its fate with, or null if nobody said
 * @param epoch differs at each registration and grows
 * @param dataSince the epochs before this one were of another data directory, which is lost
 * @param draining whether it is about to close and wants to lead nothing any more
 */
public record BrokerAddress(
        int id, String host, int port, @Nullable String rack, long epoch, long dataSince, boolean draining) {
    /** A broker without a rack that is not registered yet. */
    public BrokerAddress(int id, String host, int port) {
        this(id, host, port, null, 0, 0, false);
    }
}
