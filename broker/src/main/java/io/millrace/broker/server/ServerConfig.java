package io.millrace.broker.server;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.HostPort;
import io.millrace.broker.session.Complaints;

/**
 * What the server is told about its limits. Immutable.
 *
 * @param listen where to listen; port 0 picks a free one
 * @param maxConnections how many connections are served at once
 * @param maxFrameBytes the largest request that is read
 * @param frameTimeoutMs how long a frame may take to get whole, beside the time that its length is worth
 * @param stallTimeoutMs how long a peer may take nothing of its answers while memory is short
 * @param idleTimeoutMs how long it may take nothing of them otherwise; 0 for ever
 * @param complaints where it is told what peers did wrong
 */
public record ServerConfig(
        HostPort listen,
        int maxConnections,
        int maxFrameBytes,
        int frameTimeoutMs,
        int stallTimeoutMs,
        int idleTimeoutMs,
        Complaints complaints) {
    /** The settings of a broker. */
    public static ServerConfig of(BrokerConfig config, Complaints complaints) {
        return new ServerConfig(
                HostPort.parse(config.get(BrokerConfig.LISTEN)),
                config.get(BrokerConfig.MAX_CONNECTIONS),
                config.get(BrokerConfig.MAX_FRAME_BYTES),
                config.get(BrokerConfig.FRAME_TIMEOUT_MS),
                config.get(BrokerConfig.WRITE_STALL_TIMEOUT_MS),
                config.get(BrokerConfig.CONNECTIONS_MAX_IDLE_MS),
                complaints);
    }
}
