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
 * @param complaints where it is told what peers did wrong
 */
public record ServerConfig(HostPort listen, int maxConnections, int maxFrameBytes, Complaints complaints) {
    /** The settings of a broker. */
    public static ServerConfig of(BrokerConfig config, Complaints complaints) {
        return new ServerConfig(
                HostPort.parse(config.get(BrokerConfig.LISTEN)),
                config.get(BrokerConfig.MAX_CONNECTIONS),
                config.get(BrokerConfig.MAX_FRAME_BYTES),
                complaints);
    }
}
