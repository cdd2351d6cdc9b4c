package io.millrace.jms.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class SettlementGateTest {
    private static final long LONG_NS = TimeUnit.SECONDS.toNanos(20);

    private final SettlementGate gate = new SettlementGate();

    private boolean isPassedAtOnce() throws InterruptedException {
        return gate.await(0, () -> false);
    }

    /** As many as may be unwritten. */
    private long fill() {
        long last = 0;
        for (int i = 0; i < SettlementGate.MAX_UNWRITTEN; i++) {
            last = gate.issue();
        }
        return last;
    }

    @Test
    void isShutWhileTooManySettlementsAreUnwritten() throws InterruptedException {
        // Given
        fill();
        assertThat(isPassedAtOnce()).isTrue();

        // Then
        gate.issue();
        assertThat(isPassedAtOnce()).isFalse();
        gate.onWritten(1);
        assertThat(isPassedAtOnce()).isTrue();
    }

    @Test
    void letsThroughWhoWaits() {
        // Given
        long number = fill();
        gate.issue();
        CompletableFuture<Boolean> passed = CompletableFuture.supplyAsync(() -> {
            try {
                return gate.await(LONG_NS, () -> false);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });

        // When
        gate.onWritten(number);

        // Then
        assertThat(passed.orTimeout(20, TimeUnit.SECONDS).join()).isTrue();
    }

    @Test
    void sendsAwayWhoNeedsNoMessageAnyMore() throws InterruptedException {
        // Given
        fill();
        gate.issue();
        AtomicBoolean isClosed = new AtomicBoolean();
        AtomicBoolean isPassed = new AtomicBoolean(true);
        Thread waiter = new Thread(() -> {
            try {
                isPassed.set(gate.await(LONG_NS, isClosed::get));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        waiter.start();
        Awaitility.await().until(() -> waiter.getState() == Thread.State.TIMED_WAITING);

        // When
        isClosed.set(true);
        gate.wake();

        // Then
        waiter.join(20_000);
        assertThat(waiter.isAlive()).isFalse();
        assertThat(isPassed).isFalse();
    }
}
