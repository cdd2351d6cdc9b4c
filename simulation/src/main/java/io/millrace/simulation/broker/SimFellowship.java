package io.millrace.simulation.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.HostPort;
import io.millrace.broker.metadata.BrokerAddress;
import io.millrace.broker.metadata.Metadata;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.peer.LocalBroker;
import io.millrace.broker.peer.Peer;
import io.millrace.broker.peer.PeerConfig;
import io.millrace.broker.peer.PeerGate;
import io.millrace.broker.peer.PeerWatch;
import io.millrace.broker.peer.PeerWatchListener;
import io.millrace.broker.replication.PartitionSubscriptionApi;
import io.millrace.broker.replication.RemoteSubscriptions;
import io.millrace.broker.replication.ReplicaFetchApi;
import io.millrace.broker.replication.Replication;
import io.millrace.broker.session.ApiHandler;
import io.millrace.broker.session.PartitionDirectory;
import io.millrace.broker.session.ServedApi;
import io.millrace.protocol.message.PartitionSubscriptionRequestData;
import io.millrace.protocol.message.ReplicaFetchRequestData;
import io.millrace.simulation.check.PlantedBug;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A simulated broker among the others: lets them in, knows which of them are there, and has its replicas fetch from them. */
final class SimFellowship {
    /** By how much a planted bug lets stamps be too late: leases that are computed from them do not end. */
    private static final long ENDLESS_NS = 3600 * Kernel.SECOND;

    private final Kernel kernel;
    private final PlantedBug bug;
    private final LocalBroker self;
    private final PeerConfig config;
    private final SimPeers peers;
    private final Replication replication;
    private final List<SimLane> lanes;
    private Map<Integer, Long> epochs = Map.of();
    private List<Peer> living = List.of();
    private MetadataImage known = MetadataImage.empty("");
    private @Nullable PeerWatch watch;

    SimFellowship(
            BrokerProcess.Machine machine, Life life, BrokerConfig config, List<SimLane> lanes, LocalBroker self) {
        int id = self.brokerId();
        this.kernel = machine.kernel();
        this.bug = machine.bug();
        this.lanes = lanes;
        this.config = PeerConfig.of(config);
        this.self = self;
        this.peers = new SimPeers(machine, life, this.config, self);
        this.replication = new Replication(id, brokerId -> lanes.get(Math.floorMod(brokerId, lanes.size())), peers);
    }

    Replication replication() {
        return replication;
    }

    PeerGate gate() {
        return new PeerGate(self, () -> epochs);
    }

    List<ServedApi> served(PartitionDirectory partitions) {
        long aheadNs = bug == PlantedBug.DELIVER_WITHOUT_LEASE ? ENDLESS_NS : 0;
        return List.of(
                api(
                        new ReplicaFetchRequestData().apiKey(),
                        new ReplicaFetchApi(partitions, () -> kernel.nowNs() + aheadNs)),
                api(new PartitionSubscriptionRequestData().apiKey(), new PartitionSubscriptionApi(partitions)));
    }

    private static ServedApi api(short key, ApiHandler handler) {
        return new ServedApi(key, (short) 0, (short) 0, ServedApi.Access.BROKERS_ONLY, handler);
    }

    /** Where durable subscriptions of partitions that others lead are opened. */
    RemoteSubscriptions remoteSubscriptions() {
        return new RemoteSubscriptions(() -> known, brokerId -> watch == null ? null : watch.linkTo(brokerId));
    }

    /** Watches the others from now on. */
    void watch(Metadata metadata, Chance chance) {
        PeerWatch started = new PeerWatch(
                self.brokerId(), lanes.get(0), peers, config, chance::nextDouble, new PeerWatchListener() {
                    @Override
                    public void onPeerDead(int brokerId, long epoch) {
                        metadata.onPeerDead(brokerId, epoch);
                    }

                    @Override
                    public void onPeerBack(int brokerId, long epoch) {
                        metadata.onPeerAlive(brokerId, epoch);
                    }
                });
        watch = started;
        started.onBrokers(living);
    }

    /** The cluster looks like that now. */
    void onImage(MetadataImage image) {
        known = image;
        replication.catchUpThrottle().rate(image.settings().catchUpBytesPerSecond());
        Map<Integer, Long> now = new TreeMap<>();
        image.brokers().forEach((id, broker) -> now.put(id, broker.epoch()));
        if (now.equals(epochs)) {
            return;
        }
        epochs = now;
        living = image.brokers().values().stream().map(SimFellowship::peer).toList();
        replication.onBrokers(living);
        if (watch != null) {
            watch.onBrokers(living);
        }
    }

    private static Peer peer(BrokerAddress broker) {
        return new Peer(broker.id(), broker.epoch(), new HostPort(broker.host(), broker.port()));
    }
}
