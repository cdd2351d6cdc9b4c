package io.millrace.broker.peer;

import io.millrace.broker.config.HostPort;

/** Brokers that tests speak of. */
final class PeerFixtures {
    static final String CLUSTER = "cluster";
    static final String SECRET = "secret";
    static final PeerConfig CONFIG = new PeerConfig(300, 1000, 900, 100, 800, 1024 * 1024);

    private PeerFixtures() {}

    static Peer peer(int id, long epoch) {
        return new Peer(id, epoch, new HostPort("127.0.0.1", 9092 + id));
    }

    static LocalBroker self(int id, long epoch) {
        return new LocalBroker(id, "test", () -> epoch, () -> CLUSTER, () -> SECRET);
    }
}
