package io.millrace.broker.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.log.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataDirectoryTest {
    @TempDir
    private Path directory;

    @Test
    void refusesASecondBroker() {
        try (DataDirectory first = DataDirectory.open(directory)) {
            assertThatThrownBy(() -> DataDirectory.open(directory))
                    .isInstanceOfSatisfying(
                            StorageException.class, e -> assertThat(e.kind()).isEqualTo(StorageException.Kind.IN_USE))
                    .hasMessageContaining(first.path().toString())
                    .hasMessageContaining("in use by another broker");
        }
        DataDirectory.open(directory).close();
    }

    @Test
    void refusesADirectoryOfALaterVersion() throws IOException {
        DataDirectory.open(directory).close();
        Files.writeString(directory.resolve("format"), "millrace-data 99\n");
        assertThatThrownBy(() -> DataDirectory.open(directory)).hasMessageContaining("millrace-data 99");
    }

    @Test
    void replacesListsAndDeletes() {
        DiskDirectory disk = new DiskDirectory(directory.resolve("a"));
        disk.replace("file", ByteBuffer.wrap(new byte[] {1, 2, 3}));
        disk.replace("file", ByteBuffer.wrap(new byte[] {4}));
        disk.directory("child").open("x").close();
        disk.sync();
        assertThat(disk.list()).containsExactly("child", "file");
        assertThat(disk.readAll("file").get(0)).isEqualTo((byte) 4);
        disk.delete("child");
        disk.delete("child");
        assertThat(disk.list()).containsExactly("file");
    }

    @Test
    void gathersBuffersAtAPosition() {
        DiskDirectory disk = new DiskDirectory(directory.resolve("a"));
        try (var file = disk.open("file")) {
            file.write(3, ByteBuffer.wrap(new byte[] {1, 2}), ByteBuffer.allocate(0), ByteBuffer.wrap(new byte[] {3}));
            ByteBuffer read = ByteBuffer.allocate(10);
            assertThat(file.read(3, read)).isEqualTo(3);
            assertThat(read.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            assertThat(file.size()).isEqualTo(6);
        }
    }
}
