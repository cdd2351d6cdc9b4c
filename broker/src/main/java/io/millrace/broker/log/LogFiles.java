package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The files of one log in its directory, by their names, and which of them it holds open. The directory is made when the first file is. Owned by
 * the partition's lane.
 */
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
    private OpenFiles openFiles = new OpenFiles(() -> Integer.MAX_VALUE);
    private int held;
    private @Nullable User user;
    /** How often the log was used, and how often until it was asked last whether it was. */
    private long uses;

    private long usesWhenIdle = -1;
    private long usesWhenFull = -1;

    /**
     * What the log says of itself.
     *
     * @param dirty whether something may be unsynced
     * @param giveUp syncs what is not synced and closes the files
     */
    record User(BooleanSupplier dirty, Runnable giveUp) {}

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

    // ---- open files

    /** From now on the files may be asked back when a lane has too many. */
    void usedBy(User log) {
        user = log;
    }

    /** Takes part in another lane's bound. */
    void moveTo(OpenFiles others) {
        openFiles.onMoved(this, others);
        openFiles = others;
    }

    /** Opens a file, making it if there is none; to be given back by {@link #close}. */
    SharedFile open(long offset, String suffix) {
        openFiles.makeRoom(this);
        String name = name(offset, suffix);
        StorageFile file = directory().open(name);
        held++;
        openFiles.onOpened(this);
        return new SharedFile(name, file);
    }

    /** Opens a file if there is one, for no longer than a call: it is not among those that are held. */
    @Nullable
    StorageFile openIfExists(long offset, String suffix) {
        return directory().openIfExists(name(offset, suffix));
    }

    /** The log needs it no more; it stays open while somebody else holds it. */
    void close(SharedFile file) {
        held--;
        openFiles.onClosed(this);
        file.release();
    }

    /** How many files the log holds open. */
    int held() {
        return held;
    }

    /** The log is used. */
    void use() {
        uses++;
    }

    /** Whether the log was not used since the last call. */
    boolean takeIdle() {
        boolean idle = uses == usesWhenIdle;
        usesWhenIdle = uses;
        return idle;
    }

    /** Whether the log was used since this was last asked, for the sake of others. */
    boolean takeUsed() {
        boolean used = uses != usesWhenFull;
        usesWhenFull = uses;
        return used;
    }

    boolean canGiveUp() {
        return user != null;
    }

    boolean isDirty() {
        return user != null && user.dirty().getAsBoolean();
    }

    /** Syncs what is not synced and closes all. */
    void giveUp() {
        if (user != null) {
            user.giveUp().run();
        }
    }

    // ---- names

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
