package io.millrace.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.peer.PeerEnd.Cause;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeerStateTest {
    private static final long LONG_MS = 10_000;
    private static final int BACKOFF_MS = PeerFixtures.CONFIG.backoffMs();
    private static final int BACKOFF_MAX_MS = PeerFixtures.CONFIG.backoffMaxMs();

    private final List<String> done = new ArrayList<>();
    private double jitter = 1;
    private long nowMs = 5000;
    private final PeerState state = new PeerState(PeerFixtures.CONFIG, () -> jitter, new Recorder(), nowMs);

    @Test
    void connectsAtOnceAndThenWaits() {
        // When
        state.onTick(nowMs);
        state.onTick(nowMs + LONG_MS);

        // Then
        assertThat(done).containsExactly("connect");
        assertThat(state.deadlineMs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void reportsABrokerWhoseConnectionClosedAndIsRefused() {
        // Given
        up();
        nowMs += LONG_MS;
        state.onDown(Cause.LOST, nowMs);
        assertThat(state.deadlineMs()).isEqualTo(nowMs);
        state.onTick(nowMs);

        // When
        state.onDown(Cause.REFUSED, nowMs);

        // Then
        assertThat(done).containsExactly("connect", "connect", "dead");
        assertThat(state.phase()).isEqualTo(PeerState.Phase.DEAD);
    }

    @Test
    void reportsADeathOnceAndTheReturn() {
        // Given
        die();

        // When
        fail(Cause.REFUSED);
        fail(Cause.REFUSED);
        connect();
        state.onUp(nowMs);

        // Then
        assertThat(done).filteredOn(what -> !what.equals("connect")).containsExactly("dead", "back");
        assertThat(state.phase()).isEqualTo(PeerState.Phase.UP);
    }

    @Test
    void doesNotReportABrokerThatWasNeverThere() {
        // When
        for (int i = 0; i < 20; i++) {
            fail(Cause.REFUSED);
        }

        // Then
        assertThat(done).containsOnly("connect");
    }

    @Test
    void doesNotReportASilentBroker() {
        // Given
        up();
        state.onDown(Cause.SILENT, nowMs);

        // When
        for (int i = 0; i < 20; i++) {
            fail(i % 2 == 0 ? Cause.UNREACHABLE : Cause.LOST);
        }

        // Then
        assertThat(done).containsOnly("connect");
        assertThat(state.phase()).isEqualTo(PeerState.Phase.LOST);
    }

    @Test
    void reportsABrokerThatWasSilentAndIsRefusedLater() {
        // Given
        up();
        state.onDown(Cause.SILENT, nowMs);
        fail(Cause.UNREACHABLE);

        // When
        fail(Cause.REFUSED);

        // Then
        assertThat(done).endsWith("dead");
    }

    @Test
    void doublesItsPausesUpToALimitAndTakesARandomPartOfThem() {
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            connect();
            state.onDown(Cause.REFUSED, nowMs);
            pauses.add(state.deadlineMs() - nowMs);
        }
        assertThat(pauses).containsExactly(100L, 200L, 400L, 800L, 800L, 800L);

        // When
        jitter = 0;
        connect();
        state.onDown(Cause.REFUSED, nowMs);

        // Then
        assertThat(state.deadlineMs() - nowMs).isEqualTo(BACKOFF_MAX_MS / 2);
    }

    @Test
    void pausesAfterALinkThatWasUpForAMomentOnly() {
        // Given
        up();

        // When
        state.onDown(Cause.LOST, nowMs + 1);

        // Then
        assertThat(state.deadlineMs()).isEqualTo(nowMs + 1 + BACKOFF_MS);
    }

    @Test
    void refusesALinkThatWasNotAskedFor() {
        assertThatThrownBy(() -> state.onUp(nowMs))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("UNPROVEN");
    }

    private void connect() {
        nowMs = Math.max(nowMs, state.deadlineMs());
        state.onTick(nowMs);
    }

    private void up() {
        connect();
        state.onUp(nowMs);
    }

    private void fail(Cause cause) {
        connect();
        state.onDown(cause, nowMs);
    }

    private void die() {
        up();
        nowMs += LONG_MS;
        state.onDown(Cause.LOST, nowMs);
        fail(Cause.REFUSED);
    }

    private final class Recorder implements PeerState.Outbox {
        @Override
        public void connect() {
            done.add("connect");
        }

        @Override
        public void dead() {
            done.add("dead");
        }

        @Override
        public void back() {
            done.add("back");
        }
    }
}
