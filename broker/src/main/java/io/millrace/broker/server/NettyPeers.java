package io.millrace.broker.server;

import io.millrace.broker.lane.Lane;
import io.millrace.broker.peer.FramedLink;
import io.millrace.broker.peer.LocalBroker;
import io.millrace.broker.peer.Peer;
import io.millrace.broker.peer.PeerConfig;
import io.millrace.broker.peer.PeerLink;
import io.millrace.broker.peer.PeerLinkListener;
import io.millrace.broker.peer.Peers;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Connections to other brokers on the lanes' event loops, so that what they bring crosses no thread. For any thread. */
public final class NettyPeers implements Peers, AutoCloseable {
    private static final long LOOKUP_IDLE_S = 10;
    private static final int WAITING_LOOKUPS = 1000;

    private final Lanes lanes;
    private final PeerConfig config;
    private final LocalBroker self;
    private final ThreadPoolExecutor lookups;

    public NettyPeers(Lanes lanes, PeerConfig config, LocalBroker self) {
        this.lanes = lanes;
        this.config = config;
        this.self = self;
        this.lookups = new ThreadPoolExecutor(
                1, 1, LOOKUP_IDLE_S, TimeUnit.SECONDS, new LinkedBlockingQueue<>(WAITING_LOOKUPS), task -> {
                    Thread thread = new Thread(task, "millrace-peer-lookup");
                    thread.setDaemon(true);
                    return thread;
                });
        lookups.allowCoreThreadTimeOut(true);
    }

    @Override
    public PeerLink open(Peer peer, Lane lane, PeerLinkListener listener) {
        if (!(lane instanceof NettyLane netty)) {
            throw new IllegalArgumentException("not a lane of this broker: " + lane);
        }
        NettyPeerChannel channel = new NettyPeerChannel(peer.address(), netty, lanes.epoll(), config, lookups);
        FramedLink link = new FramedLink(
                peer, lane, channel, self, config, listener, () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
        channel.serve(link);
        link.open();
        return link;
    }

    /** Looks up no more names. Links end with their lanes, if not before. */
    @Override
    public void close() {
        lookups.shutdownNow();
    }
}
