package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.disk.DataDirectory;
import io.millrace.broker.zookeeper.EmbeddedZooKeeper;
import io.millrace.broker.zookeeper.Ensemble;
import io.millrace.broker.zookeeper.ZooKeeperMetadataStore;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The store in an ensemble, or in the broker's own ZooKeeper, connected. Immutable. */
record OwnZooKeeper(@Nullable EmbeddedZooKeeper server, ZooKeeperMetadataStore store) {
    /**
     * Connects to the ensemble of the settings, or starts the broker's own ZooKeeper if there is none.
     *
     * @throws CompletionException if the server can not start or the ensemble not be reached
     */
    static OwnZooKeeper start(
            BrokerConfig config, DataDirectory directory, MetadataThread thread, FaultHandler faults) {
        try {
            String connect = config.get(BrokerConfig.ZOOKEEPER_CONNECT);
            if (!connect.isEmpty()) {
                Ensemble ensemble = Ensemble.of(
                        connect,
                        config.get(BrokerConfig.ZOOKEEPER_SESSION_TIMEOUT_MS),
                        config.get(BrokerConfig.ZOOKEEPER_CREDENTIALS));
                return new OwnZooKeeper(null, ZooKeeperMetadataStore.connect(ensemble, thread));
            }
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
            if (started.server != null) {
                started.server.close();
            }
        }
    }
}
