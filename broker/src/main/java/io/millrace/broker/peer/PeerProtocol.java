package io.millrace.broker.peer;

import io.millrace.broker.format.Formats;

/**
 * The versions of what brokers say to each other that this software speaks: while a cluster is upgraded, brokers of two versions speak
 * the highest that both know. A number for all private APIs between brokers together; PeerHello itself, by which they agree, stays as it is.
 */
public final class PeerProtocol {
    /** The lowest version spoken. */
    public static final short MIN = (short) Formats.ofBuild().peerProtocol().oldest();

    /** The highest version spoken. */
    public static final short MAX = (short) Formats.ofBuild().peerProtocol().newest();

    private static final short NONE = -1;

    private PeerProtocol() {}

    /** The highest version that both know, or -1. */
    static short common(short theirMin, short theirMax) {
        short highest = (short) Math.min(MAX, theirMax);
        return highest >= Math.max(MIN, theirMin) ? highest : NONE;
    }
}
