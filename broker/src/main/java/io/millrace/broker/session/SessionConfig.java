package io.millrace.broker.session;

import io.millrace.broker.config.BrokerConfig;

/**
 * What a session is told about the broker and its limits. Immutable.
 *
 * @param broker all settings of the broker, for those who describe them
 * @param brokerId this broker's id
 * @param brokerVersion this broker's version, as clients are told
 * @param maxFrameBytes the largest request that is read
 * @param idleTimeoutMs a connection silent for this long is given up by the client; 0 for never
 * @param maxPendingRequests how many requests of a connection may be unanswered before it is not read any more
 * @param reattachGraceMs how long deliveries wait for their old holders, as clients are told
 * @param autoCreate whether Kafka's Metadata may create topics
 */
public record SessionConfig(
        BrokerConfig broker,
        int brokerId,
        String brokerVersion,
        int maxFrameBytes,
        int idleTimeoutMs,
        int maxPendingRequests,
        int reattachGraceMs,
        boolean autoCreate) {
    /** The settings of a broker. */
    public static SessionConfig of(BrokerConfig config, String brokerVersion) {
        return new SessionConfig(
                config,
                config.get(BrokerConfig.BROKER_ID),
                brokerVersion,
                config.get(BrokerConfig.MAX_FRAME_BYTES),
                idleTimeoutMs(config),
                config.get(BrokerConfig.MAX_PENDING_REQUESTS),
                config.get(BrokerConfig.REATTACH_GRACE_MS),
                config.get(BrokerConfig.AUTO_CREATE_DESTINATIONS));
    }

    /** Where there are others who may lead, silence is not borne for long. */
    private static int idleTimeoutMs(BrokerConfig config) {
        int idleMs = config.get(BrokerConfig.CONNECTIONS_MAX_IDLE_MS);
        if (config.get(BrokerConfig.ZOOKEEPER_CONNECT).isEmpty()) {
            return idleMs;
        }
        int heartbeatMs = config.get(BrokerConfig.HEARTBEAT_TIMEOUT_MS);
        return idleMs == 0 ? heartbeatMs : Math.min(idleMs, heartbeatMs);
    }
}
