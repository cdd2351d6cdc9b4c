package io.millrace.broker.metadata;

import io.millrace.broker.partition.Reply;
import java.util.UUID;

/**
 * Which JMS connection holds which client identifier. A connection that comes back takes its own claim over with a
 * higher epoch, and the session that held it is told to end. Every method may be called from any thread; replies come
 * on the metadata thread.
 */
@SuppressWarnings("DoNotCallSuggester") // signatures first: the bodies follow at once and remove this
public final class ClientIds {
    /**
     * Claims a client identifier. Fails with {@code INVALID_CLIENT_ID} if it is empty or another connection holds it.
     *
     * @param takenOver runs on the metadata thread when the same connection claims it again over another socket
     */
    public void claim(String clientId, UUID connectionId, Runnable takenOver, Reply<ClientIdClaim> reply) {
        throw new UnsupportedOperationException();
    }

    /** Gives a claim back; nothing happens if it was taken over meanwhile. */
    public void release(ClientIdClaim claim) {
        throw new UnsupportedOperationException();
    }
}
