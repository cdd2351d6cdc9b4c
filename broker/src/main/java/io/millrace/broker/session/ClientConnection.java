package io.millrace.broker.session;

import io.millrace.broker.delivery.ConnectionInfo;
import io.millrace.broker.metadata.ClientIdClaim;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a session knows of a client that said Hello: who it is, its consumers, what it settled. Owned by the connection's lane. */
final class ClientConnection {
    private final ConnectionSession session;
    private final UUID connectionId;
    private final String user;
    private final long producerId;
    private final Map<Integer, AttachedConsumer> consumers = new LinkedHashMap<>();
    private final SettlementTracker settlements = new SettlementTracker();
    private final Deliveries deliveries;
    private @Nullable ClientIdClaim claim;
    private boolean claiming;

    ClientConnection(ConnectionSession session, UUID connectionId, String user, long producerId) {
        this.session = session;
        this.connectionId = connectionId;
        this.user = user;
        this.producerId = producerId;
        this.deliveries = new Deliveries(session, this);
    }

    UUID connectionId() {
        return connectionId;
    }

    /** The connection as partitions are told of it. */
    ConnectionInfo info() {
        return new ConnectionInfo(
                connectionId, clientId(), user, session.connection().remoteAddress(), producerId);
    }

    // ---- the client identifier

    @Nullable
    String clientId() {
        return claim == null ? null : claim.clientId();
    }

    /** Whether a client identifier is claimed or about to be. */
    boolean hasClaim() {
        return claim != null || claiming;
    }

    void onClaiming() {
        claiming = true;
    }

    void onClaimed(ClientIdClaim claimed) {
        claiming = false;
        claim = claimed;
        if (session.isClosed()) {
            session.services().registries().clientIds().release(claimed);
        }
    }

    void onClaimFailed() {
        claiming = false;
    }

    // ---- consumers

    Deliveries deliveries() {
        return deliveries;
    }

    SettlementTracker settlements() {
        return settlements;
    }

    @Nullable
    AttachedConsumer consumer(int id) {
        return consumers.get(id);
    }

    /** Notes a consumer; false if there is one of that id. */
    boolean addConsumer(AttachedConsumer consumer) {
        return consumers.putIfAbsent(consumer.id(), consumer) == null;
    }

    void removeConsumer(int id) {
        consumers.remove(id);
    }

    /** The consumers that are attached to a partition. */
    List<Integer> consumersOn(HostedPartition partition) {
        return consumers.values().stream()
                .filter(consumer -> consumer.partition().equals(partition))
                .map(AttachedConsumer::id)
                .toList();
    }

    /** The partitions that consumers are attached to, each once. */
    Set<HostedPartition> partitions() {
        Set<HostedPartition> partitions = new LinkedHashSet<>();
        for (AttachedConsumer consumer : consumers.values()) {
            partitions.add(consumer.partition());
        }
        return partitions;
    }

    void onClosed(long nowMs) {
        for (HostedPartition hosted : partitions()) {
            session.call(hosted, partition -> partition.onConnectionLost(connectionId, deliveries, nowMs));
        }
        consumers.clear();
        deliveries.close();
        if (claim != null) {
            session.services().registries().clientIds().release(claim);
        }
    }
}
