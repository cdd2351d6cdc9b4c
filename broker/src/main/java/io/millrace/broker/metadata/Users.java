package io.millrace.broker.metadata;

import io.millrace.broker.config.AnonymousAccess;
import io.millrace.broker.config.ConfigException;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Who may connect: users with passwords, and whether someone without is let in. Checking a hashed password takes
 * a good part of a second, so it is done on an executor, and a password that was right is known again by a keyed
 * digest. For any thread; replies come on the
 * executor, or at once when it takes no more.
 */
public final class Users {
    /** The name of a client that was let in without a user. */
    public static final String ANONYMOUS = "anonymous";

    private static final String DIGEST = "HmacSHA256";

    private final Map<String, PasswordHash> passwords;
    private final AnonymousAccess anonymous;
    private final Executor executor;
    private final SecretKeySpec digestKey;
    private final Map<String, byte[]> known = new ConcurrentHashMap<>();

    /**
     * @param configured passwords by user, plain or hashed
     * @param digestKey random bytes
     * @throws ConfigException if a hashed password is malformed
     */
    public Users(Map<String, String> configured, AnonymousAccess anonymous, Executor executor, byte[] digestKey) {
        Map<String, PasswordHash> parsed = new HashMap<>();
        configured.forEach((user, password) -> parsed.put(user, parse(user, password)));
        this.passwords = Map.copyOf(parsed);
        this.anonymous = anonymous;
        this.executor = executor;
        this.digestKey = new SecretKeySpec(digestKey, DIGEST);
    }

    /**
     * Answers the user's name, or {@link #ANONYMOUS} without a user; fails with {@code AUTHENTICATION_FAILED}.
     *
     * @param fromLoopback whether the peer's address is a loopback address
     */
    public void authenticate(
            @Nullable String user, @Nullable String password, boolean fromLoopback, Reply<String> reply) {
        try {
            executor.execute(() -> check(user, password, fromLoopback, reply));
        } catch (RejectedExecutionException e) {
            reply.fail(ErrorCode.REQUEST_TIMED_OUT, "too many clients are waiting to be let in; try again");
        }
    }

    private void check(@Nullable String user, @Nullable String password, boolean fromLoopback, Reply<String> reply) {
        if (user == null || user.isEmpty()) {
            letInAnonymous(fromLoopback, reply);
        } else if (isRight(user, password == null ? "" : password)) {
            reply.complete(user);
        } else {
            reply.fail(ErrorCode.AUTHENTICATION_FAILED, "user or password is wrong");
        }
    }

    private void letInAnonymous(boolean fromLoopback, Reply<String> reply) {
        boolean letIn =
                switch (anonymous) {
                    case ALWAYS -> true;
                    case LOOPBACK -> fromLoopback;
                    case NEVER -> false;
                };
        if (letIn) {
            reply.complete(ANONYMOUS);
        } else {
            reply.fail(ErrorCode.AUTHENTICATION_FAILED, "a user and a password are needed to connect from here");
        }
    }

    private boolean isRight(String user, String password) {
        PasswordHash expected = passwords.get(user);
        if (expected == null) {
            return false;
        }
        if (!expected.isSlow()) {
            return expected.matches(password);
        }
        byte[] digest = digest(password);
        byte[] before = known.get(user);
        if (before != null && MessageDigest.isEqual(before, digest)) {
            return true;
        }
        boolean right = expected.matches(password);
        if (right) {
            known.put(user, digest);
        }
        return right;
    }

    private byte[] digest(String password) {
        try {
            Mac mac = Mac.getInstance(DIGEST);
            mac.init(digestKey);
            return mac.doFinal(password.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no " + DIGEST, e);
        }
    }

    private static PasswordHash parse(String user, String password) {
        try {
            return PasswordHash.parse(password);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("the password of the user " + user + " is malformed: " + e.getMessage());
        }
    }
}
