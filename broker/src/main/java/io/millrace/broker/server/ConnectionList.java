package io.millrace.broker.server;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The connections of one lane: all of them for the clock's ticks, and those that wait for the in-flight budget. Owned by the lane.
 */
final class ConnectionList {
    private static final long TICK_MS = 1000;
    /** How soon the budget is looked at again while somebody waits for it and nothing else happens. */
    private static final long RETRY_MS = 2;

    private final NettyLane lane;
    private final InFlightBudget budget;
    private final Set<NettyConnection> all = new LinkedHashSet<>();
    private final Set<NettyConnection> waiting = new LinkedHashSet<>();
    private boolean ticking;
    private boolean retryScheduled;

    ConnectionList(NettyLane lane, InFlightBudget budget) {
        this.lane = lane;
        this.budget = budget;
    }

    void add(NettyConnection connection) {
        all.add(connection);
        if (!ticking) {
            ticking = true;
            lane.schedule(lane.nowMs() + TICK_MS, this::tick);
        }
    }

    void remove(NettyConnection connection) {
        all.remove(connection);
        waiting.remove(connection);
    }

    /** Resumes the connection when the budget has room again. */
    void waitForBudget(NettyConnection connection) {
        waiting.add(connection);
        retryLater();
    }

    /** Resumes who waits, if the turn has given enough back. */
    void onEndOfTurn() {
        if (waiting.isEmpty()) {
            return;
        }
        budget.look();
        if (budget.isExhausted()) {
            retryLater();
            return;
        }
        List<NettyConnection> resumed = new ArrayList<>(waiting);
        waiting.clear();
        for (NettyConnection connection : resumed) {
            connection.onBudget();
        }
    }

    private void retryLater() {
        if (!retryScheduled) {
            retryScheduled = true;
            lane.schedule(lane.nowMs() + RETRY_MS, () -> {
                retryScheduled = false;
                onEndOfTurn();
            });
        }
    }

    private void tick() {
        long nowMs = lane.nowMs();
        for (NettyConnection connection : new ArrayList<>(all)) {
            connection.onTick(nowMs);
        }
        if (all.isEmpty()) {
            ticking = false;
        } else {
            lane.schedule(nowMs + TICK_MS, this::tick);
        }
    }
}
