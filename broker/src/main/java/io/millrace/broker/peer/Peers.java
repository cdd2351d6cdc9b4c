package io.millrace.broker.peer;

import io.millrace.broker.lane.Lane;

/** A way to the other brokers of the cluster. For any thread. */
public interface Peers {
    /**
     * Opens one connection to a broker, which lives on a lane: there the listener is called, and the replies to calls. It connects, says
     * PeerHello and keeps itself alive with heartbeats until it ends, once and for good; who wants it back opens another.
     */
    PeerLink open(Peer peer, Lane lane, PeerLinkListener listener);
}
