package io.millrace.broker.peer;

/** Hears what becomes of a link, on the link's lane. */
public interface PeerLinkListener {
    /** The other broker has answered PeerHello: requests may be sent. */
    void onReady(PeerLink link, long nowMs);

    /** The link takes requests again after it had too many bytes that wait. */
    default void onWritable(PeerLink link, long nowMs) {}

    /** The link has ended, ready or not; calls under way have failed before. Nothing follows. */
    void onClosed(PeerLink link, PeerEnd end, long nowMs);
}
