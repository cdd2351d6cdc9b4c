package io.millrace.broker.zookeeper;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumSet;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;

/** What only those know who can read the data directory: the password of the embedded ZooKeeper's tree. Immutable. */
final class Secret {
    private static final String FILE = "secret";
    private static final String USER = "millrace";
    private static final int BYTES = 32;

    private final String password;

    private Secret(String password) {
        this.password = password;
    }

    /** The secret of a directory; a new one if it has none. */
    static Secret of(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            create(directory, file);
        }
        String password = Files.readString(file, StandardCharsets.US_ASCII).strip();
        if (password.isEmpty()) {
            throw new IOException("the file " + file + " is empty; it held the secret of the embedded ZooKeeper");
        }
        return new Secret(password);
    }

    /** What a client authenticates with. */
    byte[] credentials() {
        return (USER + ":" + password).getBytes(StandardCharsets.US_ASCII);
    }

    /** How an access control list names those who know it. */
    String digest() {
        try {
            return DigestAuthenticationProvider.generateDigest(USER + ":" + password);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK lacks the digest of ZooKeeper's access control lists", e);
        }
    }

    /** Written beside and moved, so that a crash leaves a whole one or none. */
    private static void create(Path directory, Path file) throws IOException {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        Path draft = directory.resolve(FILE + ".new");
        Files.deleteIfExists(draft);
        if (Files.getFileStore(directory).supportsFileAttributeView("posix")) {
            Files.createFile(draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } else {
            Files.createFile(draft);
        }
        Files.writeString(draft, Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
        try (FileChannel channel = FileChannel.open(draft, EnumSet.of(StandardOpenOption.WRITE))) {
            channel.force(true);
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
