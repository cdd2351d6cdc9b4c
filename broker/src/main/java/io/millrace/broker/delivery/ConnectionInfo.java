package io.millrace.broker.delivery;

import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end: written into the delivery log beside what they decide. {@code connectionId} is Hello's, kept by the
 * client over reconnects. Immutable.
 *
 * @param producerId the connection's producer id, by which {@code noLocal} knows its own messages; -1 for none
 */
public record ConnectionInfo(
        UUID connectionId,
        @Nullable String clientId,
        @Nullable String user,
        String host,
        long producerId) {
    public ConnectionInfo {
        Objects.requireNonNull(connectionId, "connectionId");
        Objects.requireNonNull(host, "host");
    }
}
