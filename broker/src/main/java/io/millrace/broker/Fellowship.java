package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.metadata.BrokerAddress;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.peer.LocalBroker;
import io.millrace.broker.peer.Peer;
import io.millrace.broker.peer.PeerConfig;
import io.millrace.broker.peer.PeerGate;
import io.millrace.broker.peer.PeerLink;
import io.millrace.broker.peer.PeerProtocol;
import io.millrace.broker.peer.PeerWatch;
import io.millrace.broker.peer.PeerWatchListener;
import io.millrace.broker.replication.PartitionSubscriptionApi;
import io.millrace.broker.replication.RemoteSubscriptions;
import io.millrace.broker.replication.ReplicaFetchApi;
import io.millrace.broker.replication.Replication;
import io.millrace.broker.server.Lanes;
import io.millrace.broker.server.NettyPeers;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.PartitionDirectory;
import io.millrace.broker.session.ServedApi;
import io.millrace.protocol.message.PartitionSubscriptionRequestData;
import io.millrace.protocol.message.ReplicaFetchRequestData;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * This broker among the others of the cluster: lets them in, knows which of them are there, and has its replicas fetch from them. Closed
 * before the lanes. For any thread.
 */
final class Fellowship implements AutoCloseable {
    private final LocalBroker self;
    private final NettyPeers peers;
    private final Replication replication;
    private final PeerConfig config;
    private final Lanes lanes;
    private volatile Map<Integer, Long> epochs = Map.of();
    private volatile List<Peer> living = List.of();
    private volatile MetadataImage image = MetadataImage.empty("");
    private @Nullable PeerWatch watch;

    Fellowship(BrokerConfig config, Lanes lanes, LocalBroker self) {
        int id = self.brokerId();
        this.lanes = lanes;
        this.config = PeerConfig.of(config);
        this.self = self;
        this.peers = new NettyPeers(lanes, this.config, self);
        this.replication = new Replication(id, brokerId -> lanes.lane(Math.floorMod(brokerId, lanes.count())), peers);
    }

    /** Where durable subscriptions of partitions that others lead are opened. */
    RemoteSubscriptions remoteSubscriptions() {
        return new RemoteSubscriptions(() -> image, this::linkTo);
    }

    private synchronized @Nullable PeerLink linkTo(int brokerId) {
        return watch == null ? null : watch.linkTo(brokerId);
    }

    Replication replication() {
        return replication;
    }

    PeerGate gate() {
        return new PeerGate(self, () -> epochs);
    }

    /** What brokers serve to each other. */
    List<ServedApi> served(PartitionDirectory partitions) {
        return List.of(
                api(
                        new ReplicaFetchRequestData().apiKey(),
                        PeerProtocol.MAX,
                        new ReplicaFetchApi(partitions, System::nanoTime)),
                api(
                        new PartitionSubscriptionRequestData().apiKey(),
                        (short) 0,
                        new PartitionSubscriptionApi(partitions)));
    }

    private static ServedApi api(short key, short newest, ApiHandler handler) {
        return new ServedApi(key, (short) 0, newest, ServedApi.Access.BROKERS_ONLY, handler);
    }

    /** Watches the others from now on. */
    void watch(PeerWatchListener listener) {
        PeerWatch started = new PeerWatch(
                self.brokerId(),
                lanes.lane(0),
                peers,
                config,
                () -> ThreadLocalRandom.current().nextDouble(),
                listener);
        synchronized (this) {
            watch = started;
        }
        started.onBrokers(living);
    }

    /** The cluster looks like that now. */
    synchronized void onImage(MetadataImage newImage) {
        image = newImage;
        replication.catchUpThrottle().rate(newImage.settings().catchUpBytesPerSecond());
        Map<Integer, Long> now = new TreeMap<>();
        newImage.brokers().forEach((id, broker) -> now.put(id, broker.epoch()));
        if (now.equals(epochs)) {
            return;
        }
        epochs = now;
        living = newImage.brokers().values().stream().map(Fellowship::peer).toList();
        replication.onBrokers(living);
        if (watch != null) {
            watch.onBrokers(living);
        }
    }

    private static Peer peer(BrokerAddress broker) {
        return new Peer(broker.id(), broker.epoch(), broker.peerAddress());
    }

    @Override
    public synchronized void close() {
        if (watch != null) {
            watch.close();
        }
        replication.close();
        peers.close();
    }
}
