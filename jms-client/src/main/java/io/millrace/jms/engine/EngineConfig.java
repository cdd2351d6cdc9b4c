package io.millrace.jms.engine;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ConnectionEngine} is made with.
 *
 * @param identity who connects
 * @param addresses the brokers to try, in order; at least one
 * @param timeouts how long things may take
 * @param createDestinations whether destinations are created when first used
 * @param maxBatchBytes the most bytes of several messages put into one batch; a larger message goes alone
 */
public record EngineConfig(
        Identity identity,
        List<BrokerAddress> addresses,
        Timeouts timeouts,
        boolean createDestinations,
        int maxBatchBytes) {
    public EngineConfig {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("no broker address");
        }
    }

    /**
     * Who connects.
     *
     * @param connectionId chosen anew for each JMS connection, by chance
     * @param clientId the JMS client identifier to claim, or null
     * @param user the user, or null for anonymous
     * @param password the password, or null
     * @param softwareVersion the client's version
     */
    public record Identity(
            UUID connectionId,
            @Nullable String clientId,
            @Nullable String user,
            @Nullable String password,
            String softwareVersion) {
        /** Without the password. */
        @Override
        public String toString() {
            return "Identity[" + connectionId + ", " + clientId + ", " + user + "]";
        }
    }

    /**
     * How long things may take, in ms.
     *
     * @param connectMs until one address answers Hello
     * @param requestMs until a request is answered, or its connection is taken for dead
     * @param reconnectMs until a lost connection is lost for good
     * @param backoffMs the wait after the first round of vain attempts; it doubles with each round
     * @param maxBackoffMs the longest wait; below the broker's reattach.grace, so that deliveries find their holder
     */
    public record Timeouts(long connectMs, long requestMs, long reconnectMs, long backoffMs, long maxBackoffMs) {
        /** The defaults of the connection factory. */
        public static final Timeouts DEFAULT = new Timeouts(10_000, 30_000, 300_000, 20, 500);

        /** The wait that follows a wait, or the first one after 0. */
        long nextBackoffMs(long previousMs) {
            return previousMs <= 0 ? backoffMs : Math.min(maxBackoffMs, 2 * previousMs);
        }
    }
}
