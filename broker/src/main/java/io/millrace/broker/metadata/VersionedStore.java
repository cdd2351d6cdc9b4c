package io.millrace.broker.metadata;

import io.millrace.broker.format.FormatLevel;
import io.millrace.broker.format.Formats;
import io.millrace.broker.format.Structure;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Gives every value that is written the version which the cluster's format level says, and takes it off again when it is read: {@link
 * MetadataCodec} writes and reads values of version 1. Since version 2 a value says at which level it was written. A value of a version
 * that this build does not know stays as it is, and is refused by whoever reads it. The level itself stays at version 1 for ever: whoever
 * can not read the rest must be able to read that. Owned by the metadata thread.
 */
public final class VersionedStore implements MetadataStore {
    private static final String FIRST = "{\"version\":1,";

    private final MetadataStore store;
    private final FormatLevel formats;

    /** Over a store of values as they are. */
    public VersionedStore(MetadataStore store, FormatLevel formats) {
        this.store = store;
        this.formats = formats;
    }

    @Override
    public void get(String path, Callback<Optional<StoredValue>> callback) {
        store.get(path, mapped(callback, found -> found.map(this::plain)));
    }

    @Override
    public void list(String path, Callback<List<StoredValue>> callback) {
        store.list(path, mapped(callback, all -> all.stream().map(this::plain).toList()));
    }

    @Override
    public void write(List<StoreWrite> writes, Callback<List<Integer>> callback) {
        store.write(writes.stream().map(this::versioned).toList(), callback);
    }

    @Override
    public void watch(String path, Consumer<String> changed) {
        store.watch(path, changed);
    }

    @Override
    public void onSession(SessionListener listener) {
        store.onSession(listener);
    }

    @Override
    public int sessionTimeoutMs() {
        return store.sessionTimeoutMs();
    }

    @Override
    public void close() {
        store.close();
    }

    private StoreWrite versioned(StoreWrite write) {
        if (write instanceof StoreWrite.Create create) {
            return new StoreWrite.Create(create.path(), versioned(create.path(), create.text()), create.ephemeral());
        }
        if (write instanceof StoreWrite.Set set) {
            return new StoreWrite.Set(set.path(), versioned(set.path(), set.text()), set.expectedVersion());
        }
        return write;
    }

    private String versioned(String path, String text) {
        int level = formats.level();
        short version = formats.formats().version(Structure.METADATA, level);
        if (version == 1 || path.equals(MetadataCodec.LEVEL) || !text.startsWith(FIRST)) {
            return text;
        }
        return prefix(version, level) + text.substring(FIRST.length());
    }

    private StoredValue plain(StoredValue stored) {
        Formats build = formats.formats();
        for (int level = build.levels().oldest(); level <= build.levels().newest(); level++) {
            String prefix = prefix(build.version(Structure.METADATA, level), level);
            if (stored.text().startsWith(prefix)) {
                return new StoredValue(
                        stored.path(),
                        FIRST + stored.text().substring(prefix.length()),
                        stored.version(),
                        stored.createdAt(),
                        stored.changedAt());
            }
        }
        return stored;
    }

    private static String prefix(short version, int level) {
        return version == 1 ? FIRST : "{\"version\":" + version + ",\"level\":" + level + ",";
    }

    private static <T> Callback<T> mapped(Callback<T> callback, UnaryOperator<T> mapping) {
        return new Callback<>() {
            @Override
            public void onDone(T value) {
                callback.onDone(mapping.apply(value));
            }

            @Override
            public void onFailed(StoreException failure) {
                callback.onFailed(failure);
            }
        };
    }
}
