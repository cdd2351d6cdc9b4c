package io.millrace.broker.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.millrace.broker.metadata.MetadataStore;
import io.millrace.broker.metadata.StoreException;
import io.millrace.broker.metadata.StoreException.Reason;
import io.millrace.broker.metadata.StoreWrite;
import io.millrace.broker.metadata.StoreWrite.Check;
import io.millrace.broker.metadata.StoreWrite.Create;
import io.millrace.broker.metadata.StoreWrite.Delete;
import io.millrace.broker.metadata.StoreWrite.Set;
import io.millrace.broker.metadata.StoredValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ZooKeeperMetadataStoreTest {
    private final ExecutorService thread = Executors.newSingleThreadExecutor();

    @TempDir
    private Path directory;

    private EmbeddedZooKeeper server;
    private ZooKeeperMetadataStore store;

    @BeforeEach
    void start() throws IOException {
        server = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), failure -> {});
        store = ZooKeeperMetadataStore.connect(server, thread);
    }

    @AfterEach
    void stop() {
        store.close();
        server.close();
        thread.shutdown();
    }

    @Test
    void keepsWhatWasWritten() {
        // When
        write(new Create("/a", "one", false));
        write(new Set("/a", "two", 0));
        // Then
        assertThat(get("/a")).map(StoredValue::text).contains("two");
        assertThat(get("/b")).isEmpty();
    }

    @Test
    void listsChildrenSortedByPath() {
        // Given
        write(new Create("/a", "", false), new Create("/a/2", "two", false), new Create("/a/1", "one", false));
        // When
        List<StoredValue> children = ask(callback -> store.list("/a", callback));
        // Then
        assertThat(children)
                .extracting(StoredValue::path, StoredValue::text)
                .containsExactly(tuple("/a/1", "one"), tuple("/a/2", "two"));
        assertThat(ZooKeeperMetadataStoreTest.<List<StoredValue>>ask(callback -> store.list("/none", callback)))
                .isEmpty();
    }

    @Test
    void writesAllOrNothing() {
        // Given
        write(new Create("/a", "one", false));
        // When
        assertRefused(Reason.EXISTS, new Create("/b", "two", false), new Create("/a", "other", false));
        // Then
        assertThat(get("/b")).isEmpty();
    }

    @Test
    void saysWhyAWriteDoesNotFit() {
        write(new Create("/a", "one", false));
        assertRefused(Reason.OTHER_VERSION, new Set("/a", "two", 7));
        assertRefused(Reason.OTHER_VERSION, new Delete("/a", 7));
        assertRefused(Reason.ABSENT, new Set("/b", "two", 0));
        assertRefused(Reason.ABSENT, new Delete("/b", MetadataStore.ANY_VERSION));
        assertRefused(Reason.ABSENT, new Create("/c/d", "two", false));
    }

    @Test
    void takesTheSameCreateAgainForItsOwn() {
        write(new Create("/a", "one", false));
        write(new Create("/a", "one", false));
    }

    @Test
    void tellsOfChanges() {
        // Given
        AtomicInteger changes = new AtomicInteger();
        write(new Create("/a", "", false));
        store.watch("/a", path -> changes.incrementAndGet());
        // When
        write(new Create("/a/b", "one", false));
        // Then
        await().untilAsserted(() -> assertThat(changes).hasPositiveValue());
    }

    @Test
    void tellsWhichPathsChangedBelowAWatchedOneThatComesLater() {
        // Given
        java.util.Queue<String> changed = new java.util.concurrent.ConcurrentLinkedQueue<>();
        store.watch("/a", changed::add);
        // When
        write(new Create("/a", "", false), new Create("/a/b", "one", false));
        write(new Set("/a/b", "two", 0));
        write(new Delete("/a/b", 1));
        // Then
        await().untilAsserted(
                        () -> assertThat(changed).filteredOn("/a/b"::equals).hasSizeGreaterThanOrEqualTo(3));
    }

    @Test
    void ordersChangesAndTellsEachCreationFromTheOneBefore() {
        // Given
        write(new Create("/a", "one", true), new Create("/b", "other", false));
        StoredValue first = get("/a").orElseThrow();
        // When
        write(new Set("/b", "changed", 0));
        write(new Delete("/a", 0), new Create("/a", "one", true));
        // Then
        StoredValue second = get("/a").orElseThrow();
        StoredValue other = get("/b").orElseThrow();
        assertThat(second.version()).isZero();
        assertThat(second.createdAt()).isGreaterThan(other.changedAt());
        assertThat(other.changedAt()).isGreaterThan(first.createdAt());
        assertThat(other.createdAt()).isEqualTo(first.createdAt());
    }

    @Test
    void writesNothingIfWhatItChecksHasChanged() {
        // Given
        write(new Create("/epoch", "one", false), new Create("/a", "one", false));
        write(new Check("/epoch", 0), new Set("/a", "two", 0));
        write(new Set("/epoch", "two", 0));
        // When
        assertRefused(Reason.OTHER_VERSION, new Check("/epoch", 0), new Set("/a", "three", 1));
        // Then
        assertThat(get("/a")).map(StoredValue::text).contains("two");
    }

    @Test
    void keepsEverythingButTheEphemeralOverARestart() throws IOException {
        // Given
        write(new Create("/a", "one", false), new Create("/b", "two", true));
        // When
        store.close();
        server.close();
        start();
        // Then
        assertThat(get("/a")).map(StoredValue::text).contains("one");
        assertThat(get("/b")).isEmpty();
    }

    @Test
    void keepsStrangersOut() throws Exception {
        // Given
        write(new Create("/a", "one", false));
        try (ZooKeeper stranger = new ZooKeeper(server.connectString(), 10_000, event -> {})) {
            stranger.addAuthInfo("digest", "millrace:guess".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            // When, then
            for (String path : List.of("/b", "/a/b", "/zookeeper/b", "/zookeeper/quota/b")) {
                assertThatThrownBy(() ->
                                stranger.create(path, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT))
                        .as(path)
                        .isInstanceOf(KeeperException.NoAuthException.class);
            }
            assertThatThrownBy(() -> stranger.getData("/a", false, null))
                    .isInstanceOf(KeeperException.NoAuthException.class);
            assertThatThrownBy(() -> stranger.setData("/a", new byte[0], -1))
                    .isInstanceOf(KeeperException.NoAuthException.class);
            assertThatThrownBy(() -> stranger.delete("/a", -1)).isInstanceOf(KeeperException.NoAuthException.class);
        }
    }

    @Test
    void createsNothingOnAFullDiskButTakesThingsAway() {
        // Given
        write(new Create("/a", "one", false));
        store.close();
        store = ZooKeeperMetadataStore.connect(server, thread, () -> 2 * 1024 * 1024);
        // When, then
        assertRefused(Reason.NO_ROOM, new Create("/b", "two", false));
        write(new Delete("/a", MetadataStore.ANY_VERSION));
        assertThat(get("/a")).isEmpty();
        assertThat(get("/b")).isEmpty();
    }

    @Test
    void livesBesideAnother() throws IOException {
        // Given
        try (EmbeddedZooKeeper other = EmbeddedZooKeeper.start(directory.resolve("other"), failure -> {});
                ZooKeeperMetadataStore otherStore = ZooKeeperMetadataStore.connect(other, thread)) {
            // When
            write(new Create("/a", "one", false));
            // Then
            assertThat(ZooKeeperMetadataStoreTest.<Optional<StoredValue>>ask(
                            callback -> otherStore.get("/a", callback)))
                    .isEmpty();
        }
    }

    private void write(StoreWrite... writes) {
        List<Integer> versions = ask(callback -> store.write(List.of(writes), callback));
        assertThat(versions).hasSameSizeAs(writes);
    }

    private Optional<StoredValue> get(String path) {
        return ask(callback -> store.get(path, callback));
    }

    private void assertRefused(Reason reason, StoreWrite... writes) {
        assertThatThrownBy(() -> write(writes))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(StoreException.class, failure -> assertThat(failure.reason())
                        .isEqualTo(reason));
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
