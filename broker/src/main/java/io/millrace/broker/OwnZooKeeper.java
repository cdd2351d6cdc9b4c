package io.millrace.broker;

import io.millrace.broker.disk.DataDirectory;
import io.millrace.broker.zookeeper.EmbeddedZooKeeper;
import io.millrace.broker.zookeeper.ZooKeeperMetadataStore;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The broker's own ZooKeeper and the store in it, connected. Immutable. */
record OwnZooKeeper(EmbeddedZooKeeper server, ZooKeeperMetadataStore store) {
    /**
     * Starts both.
     *
     * @throws CompletionException if the server can not start
     */
    static OwnZooKeeper start(DataDirectory directory, MetadataThread thread, FaultHandler faults) {
        try {
            EmbeddedZooKeeper server =
                    EmbeddedZooKeeper.start(directory.subdirectory("zookeeper"), faults::onMetadataFailed);
            return new OwnZooKeeper(server, ZooKeeperMetadataStore.connect(server, thread));
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    static void closeIfStarted(@Nullable OwnZooKeeper started) {
        if (started != null) {
            started.store.close();
            started.server.close();
        }
    }
}
