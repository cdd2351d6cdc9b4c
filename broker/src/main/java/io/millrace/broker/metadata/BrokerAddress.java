package io.millrace.broker.metadata;

import io.millrace.broker.config.HostPort;
import org.jspecify.annotations.Nullable;

/**
 * A living broker and where it is reached. Immutable.
 *
 * @param host where clients reach it, with {@code port}
 * @param peerAddress where other brokers reach it
 * @param rack what it shares its fate with, or null if nobody said
 * @param epoch differs at each registration and grows
 * @param dataSince the epochs before this one were of another data directory, which is lost
 * @param draining whether it is about to close and wants to lead nothing any more
 * @param build what it reads, writes and speaks
 */
public record BrokerAddress(
        int id,
        String host,
        int port,
        HostPort peerAddress,
        @Nullable String rack,
        long epoch,
        long dataSince,
        boolean draining,
        BrokerBuild build) {
    /** A broker that is not registered yet. */
    public BrokerAddress(
            int id, HostPort clientAddress, HostPort peerAddress, @Nullable String rack, BrokerBuild build) {
        this(id, clientAddress.host(), clientAddress.port(), peerAddress, rack, 0, 0, false, build);
    }

    /** A broker without a rack that is not registered yet, and is reached at one address by everybody. */
    public BrokerAddress(int id, String host, int port) {
        this(id, host, port, new HostPort(host, port), null, 0, 0, false, BrokerBuild.ofThis(""));
    }

    /** The same with data of that age. */
    BrokerAddress withDataSince(long since) {
        return new BrokerAddress(id, host, port, peerAddress, rack, epoch, since, draining, build);
    }

    /** The same, about to close. */
    BrokerAddress leaving() {
        return new BrokerAddress(id, host, port, peerAddress, rack, epoch, dataSince, true, build);
    }
}
