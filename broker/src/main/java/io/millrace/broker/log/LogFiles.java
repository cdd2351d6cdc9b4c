package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The files of one log in its directory, by their names. The directory is made when the first file is. Owned by the partition's lane. */
final class LogFiles {
    /** A segment's batches, as Kafka names them. */
    static final String BATCHES = ".log";
    /** A segment's {@link SegmentIndex}. */
    static final String INDEX = ".idx";
    /** A {@link LogState} up to an offset. */
    static final String STATE = ".state";
    /** See {@link TruncationMark}. */
    static final String TRUNCATION = "truncation";

    private static final int OFFSET_DIGITS = 20;

    private final Supplier<StorageDirectory> opener;
    private final List<StorageDirectory> parents;
    private @Nullable StorageDirectory directory;
    private boolean parentsSynced;

    /**
     * @param opener makes the directory if there is none
     * @param parents the directories above it that may have been made with it
     */
    LogFiles(Supplier<StorageDirectory> opener, List<StorageDirectory> parents) {
        this.opener = opener;
        this.parents = parents;
    }

    /** The directories to sync so that new names are durable; those above only once. */
    List<StorageDirectory> takeUnsyncedDirectories() {
        List<StorageDirectory> unsynced = new ArrayList<>(List.of(directory()));
        if (!parentsSynced) {
            unsynced.addAll(parents);
            parentsSynced = true;
        }
        return unsynced;
    }

    StorageDirectory directory() {
        if (directory == null) {
            directory = opener.get();
        }
        return directory;
    }

    static String name(long offset, String suffix) {
        return String.format(Locale.ROOT, "%020d%s", offset, suffix);
    }

    /** The offsets of all files with a suffix, rising. */
    static List<Long> offsets(List<String> names, String suffix) {
        return names.stream()
                .filter(name -> name.length() == OFFSET_DIGITS + suffix.length()
                        && name.endsWith(suffix)
                        && name.chars().limit(OFFSET_DIGITS).allMatch(c -> c >= '0' && c <= '9'))
                .map(name -> Long.parseLong(name.substring(0, OFFSET_DIGITS)))
                .sorted()
                .toList();
    }

    SharedFile open(long offset, String suffix) {
        String name = name(offset, suffix);
        return new SharedFile(name, directory().open(name));
    }

    long sizeOf(long offset, String suffix) {
        return directory().sizeOf(name(offset, suffix));
    }

    void delete(long offset, String suffix) {
        directory().delete(name(offset, suffix));
    }

    /** Writes a small file without syncing it: for what can be made again when it is damaged. */
    static void writeUnsynced(StorageDirectory directory, String name, ByteBuffer content) {
        try (StorageFile file = directory.open(name)) {
            file.truncate(0);
            file.write(0, content);
        }
    }
}
