package io.millrace.broker.peer;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.PeerHelloRequestData;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Decides whether a connection that says PeerHello is another broker of this cluster. Immutable, for any thread. */
public final class PeerGate {
    private final LocalBroker self;
    private final Supplier<Map<Integer, Long>> living;

    /**
     * A gate.
     *
     * @param living the epochs of the cluster's living brokers by their ids, as far as this broker knows; {@link LocalBroker#NO_EPOCH}
     *     where it does not
     */
    public PeerGate(LocalBroker self, Supplier<Map<Integer, Long>> living) {
        this.self = self;
        this.living = living;
    }

    /** Why a peer is not let in. */
    public record Refusal(ErrorCode error, String message) {}

    /** This broker. */
    public LocalBroker self() {
        return self;
    }

    /** The version that is spoken with a peer that was let in. */
    public short protocol(PeerHelloRequestData hello) {
        return PeerProtocol.common(hello.minProtocol(), hello.maxProtocol());
    }

    /**
     * Why the peer is not let in, or null. The cluster's id is no secret, so that it comes first and a wrong address is named as such; what
     * follows the secret is for those who know it.
     */
    public @Nullable Refusal check(PeerHelloRequestData hello) {
        String clusterId = self.clusterId().get();
        if (!hello.clusterId().equals(clusterId)) {
            return new Refusal(
                    ErrorCode.INCONSISTENT_CLUSTER_ID,
                    "this broker belongs to cluster " + clusterId + ", not " + hello.clusterId());
        }
        if (!isSecret(hello.secret())) {
            return new Refusal(
                    ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
                    "the secret is not the one that the cluster's brokers share");
        }
        if (hello.receiverId() != self.brokerId()) {
            return new Refusal(
                    ErrorCode.BROKER_ID_NOT_REGISTERED,
                    "this is broker " + self.brokerId() + ", not " + hello.receiverId());
        }
        if (PeerProtocol.common(hello.minProtocol(), hello.maxProtocol()) < 0) {
            return new Refusal(
                    ErrorCode.UNSUPPORTED_VERSION,
                    "this broker speaks versions " + PeerProtocol.MIN + " to " + PeerProtocol.MAX
                            + " with other brokers, not " + hello.minProtocol() + " to " + hello.maxProtocol());
        }
        return checkLife(hello);
    }

    private @Nullable Refusal checkLife(PeerHelloRequestData hello) {
        Long known = hello.brokerId() == self.brokerId() ? null : living.get().get(hello.brokerId());
        if (known == null) {
            return new Refusal(
                    ErrorCode.BROKER_ID_NOT_REGISTERED,
                    "broker " + hello.brokerId() + " is not among the other living brokers that broker "
                            + self.brokerId() + " knows");
        }
        if (hello.brokerEpoch() < known) { // a higher one is news that is still on its way here
            return new Refusal(
                    ErrorCode.STALE_BROKER_EPOCH,
                    "broker " + hello.brokerId() + " is registered with epoch " + known + ", and " + hello.brokerEpoch()
                            + " was an earlier life of it");
        }
        return null;
    }

    private boolean isSecret(String given) {
        byte[] secret = self.secret().get().getBytes(StandardCharsets.UTF_8);
        return secret.length > 0 && MessageDigest.isEqual(secret, given.getBytes(StandardCharsets.UTF_8));
    }
}
