package io.millrace.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ReplicaLeaseTest {
    @Test
    void isNotRenewedByWhatIsEchoedAfterItsEnd() {
        // Given a lease that ends, and a later echo, while it is looked at
        AtomicReference<ReplicaLease> lease = new AtomicReference<>();
        lease.set(new ReplicaLease(() -> {
            lease.get().end();
            return 5000;
        }));

        // When
        boolean isValid = lease.get().isValid(5001);

        // Then
        assertThat(isValid).isFalse();
    }

    @Test
    void isValidForItsDurationOnAClockBelowZero() {
        ReplicaLease lease = new ReplicaLease(() -> -9000);
        assertThat(lease.isValid(-9000 + ReplicaLease.DURATION_MS - 1)).isTrue();
        assertThat(lease.isValid(-9000 + ReplicaLease.DURATION_MS)).isFalse();
    }
}
