package io.millrace.broker.peer;

import static io.millrace.broker.peer.PeerFixtures.CLUSTER;
import static io.millrace.broker.peer.PeerFixtures.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.PeerHelloRequestData;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PeerGateTest {
    private static final long EPOCH = 7;

    private final PeerGate gate = new PeerGate(PeerFixtures.self(1, 5), () -> Map.of(1, 5L, 2, EPOCH));

    @Test
    void letsALivingBrokerOfTheClusterIn() {
        assertThat(gate.check(hello())).isNull();
        assertThat(gate.check(hello().setBrokerEpoch(EPOCH + 1))).isNull(); // news that is on its way
    }

    @Test
    void refusesEverybodyElse() {
        refuses(hello().setClusterId("other"), ErrorCode.INCONSISTENT_CLUSTER_ID, "not other");
        refuses(hello().setSecret("guess"), ErrorCode.CLUSTER_AUTHORIZATION_FAILED, "secret");
        refuses(hello().setSecret(""), ErrorCode.CLUSTER_AUTHORIZATION_FAILED, "secret");
        refuses(hello().setReceiverId(3), ErrorCode.BROKER_ID_NOT_REGISTERED, "this is broker 1, not 3");
        refuses(hello().setBrokerId(3), ErrorCode.BROKER_ID_NOT_REGISTERED, "broker 3");
        refuses(hello().setBrokerId(1).setBrokerEpoch(5), ErrorCode.BROKER_ID_NOT_REGISTERED, "broker 1");
        refuses(hello().setBrokerEpoch(EPOCH - 1), ErrorCode.STALE_BROKER_EPOCH, "epoch 7");
        refuses(hello().setMinProtocol((short) 1).setMaxProtocol((short) 2), ErrorCode.UNSUPPORTED_VERSION, "1 to 2");
        refuses(hello().setMaxProtocol((short) -1), ErrorCode.UNSUPPORTED_VERSION, "0 to -1");
    }

    @Test
    void namesNeitherSecret() {
        LocalBroker self = new LocalBroker(1, "test", () -> 5, () -> CLUSTER, () -> "xyzzy");
        PeerGate.Refusal refusal = new PeerGate(self, Map::of).check(hello().setSecret("guess"));
        assertThat(refusal.message()).doesNotContain("xyzzy").doesNotContain("guess");
    }

    @Test
    void letsNobodyInWhileItKnowsNoSecret() {
        LocalBroker early = new LocalBroker(1, "test", () -> -1, () -> CLUSTER, () -> "");
        PeerGate closed = new PeerGate(early, () -> Map.of(2, EPOCH));
        assertThat(closed.check(hello().setSecret("")).error()).isEqualTo(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
    }

    private void refuses(PeerHelloRequestData hello, ErrorCode error, String words) {
        assertThat(gate.check(hello)).satisfies(refusal -> {
            assertThat(refusal.error()).isEqualTo(error);
            assertThat(refusal.message()).contains(words);
        });
    }

    private static PeerHelloRequestData hello() {
        return new PeerHelloRequestData()
                .setClusterId(CLUSTER)
                .setSecret(SECRET)
                .setBrokerId(2)
                .setBrokerEpoch(EPOCH)
                .setReceiverId(1)
                .setMaxProtocol((short) 3);
    }
}
