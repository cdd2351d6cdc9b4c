package io.millrace.broker.disk;

import io.millrace.broker.log.StorageDirectory;
import java.nio.file.Path;

/** A broker's data directory, locked against a second broker for as long as it is open. For any thread. */
@SuppressWarnings("DoNotCallSuggester") // signatures first: the bodies follow at once and remove this
public final class DataDirectory implements AutoCloseable {
    private DataDirectory() {}

    /**
     * Opens a data directory, creating it if there is none.
     *
     * @throws io.millrace.broker.log.StorageException of kind {@code IN_USE} if another broker has it open, {@code CORRUPT} if it was
     *     written by a version that this one can not read
     */
    public static DataDirectory open(Path path) {
        throw new UnsupportedOperationException();
    }

    public Path path() {
        throw new UnsupportedOperationException();
    }

    /** A directory for somebody else's files. Created if there is none. */
    public Path subdirectory(String name) {
        throw new UnsupportedOperationException();
    }

    public StorageDirectory root() {
        throw new UnsupportedOperationException();
    }

    /** Gives the lock back. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
