package io.millrace.broker.peer;

import java.util.function.DoubleSupplier;

/**
 * Whether one life of another broker is taken for dead, and when to connect to it. Owned by the {@link PeerWatch}'s lane.
 *
 * <pre>
 *   {@link Phase#UNPROVEN} --up--> {@link Phase#UP} --down--> {@link Phase#LOST} --up--> UP
 *   LOST --refused--> {@link Phase#DEAD}, which is reported; DEAD --up--> UP, which is reported
 *   UNPROVEN, LOST, DEAD --any other end of an attempt--> the same, and another attempt after a pause
 * </pre>
 *
 * <p>A process that ends closes its connections, and its machine refuses new ones: both together are taken for its death. Silence is not:
 * the machine may be busy or cut off, and ZooKeeper's session decides. Nor is a refusal alone: a broker that starts is known before it
 * listens.
 *
 * <p>The first attempt after a loss is made at once. The pauses between further ones double from {@code backoffMs} to {@code backoffMaxMs},
 * and of each only a random part from a half on is taken, so that brokers do not come in step. A link that was up for less than the longest
 * pause counts as one more failure: two brokers that accept and drop each other do not spin.
 */
final class PeerState {
    private final PeerConfig config;
    private final DoubleSupplier jitter;
    private final Outbox outbox;
    private Phase phase = Phase.UNPROVEN;
    private boolean connecting;
    private int failures;
    private long upSinceMs;
    private long deadlineMs;

    /** What is known of the broker. */
    enum Phase {
        /** No link to it was ever ready. */
        UNPROVEN,
        /** A link to it is ready. */
        UP,
        /** A link to it was ready and has ended. */
        LOST,
        /** It is taken for dead. */
        DEAD
    }

    /** What is to be done. */
    interface Outbox {
        /** Opens a link. */
        void connect();

        /** The broker is dead. */
        void dead();

        /** The broker that was called dead is there. */
        void back();
    }

    /**
     * A broker that is to be connected to at once, that is with the next {@link #onTick}.
     *
     * @param jitter draws a number from 0 to 1 each time
     */
    PeerState(PeerConfig config, DoubleSupplier jitter, Outbox outbox, long nowMs) {
        this.config = config;
        this.jitter = jitter;
        this.outbox = outbox;
        this.deadlineMs = nowMs;
    }

    Phase phase() {
        return phase;
    }

    /** When {@link #onTick} has something to do next. */
    long deadlineMs() {
        return deadlineMs;
    }

    /** Connects if it is time. */
    void onTick(long nowMs) {
        if (nowMs >= deadlineMs) {
            connecting = true;
            deadlineMs = Long.MAX_VALUE;
            outbox.connect();
        }
    }

    /** The link that was asked for is ready. */
    void onUp(long nowMs) {
        requireConnecting("became ready");
        boolean wasDead = phase == Phase.DEAD;
        connecting = false;
        phase = Phase.UP;
        upSinceMs = nowMs;
        if (wasDead) {
            outbox.back();
        }
    }

    /** The link that was asked for has ended. */
    void onDown(PeerEnd.Cause cause, long nowMs) {
        switch (phase) {
            case UP -> onLost(nowMs);
            case LOST -> onFailedSinceLost(cause, nowMs);
            case UNPROVEN, DEAD -> onFailed(nowMs);
        }
    }

    private void onLost(long nowMs) {
        phase = Phase.LOST;
        if (nowMs - upSinceMs >= config.backoffMaxMs()) {
            failures = 0;
            deadlineMs = nowMs;
        } else {
            pause(nowMs);
        }
    }

    private void onFailedSinceLost(PeerEnd.Cause cause, long nowMs) {
        onFailed(nowMs);
        if (cause == PeerEnd.Cause.REFUSED) {
            phase = Phase.DEAD;
            outbox.dead();
        }
    }

    private void onFailed(long nowMs) {
        requireConnecting("failed");
        connecting = false;
        pause(nowMs);
    }

    private void pause(long nowMs) {
        long wholeMs = Math.min(config.backoffMaxMs(), (long) config.backoffMs() << Math.min(failures, 20));
        failures++;
        deadlineMs = nowMs + Math.round(wholeMs * (0.5 + jitter.getAsDouble() / 2));
    }

    private void requireConnecting(String event) {
        if (!connecting) {
            throw new IllegalStateException("a link " + event + " that was not asked for, in phase " + phase);
        }
    }
}
