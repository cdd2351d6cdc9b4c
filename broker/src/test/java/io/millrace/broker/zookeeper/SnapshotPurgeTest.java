package io.millrace.broker.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.metadata.MetadataStore;
import io.millrace.broker.metadata.StoreException;
import io.millrace.broker.metadata.StoreWrite.Create;
import io.millrace.broker.metadata.StoredValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SnapshotPurgeTest {
    private static final Executor THREAD = Runnable::run;

    @TempDir
    private Path directory;

    @Test
    void keepsThreeSnapshotsAndAllValues() throws IOException {
        // Given
        inOneLife(store -> write(store, "/values"));
        for (int restart = 0; restart < 6; restart++) {
            String path = "/values/" + restart;
            inOneLife(store -> write(store, path));
        }
        // When
        SnapshotPurge.purge(directory.toFile());
        // Then
        try (Stream<Path> files = Files.list(directory.resolve("version-2"))) {
            assertThat(files.filter(file -> file.getFileName().toString().startsWith("snapshot")))
                    .hasSize(3);
        }
        inOneLife(store -> {
            List<StoredValue> values = ask(callback -> store.list("/values", callback));
            assertThat(values).hasSize(6);
        });
    }

    private static void write(ZooKeeperMetadataStore store, String path) {
        List<Integer> versions = ask(callback -> store.write(List.of(new Create(path, "text", false)), callback));
        assertThat(versions).hasSize(1);
    }

    private void inOneLife(Consumer<ZooKeeperMetadataStore> use) throws IOException {
        try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(directory, failure -> {});
                ZooKeeperMetadataStore store = ZooKeeperMetadataStore.connect(server, THREAD)) {
            use.accept(store);
        }
    }

    private static <T> T ask(Consumer<MetadataStore.Callback<T>> call) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        call.accept(new MetadataStore.Callback<>() {
            @Override
            public void onDone(T value) {
                answer.complete(value);
            }

            @Override
            public void onFailed(StoreException failure) {
                answer.completeExceptionally(failure);
            }
        });
        return answer.join();
    }
}
