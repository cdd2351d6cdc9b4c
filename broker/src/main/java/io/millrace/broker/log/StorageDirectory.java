package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A directory: files and directories by name. Every method throws {@link StorageException} when the world fails. For any thread; what is
 * in it is owned by whoever owns the files.
 */
public interface StorageDirectory {
    /** The names in it, files and directories, sorted. */
    List<String> list();

    /** Whether there is a file or directory of that name. */
    boolean exists(String name);

    /** How long a file is, without opening it. */
    long sizeOf(String name);

    /** Opens a file to read and write it; makes an empty one if there is none. A new name is durable after {@link #sync}. */
    StorageFile open(String name);

    /** Opens a file if there is one, at that moment; null if not. Makes none. */
    default @Nullable StorageFile openIfExists(String name) {
        return exists(name) ? open(name) : null;
    }

    /** A directory in this one; makes it if there is none. */
    StorageDirectory directory(String name);

    /** Deletes a file, or a directory with all that is in it; does nothing if there is none. Open handles of a file stay good. */
    void delete(String name);

    /**
     * Puts a file of that content in the place of whatever has the name, durably: after a crash there is either the old one or the new
     * one, whole.
     */
    void replace(String name, ByteBuffer content);

    /** Makes the names durable: files created and deleted. */
    void sync();

    /** The bytes of a small file, or null if there is none. */
    default @Nullable ByteBuffer readAll(String name) {
        if (!exists(name)) {
            return null;
        }
        try (StorageFile file = open(name)) {
            ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(file.size()));
            file.read(0, content);
            return content.flip();
        }
    }
}
