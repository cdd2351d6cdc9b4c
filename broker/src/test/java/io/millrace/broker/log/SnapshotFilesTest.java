package io.millrace.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.millrace.broker.disk.DiskDirectory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SnapshotFilesTest {
    @TempDir
    private Path root;

    @Test
    void doesNotSyncWhatIsDeletedAtThatMoment() {
        // Given
        DiskDirectory parent = new DiskDirectory(root);
        Vanishing directory = new Vanishing(parent, "p");
        SnapshotFiles snapshots = new SnapshotFiles(directory, List.of());
        Runnable sync = snapshots.write("state", 7, ByteBuffer.allocate(3));
        // When
        directory.vanishes = true;
        // Then
        assertThatCode(sync::run).doesNotThrowAnyException();
        assertThat(parent.list()).isEmpty();
        assertThat(snapshots.syncedOffset("state")).isEqualTo(-1);
    }

    /** Is deleted between the question whether a file is there and what follows it, or just before it is opened. */
    private static final class Vanishing implements StorageDirectory {
        private final DiskDirectory parent;
        private final String name;
        private final StorageDirectory directory;
        private boolean vanishes;

        Vanishing(DiskDirectory parent, String name) {
            this.parent = parent;
            this.name = name;
            this.directory = parent.directory(name);
        }

        private void vanish() {
            if (vanishes) {
                parent.delete(name);
            }
        }

        @Override
        public List<String> list() {
            return directory.list();
        }

        @Override
        public boolean exists(String file) {
            boolean exists = directory.exists(file);
            vanish();
            return exists;
        }

        @Override
        public long sizeOf(String file) {
            return directory.sizeOf(file);
        }

        @Override
        public StorageFile open(String file) {
            return directory.open(file);
        }

        @Override
        public @Nullable StorageFile openIfExists(String file) {
            vanish();
            return directory.openIfExists(file);
        }

        @Override
        public StorageDirectory directory(String child) {
            return directory.directory(child);
        }

        @Override
        public void delete(String file) {
            directory.delete(file);
        }

        @Override
        public void replace(String file, ByteBuffer content) {
            directory.replace(file, content);
        }

        @Override
        public void sync() {
            directory.sync();
        }
    }
}
