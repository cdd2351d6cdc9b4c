package io.millrace.broker.peer;

import io.millrace.broker.config.HostPort;

/**
 * Another living broker of the cluster. Immutable.
 *
 * @param epoch the epoch of its registration: a broker that was started again has a higher one
 * @param address where it listens
 */
public record Peer(int brokerId, long epoch, HostPort address) {
    @Override
    public String toString() {
        return "broker " + brokerId + " (epoch " + epoch + ") at " + address;
    }
}
