package io.millrace.broker.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class EnsembleTest {
    @Test
    void namesHostsThatNobodyKnows() {
        // Given a top level domain that never has hosts (RFC 2606)
        Ensemble ensemble = Ensemble.of("127.0.0.1:2181,zk1.invalid:2181, zk2.invalid:2181/millrace", 6000, "");
        // Then
        assertThat(ensemble.unknownHosts()).containsExactly("zk1.invalid", "zk2.invalid");
    }
}
