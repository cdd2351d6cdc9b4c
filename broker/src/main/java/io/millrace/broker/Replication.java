package io.millrace.broker;

import io.millrace.broker.metadata.InSyncSets;
import io.millrace.broker.peer.Peer;
import io.millrace.broker.peer.Peers;
import io.millrace.broker.replication.ReplicaFetcher;
import io.millrace.broker.server.Lanes;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What this broker's replicas need of the others: a fetcher for each broker, and who takes a change of the in-sync set. For any thread. */
final class Replication implements AutoCloseable {
    private final Lanes lanes;
    private final Peers peers;
    private final Map<Integer, ReplicaFetcher> fetchers = new ConcurrentHashMap<>();
    private volatile Map<Integer, Peer> living = Map.of();
    private volatile @Nullable InSyncSets inSyncSets;

    Replication(Lanes lanes, Peers peers) {
        this.lanes = lanes;
        this.peers = peers;
    }

    /** Where changes of in-sync sets go; before the first partition leads. */
    void connect(InSyncSets sets) {
        inSyncSets = sets;
    }

    InSyncSets inSyncSets() {
        InSyncSets sets = inSyncSets;
        if (sets == null) {
            throw new IllegalStateException("a partition asks for a change of its in-sync set before it leads");
        }
        return sets;
    }

    /** The fetcher from a broker, which connects when it is known to live. */
    ReplicaFetcher fetcher(int brokerId) {
        return fetchers.computeIfAbsent(brokerId, id -> {
            ReplicaFetcher made = new ReplicaFetcher(lanes.lane(Math.floorMod(id, lanes.count())), peers);
            made.onPeer(living.get(id));
            return made;
        });
    }

    /** These brokers live. */
    void onBrokers(Collection<Peer> brokers) {
        Map<Integer, Peer> now = new TreeMap<>();
        brokers.forEach(peer -> now.put(peer.brokerId(), peer));
        living = now;
        fetchers.forEach((id, fetcher) -> fetcher.onPeer(now.get(id)));
    }

    @Override
    public void close() {
        fetchers.values().forEach(ReplicaFetcher::close);
    }
}
