package io.millrace.broker.peer;

/** Hears which brokers are taken for dead, on the watch's lane. */
public interface PeerWatchListener {
    /** That life of the broker has ended: its connection was closed, and its machine refuses another. */
    void onPeerDead(int brokerId, long epoch);

    /** That life of the broker, which was called dead, answers. */
    void onPeerBack(int brokerId, long epoch);
}
