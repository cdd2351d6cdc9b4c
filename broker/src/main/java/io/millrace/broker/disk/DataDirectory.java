package io.millrace.broker.disk;

import io.millrace.broker.log.StorageDirectory;
import io.millrace.broker.log.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** A broker's data directory, locked against a second broker for as long as it is open. For any thread. */
public final class DataDirectory implements AutoCloseable {
    private static final String LOCK = "lock";
    private static final String FORMAT = "format";
    private static final String FORMAT_LINE = "millrace-data ";
    /** The version of the layout of directories and files. What is in them has versions of its own. */
    private static final int VERSION = 1;

    private final DiskDirectory root;
    private final FileChannel lock;

    private DataDirectory(DiskDirectory root, FileChannel lock) {
        this.root = root;
        this.lock = lock;
    }

    /**
     * Opens a data directory, creating it if there is none.
     *
     * @throws StorageException of kind {@code IN_USE} if another broker has it open, {@code CORRUPT} if it was
     *     written by a version that this one can not read
     */
    public static DataDirectory open(Path path) {
        DiskDirectory root = new DiskDirectory(path);
        FileChannel lock = lock(path.resolve(LOCK), path);
        try {
            checkFormat(root);
        } catch (RuntimeException e) {
            release(lock);
            throw e;
        }
        return new DataDirectory(root, lock);
    }

    private static FileChannel lock(Path file, Path directory) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                channel.close();
                throw new StorageException(
                        StorageException.Kind.IN_USE,
                        "data directory " + directory + " is in use by another broker: it holds the lock on " + file,
                        null);
            }
            return channel;
        } catch (IOException e) {
            throw Disk.failure("lock " + file, e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // A broker in this very process has it.
        }
    }

    private static void checkFormat(DiskDirectory root) {
        ByteBuffer found = root.readAll(FORMAT);
        String expected = FORMAT_LINE + VERSION + "\n";
        if (found == null || found.remaining() == 0) {
            root.replace(FORMAT, ByteBuffer.wrap(expected.getBytes(StandardCharsets.US_ASCII)));
            return;
        }
        String line = StandardCharsets.US_ASCII.decode(found).toString();
        if (!line.equals(expected)) {
            throw StorageException.corrupt("data directory " + root + " has format '" + line.strip()
                    + "'; this broker reads '" + expected.strip() + "'");
        }
    }

    public Path path() {
        return root.path();
    }

    /** A directory for somebody else's files. Created if there is none. */
    public Path subdirectory(String name) {
        return new DiskDirectory(root.path().resolve(name)).path();
    }

    public StorageDirectory root() {
        return root;
    }

    /** Gives the lock back. */
    @Override
    public void close() {
        release(lock);
    }

    /** Closing the channel gives the lock back. */
    private static void release(FileChannel lock) {
        try {
            lock.close();
        } catch (IOException e) {
            throw Disk.failure("unlock", e);
        }
    }
}
