package io.millrace.broker.journal;

import io.millrace.broker.log.StorageDirectory;
import io.millrace.broker.log.StorageException;
import io.millrace.broker.log.StorageFile;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;

/**
 * Makes the journal's files: filled with zeros and synced before they are used, so that a sync of a frame has no metadata to write. Names
 * mean nothing but the order of making; what a file holds is in its header. Owned by whoever prepares files.
 */
public final class JournalFiles {
    private static final String PREFIX = "journal-";
    private static final long FIRST_BYTES = 4 << 20;
    private static final int CHUNK_BYTES = 1 << 20;

    private final StorageDirectory directory;
    private final JournalConfig config;
    private long nextNumber;
    private long nextBytes;

    JournalFiles(StorageDirectory directory, JournalConfig config) {
        this.directory = directory;
        this.config = config;
        this.nextBytes = Math.min(FIRST_BYTES, config.fileBytes());
        for (String name : names(directory)) {
            nextNumber = Math.max(nextNumber, Long.parseLong(name.substring(PREFIX.length())) + 1);
        }
    }

    /** The journal's files in a directory, in the order of their making. */
    static List<String> names(StorageDirectory directory) {
        return directory.list().stream()
                .filter(name -> name.startsWith(PREFIX) && name.length() > PREFIX.length())
                .filter(name -> name.chars().skip(PREFIX.length()).allMatch(c -> c >= '0' && c <= '9'))
                .toList();
    }

    /**
     * Makes a file. The first one is small, so that an empty broker starts fast; each further one is twice as large, up to the configured size.
     *
     * @throws StorageException of kind {@code DISK_FULL}, having left nothing
     */
    public JournalFile create() {
        String name = String.format(Locale.ROOT, "%s%010d", PREFIX, nextNumber++);
        StorageFile file = directory.open(name);
        try {
            fill(file, nextBytes);
            file.force();
            directory.sync();
        } catch (StorageException e) {
            file.close();
            directory.delete(name);
            throw e.kind() == StorageException.Kind.UNSYNCED_FOR_ROOM
                    ? new StorageException(StorageException.Kind.DISK_FULL, String.valueOf(e.getMessage()), e)
                    : e;
        }
        JournalFile made = new JournalFile(name, file, nextBytes);
        nextBytes = Math.min(nextBytes * 2, config.fileBytes());
        return made;
    }

    /** Closes and deletes a file that is not needed any more. */
    public void delete(JournalFile file) {
        file.file().close();
        directory.delete(file.name());
    }

    private static void fill(StorageFile file, long bytes) {
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(bytes, CHUNK_BYTES));
        for (long at = 0; at < bytes; at += zeros.limit()) {
            file.write(at, zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - at)));
        }
    }
}
