package io.millrace.broker.replication;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.metadata.InSyncSets;
import io.millrace.broker.partition.CatchUpThrottle;
import io.millrace.broker.peer.LocalBroker;
import io.millrace.broker.peer.Peer;
import io.millrace.broker.peer.Peers;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** What this broker's replicas need of the others: a fetcher for each broker, and who takes a change of the in-sync set. For any thread. */
public final class Replication implements AutoCloseable {
    private final int self;
    private final IntFunction<? extends Lane> laneOf;
    private final Peers peers;
    private final CatchUpThrottle catchUpThrottle = new CatchUpThrottle();
    private final Map<Integer, ReplicaFetcher> fetchers = new ConcurrentHashMap<>();
    private volatile Map<Integer, Peer> living = Map.of();
    private volatile @Nullable InSyncSets inSyncSets;
    private long ownEpoch = LocalBroker.NO_EPOCH;

    /**
     * @param self this broker's id
     * @param laneOf the lane on which the fetcher from a broker is to live
     */
    public Replication(int self, IntFunction<? extends Lane> laneOf, Peers peers) {
        this.self = self;
        this.laneOf = laneOf;
        this.peers = peers;
    }

    /** Where changes of in-sync sets go; before the first partition leads. */
    public void connect(InSyncSets sets) {
        inSyncSets = sets;
    }

    /** How fast this broker sends to replicas that are not in sync, all partitions together. */
    public CatchUpThrottle catchUpThrottle() {
        return catchUpThrottle;
    }

    int self() {
        return self;
    }

    InSyncSets inSyncSets() {
        InSyncSets sets = inSyncSets;
        if (sets == null) {
            throw new IllegalStateException("a partition asks for a change of its in-sync set before it leads");
        }
        return sets;
    }

    /** The fetcher from a broker, which is connected while that one is known to live. */
    ReplicaFetcher fetcher(int brokerId) {
        return fetchers.computeIfAbsent(brokerId, id -> {
            ReplicaFetcher made = new ReplicaFetcher(laneOf.apply(id), peers);
            made.onPeer(living.get(id));
            return made;
        });
    }

    /** These brokers live. Called one call at a time. */
    public void onBrokers(Collection<Peer> brokers) {
        Map<Integer, Peer> now = new TreeMap<>();
        brokers.forEach(peer -> now.put(peer.brokerId(), peer));
        living = now;
        fetchers.forEach((id, fetcher) -> fetcher.onPeer(now.get(id)));
        Peer own = now.get(self);
        if (own != null && own.epoch() != ownEpoch) {
            boolean isFirst = ownEpoch == LocalBroker.NO_EPOCH;
            ownEpoch = own.epoch();
            if (!isFirst) {
                // Leaders have it from PeerHello, and let nobody with an earlier one into the in-sync set.
                fetchers.values().forEach(ReplicaFetcher::reconnect);
            }
        }
        if (own != null) {
            now.keySet().stream().filter(id -> id != self).forEach(this::fetcher); // who leads next is known then
        }
    }

    @Override
    public void close() {
        fetchers.values().forEach(ReplicaFetcher::close);
    }
}
