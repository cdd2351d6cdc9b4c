package io.millrace.broker.metadata;

import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    /** Identifiers of which the store may say something else than this broker, as it did not answer. */
    private final Set<String> unsettled = new LinkedHashSet<>();

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
                settle(claim.clientId());
            }
        });
    }

    /** In a new session nothing is claimed yet; who came first meanwhile stays. */
    void onRegistered() {
        List.copyOf(holders.keySet()).forEach(this::settle);
    }

    /** Tries again what the store did not answer. */
    void onTick() {
        List<String> again = List.copyOf(unsettled);
        unsettled.clear();
        again.forEach(this::settle);
    }

    /**
     * Makes the store say what is so here: that an identifier is held, or that it is not. Behind claims that are under way, and before those that
     * come: one of them may hold it by then, and what is given back late would be theirs.
     */
    private void settle(String clientId) {
        SharedClientIds claims = shared;
        if (claims == null) {
            return;
        }
        operations.submit(clientId, through -> {
            Holder holder = holders.get(clientId);
            if (holder == null) {
                claims.release(
                        clientId,
                        Outcomes.ending(
                                through, Outcomes.either(none -> {}, (error, message) -> unsettled.add(clientId))));
            } else {
                claims.claim(
                        clientId,
                        holder.claim.connectionId(),
                        Outcomes.ending(
                                through, Outcomes.either(none -> {}, (error, message) -> onNotClaimed(holder, error))));
            }
        });
    }

    private void onNotClaimed(Holder holder, ErrorCode error) {
        String clientId = holder.claim.clientId();
        if (error != ErrorCode.INVALID_CLIENT_ID) {
            unsettled.add(clientId);
        } else if (holders.remove(clientId, holder)) {
            holder.claimant.takenOver();
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
                    Outcomes.either(none -> hold(clientId, connectionId, claimant, reply), (error, message) -> {
                        if (error != ErrorCode.INVALID_CLIENT_ID) {
                            unsettled.add(clientId); // it may be claimed all the same
                        }
                        reply.fail(error, message);
                    }));
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
