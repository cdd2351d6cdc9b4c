package io.millrace.broker.session;

import io.millrace.broker.metadata.Users;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Who the peer of a connection is. Owned by the connection's lane.
 *
 * <p>UNKNOWN -> PENDING when the peer shows a password, or uses an API that needs an identity and shows none; PENDING -> GRANTED or
 * REFUSED by {@link Users}. A refused connection is closed; a granted one may authenticate again, as Kafka's clients do from time to time.
 */
public final class Authentication {
    private final ConnectionSession session;
    private final Users users;
    private State state = State.UNKNOWN;
    private @Nullable String user;
    private @Nullable RawTokenHandler rawTokens;

    Authentication(ConnectionSession session, Users users) {
        this.session = session;
        this.users = users;
    }

    /** Finds out whether the peer is who it says; the frames behind wait until the reply was called. */
    public void authenticate(@Nullable String name, @Nullable String password, Reply<String> reply) {
        state = State.PENDING;
        session.onAuthenticationPending();
        users.authenticate(name, password, session.connection().isLoopback(), session.onLane(new Reply<String>() {
            @Override
            public void complete(String granted) {
                state = State.GRANTED;
                user = granted;
                reply.complete(granted);
                session.onAuthenticationDecided();
            }

            @Override
            public void fail(ErrorCode error, String message) {
                state = State.REFUSED;
                reply.fail(error, message);
                session.onAuthenticationDecided();
            }
        }));
    }

    /** Takes the following frame not as a request but as a bare SASL token, as SaslHandshake of version 0 announces it. */
    public void expectRawToken(RawTokenHandler handler) {
        rawTokens = handler;
    }

    void tryAnonymous() {
        authenticate(null, null, new Reply<String>() {
            @Override
            public void complete(String granted) {}

            @Override
            public void fail(ErrorCode error, String message) {
                session.refuse("not authenticated", message);
            }
        });
    }

    boolean takesRawToken() {
        return rawTokens != null;
    }

    void onRawToken(ByteBuf token) {
        RawTokenHandler handler = rawTokens;
        rawTokens = null;
        if (handler != null) {
            handler.onToken(token);
        }
    }

    boolean isUnknown() {
        return state == State.UNKNOWN;
    }

    boolean isPending() {
        return state == State.PENDING;
    }

    boolean isGranted() {
        return state == State.GRANTED;
    }

    /** The peer's name, or null while it is not known. */
    public @Nullable String user() {
        return user;
    }

    /** Takes a bare SASL token. */
    public interface RawTokenHandler {
        /** The token; valid until this returns. */
        void onToken(ByteBuf token);
    }

    private enum State {
        UNKNOWN,
        PENDING,
        GRANTED,
        REFUSED
    }
}
