package io.millrace.broker.peer;

import io.millrace.broker.lane.Lane;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One link to every other living broker, kept as long as the cluster's metadata says that the broker lives; and word of those that are
 * dead before ZooKeeper knows: {@link PeerState}. {@link #onBrokers}, {@link #linkTo} and {@link #close} are for any thread; the rest is owned
 * by the watch's lane.
 */
public final class PeerWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerWatch.class);

    private final int ownId;
    private final Lane lane;
    private final Peers peers;
    private final PeerConfig config;
    private final DoubleSupplier jitter;
    private final PeerWatchListener listener;
    private final Map<Integer, Watched> watched = new LinkedHashMap<>();
    private final Map<Integer, PeerLink> ready = new ConcurrentHashMap<>();
    private long ownEpoch = LocalBroker.NO_EPOCH;

    private long timerAtMs = Long.MAX_VALUE;
    private boolean closed;

    /**
     * A watch of nobody yet.
     *
     * @param jitter draws a number from 0 to 1 each time
     */
    public PeerWatch(
            int ownId, Lane lane, Peers peers, PeerConfig config, DoubleSupplier jitter, PeerWatchListener listener) {
        this.ownId = ownId;
        this.lane = lane;
        this.peers = peers;
        this.config = config;
        this.jitter = jitter;
        this.listener = listener;
    }

    /** These brokers live, says the cluster's metadata; this broker may be among them. */
    public void onBrokers(Collection<Peer> living) {
        List<Peer> others =
                living.stream().filter(peer -> peer.brokerId() != ownId).toList();
        long epoch = living.stream()
                .filter(peer -> peer.brokerId() == ownId)
                .mapToLong(Peer::epoch)
                .findAny()
                .orElse(LocalBroker.NO_EPOCH);
        lane.execute(() -> {
            onOwnEpoch(epoch);
            watch(others);
        });
    }

    /** A link to the broker that is ready, or null. It may end at any moment. */
    public @Nullable PeerLink linkTo(int brokerId) {
        return ready.get(brokerId);
    }

    /** Ends all links. */
    @Override
    public void close() {
        lane.execute(() -> {
            closed = true;
            watch(List.of());
        });
    }

    /** The others have this broker's epoch from the PeerHello of each link: with a new epoch the links are made anew. */
    private void onOwnEpoch(long epoch) {
        if (epoch == LocalBroker.NO_EPOCH || epoch == ownEpoch) {
            return;
        }
        boolean isFirst = ownEpoch == LocalBroker.NO_EPOCH;
        ownEpoch = epoch;
        if (!isFirst) {
            List.copyOf(watched.values()).forEach(Watched::reconnect);
        }
    }

    private void watch(List<Peer> others) {
        for (Watched one : new ArrayList<>(watched.values())) {
            if (!others.contains(one.peer)) { // gone, or in another life, or elsewhere
                watched.remove(one.peer.brokerId());
                one.end();
            }
        }
        if (closed) {
            return;
        }
        for (Peer peer : others) {
            watched.computeIfAbsent(peer.brokerId(), id -> new Watched(peer));
        }
        tick();
    }

    private void tick() {
        long nowMs = lane.nowMs();
        long nextMs = Long.MAX_VALUE;
        for (Watched one : watched.values()) {
            one.state.onTick(nowMs);
            nextMs = Math.min(nextMs, one.state.deadlineMs());
        }
        wakeAt(nextMs);
    }

    private void wakeAt(long atMs) {
        if (atMs < timerAtMs) {
            timerAtMs = atMs;
            lane.schedule(atMs, () -> {
                if (timerAtMs == atMs) { // an earlier one may have come in its place
                    timerAtMs = Long.MAX_VALUE;
                    tick();
                }
            });
        }
    }

    /** One life of another broker, and the link to it. */
    private final class Watched implements PeerState.Outbox, PeerLinkListener {
        private final Peer peer;
        private final PeerState state;
        private @Nullable PeerLink link;
        private @Nullable PeerEnd lastEnd;

        Watched(Peer peer) {
            this.peer = peer;
            this.state = new PeerState(config, jitter, this, lane.nowMs());
        }

        void end() {
            PeerLink last = link;
            link = null;
            if (last != null) {
                ready.remove(peer.brokerId(), last);
                last.close();
            }
        }

        /** Lets the other broker hear of this one's epoch; a link that ends is made again. */
        void reconnect() {
            PeerLink last = link;
            if (last != null) {
                last.close();
            }
        }

        @Override
        public void connect() {
            link = peers.open(peer, lane, this);
        }

        @Override
        public void dead() {
            LOG.atInfo().addKeyValue("peer", peer).log("a broker is dead: its connection was closed, and is refused");
            listener.onPeerDead(peer.brokerId(), peer.epoch());
        }

        @Override
        public void back() {
            LOG.atInfo().addKeyValue("peer", peer).log("a broker that was taken for dead is back");
            listener.onPeerBack(peer.brokerId(), peer.epoch());
        }

        @Override
        public void onReady(PeerLink opened, long nowMs) {
            if (opened != link) {
                return;
            }
            lastEnd = null;
            ready.put(peer.brokerId(), opened);
            LOG.atDebug()
                    .addKeyValue("peer", peer)
                    .addKeyValue("protocol", opened.protocolVersion())
                    .log("linked to a broker");
            state.onUp(nowMs);
        }

        @Override
        public void onClosed(PeerLink opened, PeerEnd end, long nowMs) {
            if (opened != link) {
                return;
            }
            link = null;
            ready.remove(peer.brokerId(), opened);
            if (!end.equals(lastEnd)) { // the same again is no news
                lastEnd = end;
                LOG.atInfo().addKeyValue("peer", peer).log("no link to a broker: {}", end);
            }
            state.onDown(end.cause(), nowMs);
            wakeAt(state.deadlineMs());
        }
    }
}
