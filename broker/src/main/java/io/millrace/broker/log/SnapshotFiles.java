package io.millrace.broker.log;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of one partition's folds: a file each, with a CRC. A snapshot is written to the page cache and synced with the next checkpoint; the
 * newest two are kept, and the newest one known to be synced. Owned by the partition's lane.
 */
final class SnapshotFiles {
    private static final int MAGIC = 0x4d525353;
    private static final short VERSION = 1;
    private static final String SUFFIX = ".snapshot";
    private static final int KEPT = 2;
    private static final int OFFSET_DIGITS = 20;

    private final StorageDirectory directory;
    private final Map<String, NavigableMap<Long, File>> byName = new TreeMap<>();

    /** One snapshot. The sync tells from another thread that it is done. */
    private static final class File {
        private final String fileName;
        private volatile boolean synced;

        File(String fileName) {
            this.fileName = fileName;
        }
    }

    /** @param names what the directory holds */
    SnapshotFiles(StorageDirectory directory, List<String> names) {
        this.directory = directory;
        for (String fileName : names) {
            int dash = fileName.length() - SUFFIX.length() - OFFSET_DIGITS - 1;
            if (dash > 0 && fileName.endsWith(SUFFIX) && fileName.charAt(dash) == '-') {
                long offset = Long.parseLong(fileName.substring(dash + 1, dash + 1 + OFFSET_DIGITS));
                of(fileName.substring(0, dash)).put(offset, new File(fileName));
            }
        }
    }

    /** Writes a snapshot. Returns what syncs it. */
    Runnable write(String name, long offset, ByteBuffer content) {
        if (!name.chars().allMatch(Character::isLetterOrDigit)) {
            throw new IllegalArgumentException("snapshot name " + name);
        }
        File file = new File(String.format(Locale.ROOT, "%s-%020d%s", name, offset, SUFFIX));
        try {
            LogFiles.writeUnsynced(directory, file.fileName, Sealed.seal(MAGIC, VERSION, content));
        } catch (StorageException e) {
            of(name).remove(offset);
            directory.delete(file.fileName);
            throw e;
        }
        of(name).put(offset, file);
        deleteOutdated(of(name));
        return () -> sync(file);
    }

    @Nullable
    Snapshot latest(String name, long maxOffset) {
        for (Map.Entry<Long, File> entry :
                of(name).headMap(maxOffset, true).descendingMap().entrySet()) {
            ByteBuffer content = Sealed.open(MAGIC, VERSION, directory.readAll(entry.getValue().fileName));
            if (content != null) {
                return new Snapshot(name, entry.getKey(), content);
            }
        }
        return null;
    }

    /** The largest offset of a snapshot that is known to be on disk, or -1. */
    long syncedOffset(String name) {
        for (Map.Entry<Long, File> entry : of(name).descendingMap().entrySet()) {
            if (entry.getValue().synced) {
                return entry.getKey();
            }
        }
        return -1;
    }

    /** Deletes, durably, those above an offset. */
    void deleteAbove(String name, long offset) {
        NavigableMap<Long, File> above = of(name).tailMap(offset, false);
        if (!above.isEmpty()) {
            above.values().forEach(file -> directory.delete(file.fileName));
            above.clear();
            directory.sync();
        }
    }

    /** Does nothing for one that was deleted meanwhile, alone or with its partition. */
    private void sync(File file) {
        try (StorageFile open = directory.openIfExists(file.fileName)) {
            if (open == null) {
                return;
            }
            open.force();
        }
        directory.sync();
        file.synced = true;
    }

    private void deleteOutdated(NavigableMap<Long, File> files) {
        Long newestSynced = null;
        for (Map.Entry<Long, File> entry : files.entrySet()) {
            newestSynced = entry.getValue().synced ? entry.getKey() : newestSynced;
        }
        int surplus = files.size() - KEPT;
        for (Map.Entry<Long, File> entry : List.copyOf(files.entrySet())) {
            if (surplus > 0 && !entry.getKey().equals(newestSynced)) {
                directory.delete(entry.getValue().fileName);
                files.remove(entry.getKey());
            }
            surplus--;
        }
    }

    private NavigableMap<Long, File> of(String name) {
        return byName.computeIfAbsent(name, unused -> new TreeMap<>());
    }
}
