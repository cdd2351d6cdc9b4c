package io.millrace.broker.metadata;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;

/**
 * Which JMS connection holds which client identifier. A connection that comes back takes its own claim over with a
 * higher epoch, and the session that held it is told to end. Every method may be called from any thread; replies come
 * on the metadata thread.
 */
public final class ClientIds {
    private final Executor thread;
    private final Map<String, Holder> holders = new HashMap<>();
    private long lastEpoch;

    ClientIds(Executor thread) {
        this.thread = thread;
    }

    /**
     * Claims a client identifier. Fails with {@code INVALID_CLIENT_ID} if it is empty or another connection holds it.
     *
     * @param takenOver runs on the metadata thread when the same connection claims it again over another socket
     */
    public void claim(String clientId, UUID connectionId, Runnable takenOver, Reply<ClientIdClaim> reply) {
        thread.execute(() -> claimNow(clientId, connectionId, takenOver, reply));
    }

    /** Gives a claim back; nothing happens if it was taken over meanwhile. */
    public void release(ClientIdClaim claim) {
        thread.execute(() -> holders.computeIfPresent(
                claim.clientId(), (clientId, holder) -> holder.claim.equals(claim) ? null : holder));
    }

    private void claimNow(String clientId, UUID connectionId, Runnable takenOver, Reply<ClientIdClaim> reply) {
        if (clientId.isEmpty() || clientId.length() > SubscriptionRegistry.MAX_NAME_LENGTH) {
            reply.fail(
                    ErrorCode.INVALID_CLIENT_ID,
                    "a client identifier has 1 to " + SubscriptionRegistry.MAX_NAME_LENGTH + " characters");
            return;
        }
        Holder present = holders.get(clientId);
        if (present != null && !present.claim.connectionId().equals(connectionId)) {
            reply.fail(
                    ErrorCode.INVALID_CLIENT_ID,
                    "the client identifier " + clientId + " is in use by another connection");
            return;
        }
        lastEpoch++;
        ClientIdClaim claim = new ClientIdClaim(clientId, connectionId, lastEpoch);
        holders.put(clientId, new Holder(claim, takenOver));
        if (present != null) {
            present.takenOver.run();
        }
        reply.complete(claim);
    }

    private record Holder(ClientIdClaim claim, Runnable takenOver) {}
}
