package io.millrace.broker.metadata;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;

/**
 * Which JMS connection holds which client identifier. A connection that comes back takes its own claim over with a
 * higher epoch, and the session that held it is told to end. Another connection is refused only after the holder has
 * looked whether its peer is gone: one that was closed a moment ago may not have been noticed yet. Every method may be
 * called from any thread; replies come on the metadata thread.
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
     * @param claimant who will hold it
     */
    public void claim(String clientId, UUID connectionId, Claimant claimant, Reply<ClientIdClaim> reply) {
        thread.execute(() -> claimNow(clientId, connectionId, claimant, reply, true));
    }

    /** Gives a claim back; nothing happens if it was taken over meanwhile. */
    public void release(ClientIdClaim claim) {
        thread.execute(() -> holders.computeIfPresent(
                claim.clientId(), (clientId, holder) -> holder.claim.equals(claim) ? null : holder));
    }

    private void claimNow(
            String clientId, UUID connectionId, Claimant claimant, Reply<ClientIdClaim> reply, boolean first) {
        if (clientId.isEmpty() || clientId.length() > SubscriptionRegistry.MAX_NAME_LENGTH) {
            reply.fail(
                    ErrorCode.INVALID_CLIENT_ID,
                    "a client identifier has 1 to " + SubscriptionRegistry.MAX_NAME_LENGTH + " characters");
            return;
        }
        Holder present = holders.get(clientId);
        if (present != null && !present.claim.connectionId().equals(connectionId)) {
            if (first) {
                present.claimant.catchUp(
                        () -> thread.execute(() -> claimNow(clientId, connectionId, claimant, reply, false)));
                return;
            }
            reply.fail(
                    ErrorCode.INVALID_CLIENT_ID,
                    "the client identifier " + clientId + " is in use by another connection");
            return;
        }
        lastEpoch++;
        ClientIdClaim claim = new ClientIdClaim(clientId, connectionId, lastEpoch);
        holders.put(clientId, new Holder(claim, claimant));
        if (present != null) {
            present.claimant.takenOver();
        }
        reply.complete(claim);
    }

    /** The session that holds a claim. Called on the metadata thread. */
    public interface Claimant {
        /** The same connection has claimed it again over another socket: this session is to end. */
        void takenOver();

        /** Calls back, from any thread, when all that its peer did until now was noticed, its end too. */
        void catchUp(Runnable caughtUp);
    }

    private record Holder(ClientIdClaim claim, Claimant claimant) {}
}
