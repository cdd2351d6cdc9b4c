package io.millrace.broker.peer;

import io.millrace.broker.config.BrokerConfig;

/**
 * The limits of connections to other brokers. Immutable.
 *
 * @param connectTimeoutMs how long it may take until the other broker has answered PeerHello
 * @param requestTimeoutMs how long a call may wait for its answer
 * @param idleTimeoutMs a link on which nothing came for this long is given up
 * @param backoffMs the first pause before connecting again
 * @param backoffMaxMs the longest such pause
 * @param maxFrameBytes the largest answer that is read: what came in one request, and what is sent beside it
 */
public record PeerConfig(
        int connectTimeoutMs,
        int requestTimeoutMs,
        int idleTimeoutMs,
        int backoffMs,
        int backoffMaxMs,
        int maxFrameBytes) {
    private static final int BESIDE_BYTES = 2 * 1024 * 1024;

    public PeerConfig {
        if (backoffMaxMs < backoffMs) {
            throw new IllegalArgumentException(
                    "the longest pause of " + backoffMaxMs + " ms is below the first of " + backoffMs + " ms");
        }
    }

    /** The settings of a broker. */
    public static PeerConfig of(BrokerConfig config) {
        int backoffMs = config.get(BrokerConfig.PEER_RECONNECT_BACKOFF_MS);
        return new PeerConfig(
                config.get(BrokerConfig.PEER_CONNECT_TIMEOUT_MS),
                config.get(BrokerConfig.PEER_REQUEST_TIMEOUT_MS),
                config.get(BrokerConfig.PEER_IDLE_TIMEOUT_MS),
                backoffMs,
                Math.max(backoffMs, config.get(BrokerConfig.PEER_RECONNECT_BACKOFF_MAX_MS)),
                (int) Math.min(Integer.MAX_VALUE, (long) config.get(BrokerConfig.MAX_FRAME_BYTES) + BESIDE_BYTES));
    }
}
