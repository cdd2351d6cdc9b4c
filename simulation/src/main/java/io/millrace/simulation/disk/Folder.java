package io.millrace.simulation.disk;

import io.millrace.simulation.kernel.Chance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A directory's entries twice: as every process sees them, and as the platter holds them. What was made, removed or renamed since the
 * last flush of the directory is lost by a crash from some point on; before that point it is kept in its order, as file systems do.
 */
final class Folder {
    /** What an entry names: a file or a directory. */
    record Entry(@Nullable Inode file, @Nullable Folder folder) {}

    private record Change(String name, @Nullable Entry entry, boolean withNext) {}

    private TreeMap<String, Entry> entries = new TreeMap<>();
    private TreeMap<String, Entry> durableEntries = new TreeMap<>();
    private final List<Change> unsynced = new ArrayList<>();

    List<String> names() {
        return new ArrayList<>(entries.keySet());
    }

    @Nullable
    Inode file(String name) {
        Entry entry = entries.get(name);
        return entry == null ? null : entry.file;
    }

    @Nullable
    Folder folder(String name) {
        Entry entry = entries.get(name);
        return entry == null ? null : entry.folder;
    }

    boolean contains(String name) {
        return entries.containsKey(name);
    }

    Inode createFile(String name) {
        Inode file = new Inode();
        change(name, new Entry(file, null), false);
        return file;
    }

    Folder createFolder(String name) {
        Folder folder = new Folder();
        change(name, new Entry(null, folder), false);
        return folder;
    }

    void remove(String name) {
        change(name, null, false);
    }

    /** Renames atomically, over what has the new name. */
    void rename(String from, String to) {
        Entry entry = entries.get(from);
        change(to, entry, true);
        change(from, null, false);
    }

    void sync() {
        unsynced.clear();
        durableEntries = new TreeMap<>(entries);
    }

    void crash(Chance chance) {
        int kept = chance.chance(0.5) ? (chance.chance(0.5) ? 0 : unsynced.size()) : chance.below(unsynced.size() + 1);
        while (kept > 0 && unsynced.get(kept - 1).withNext) {
            kept--;
        }
        for (Change change : unsynced.subList(0, kept)) {
            apply(durableEntries, change);
        }
        unsynced.clear();
        entries = new TreeMap<>(durableEntries);
        for (Entry entry : entries.values()) {
            if (entry.folder != null) {
                entry.folder.crash(chance);
            } else if (entry.file != null) {
                entry.file.crash(chance);
            }
        }
    }

    /** Calls for every file below. */
    void eachFile(String path, BiConsumer<String, Inode> action) {
        entries.forEach((name, entry) -> {
            if (entry.file != null) {
                action.accept(path + "/" + name, entry.file);
            } else if (entry.folder != null) {
                entry.folder.eachFile(path + "/" + name, action);
            }
        });
    }

    void each(Consumer<Inode> action) {
        eachFile("", (path, file) -> action.accept(file));
    }

    private void change(String name, @Nullable Entry entry, boolean withNext) {
        Change change = new Change(name, entry, withNext);
        apply(entries, change);
        unsynced.add(change);
    }

    private static void apply(Map<String, Entry> to, Change change) {
        if (change.entry == null) {
            to.remove(change.name);
        } else {
            to.put(change.name, change.entry);
        }
    }
}
