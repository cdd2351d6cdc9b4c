package io.millrace.broker.metadata;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * A password as the configuration keeps it: plain, or as {@code pbkdf2:ITERATIONS:SALT:HASH} (PBKDF2 with HMAC-SHA256,
 * salt and hash in base64). Immutable.
 */
public final class PasswordHash {
    /** As many as OWASP asks of PBKDF2 with HMAC-SHA256. */
    public static final int ITERATIONS = 600_000;

    private static final String PREFIX = "pbkdf2:";
    private static final int HASH_BITS = 256;
    private static final int MAX_ITERATIONS = 10_000_000;

    private final int iterations;
    private final byte[] salt;
    private final byte[] hash;

    private PasswordHash(int iterations, byte[] salt, byte[] hash) {
        this.iterations = iterations;
        this.salt = salt;
        this.hash = hash;
    }

    /**
     * A password as configured.
     *
     * @throws IllegalArgumentException if it begins with {@code pbkdf2:} and does not go on as it should
     */
    public static PasswordHash parse(String configured) {
        if (!configured.startsWith(PREFIX)) {
            return new PasswordHash(0, new byte[0], bytes(configured));
        }
        String[] parts = configured.split(":", -1);
        if (parts.length != 4) {
            throw new IllegalArgumentException("a hashed password is written pbkdf2:ITERATIONS:SALT:HASH");
        }
        int iterations = Integer.parseInt(parts[1]);
        if (iterations < 1 || iterations > MAX_ITERATIONS) {
            throw new IllegalArgumentException("a hashed password has 1 to " + MAX_ITERATIONS + " iterations");
        }
        Base64.Decoder base64 = Base64.getDecoder();
        return new PasswordHash(iterations, base64.decode(parts[2]), base64.decode(parts[3]));
    }

    /** A password's hash as it is written into the configuration. */
    public static String hash(String password, byte[] salt, int iterations) {
        Base64.Encoder base64 = Base64.getEncoder();
        return PREFIX + iterations + ":" + base64.encodeToString(salt) + ":"
                + base64.encodeToString(derive(password, salt, iterations));
    }

    /** Whether checking a password takes milliseconds. */
    boolean isSlow() {
        return iterations > 0;
    }

    boolean matches(String password) {
        byte[] given = isSlow() ? derive(password, salt, iterations) : bytes(password);
        return MessageDigest.isEqual(given, hash);
    }

    private static byte[] derive(String password, byte[] salt, int iterations) {
        try {
            PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, HASH_BITS);
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no PBKDF2WithHmacSHA256, or the salt is empty", e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
