package io.millrace.broker.metadata;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Which JMS connection holds which client identifier. A connection that comes back takes its own claim over with a
 * higher epoch, and the session that held it is told to end. Another connection is refused only after the holder has
 * looked whether its peer is gone: one that was closed a moment ago may not have been noticed yet. In a cluster whoever is let in here is
 * claimed for in the whole cluster, see {@link SharedClientIds}. Every method may be called from any thread; replies come on the metadata thread.
 */
public final class ClientIds {
    private final Executor thread;
    private final @Nullable SharedClientIds shared;
    private final KeyedQueue<String> operations = new KeyedQueue<>();
    private final Map<String, Holder> holders = new HashMap<>();
    private long lastEpoch;

    /**
     * @param shared null if the broker is alone
     */
    ClientIds(Executor thread, @Nullable SharedClientIds shared) {
        this.thread = thread;
        this.shared = shared;
    }

    /**
     * Claims a client identifier. Fails with {@code INVALID_CLIENT_ID} if it is empty or another connection holds it.
     *
     * @param claimant who will hold it
     */
    public void claim(String clientId, UUID connectionId, Claimant claimant, Reply<ClientIdClaim> reply) {
        thread.execute(() -> operations.submit(
                clientId,
                through -> claimNow(clientId, connectionId, claimant, Outcomes.ending(through, reply), true)));
    }

    /** Gives a claim back; nothing happens if it was taken over meanwhile. */
    public void release(ClientIdClaim claim) {
        thread.execute(() -> {
            Holder holder = holders.get(claim.clientId());
            if (holder != null && holder.claim.equals(claim)) {
                holders.remove(claim.clientId());
                releaseShared(claim.clientId());
            }
        });
    }

    /** Behind claims that are under way: one of them may hold it by then. */
    private void releaseShared(String clientId) {
        SharedClientIds claims = shared;
        if (claims != null) {
            operations.submit(clientId, through -> {
                if (!holders.containsKey(clientId)) {
                    claims.release(clientId);
                }
                through.run();
            });
        }
    }

    /** In a new session nothing is claimed yet; who came first meanwhile stays. */
    void onRegistered() {
        SharedClientIds claims = shared;
        if (claims == null) {
            return;
        }
        for (Holder holder : List.copyOf(holders.values())) {
            ClientIdClaim claim = holder.claim;
            claims.claim(claim.clientId(), claim.connectionId(), new Reply<>() {
                @Override
                public void complete(@Nullable Void value) {}

                @Override
                public void fail(ErrorCode error, String message) {
                    if (error == ErrorCode.INVALID_CLIENT_ID && holders.remove(claim.clientId(), holder)) {
                        holder.claimant.takenOver();
                    }
                }
            });
        }
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
        SharedClientIds claims = shared;
        if (claims == null || present != null) {
            hold(clientId, connectionId, claimant, reply);
        } else {
            claims.claim(
                    clientId,
                    connectionId,
                    Outcomes.next(reply, none -> hold(clientId, connectionId, claimant, reply)));
        }
    }

    private void hold(String clientId, UUID connectionId, Claimant claimant, Reply<ClientIdClaim> reply) {
        Holder present = holders.get(clientId);
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
