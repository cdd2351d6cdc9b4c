package io.millrace.broker.metadata;

import io.millrace.broker.partition.Reply;
import org.jspecify.annotations.Nullable;

/**
 * Who may connect: users with passwords, and whether someone without is let in. Checking a hashed password takes
 * milliseconds, so it is done off the lanes; replies come on a thread of its own.
 */
@SuppressWarnings("DoNotCallSuggester") // signatures first: the bodies follow at once and remove this
public final class Users {
    /** The name of a client that was let in without a user. */
    public static final String ANONYMOUS = "anonymous";

    /**
     * Answers the user's name, or {@link #ANONYMOUS}; fails with {@code AUTHENTICATION_FAILED}.
     *
     * @param fromLoopback whether the peer's address is a loopback address
     */
    public void authenticate(
            @Nullable String user, @Nullable String password, boolean fromLoopback, Reply<String> reply) {
        throw new UnsupportedOperationException();
    }
}
