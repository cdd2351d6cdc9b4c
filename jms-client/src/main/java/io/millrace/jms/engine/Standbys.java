package io.millrace.jms.engine;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The brokers that have replicas of what the connection uses, and may lead next: a link to each is kept, so that a change of leader costs
 * nobody the time to connect. One that can not be reached is tried again after pauses that grow, up to the time limit for reconnecting; then
 * it is forgotten until a broker names it again. Owned by the engine.
 */
final class Standbys {
    /** Far apart: nobody waits for such a link, and a broker that is down has many clients. */
    private static final long FIRST_PAUSE_MS = 250;

    private static final long MAX_PAUSE_MS = 2_000;

    private final Context context;
    private final Brokers brokers;
    private final Map<Integer, Standby> byBroker = new TreeMap<>();

    /** One of them. */
    private static final class Standby {
        private BrokerAddress address;
        private long pauseMs;
        private long retryAtMs = Long.MAX_VALUE;
        private long lostSinceMs = -1;

        private Standby(BrokerAddress address) {
            this.address = address;
        }
    }

    Standbys(Context context, Brokers brokers) {
        this.context = context;
        this.brokers = brokers;
    }

    /** A broker that lives has replicas of what is used. */
    void onNamed(int brokerId, BrokerAddress address) {
        Standby standby = byBroker.computeIfAbsent(brokerId, id -> new Standby(address));
        standby.address = address;
        if (standby.retryAtMs == Long.MAX_VALUE) {
            brokers.toBroker(brokerId, address);
        }
    }

    void onLinkReady(Link link) {
        Standby standby = byBroker.get(link.brokerId());
        if (standby != null) {
            standby.pauseMs = 0;
            standby.retryAtMs = Long.MAX_VALUE;
            standby.lostSinceMs = -1;
        }
    }

    /** A link was lost, or could not be made. */
    void onLinkLost(Link link) {
        Standby standby = byBroker.get(link.brokerId());
        if (standby == null) {
            return;
        }
        if (standby.lostSinceMs < 0) {
            standby.lostSinceMs = context.nowMs;
        }
        if (context.nowMs - standby.lostSinceMs >= context.config.timeouts().reconnectMs()) {
            byBroker.remove(link.brokerId());
        } else {
            pause(standby);
        }
    }

    private void pause(Standby standby) {
        standby.pauseMs = standby.pauseMs == 0 ? FIRST_PAUSE_MS : Math.min(2 * standby.pauseMs, MAX_PAUSE_MS);
        standby.retryAtMs = context.nowMs + context.jittered(standby.pauseMs);
    }

    void onTick() {
        for (Map.Entry<Integer, Standby> entry : List.copyOf(byBroker.entrySet())) {
            Standby standby = entry.getValue();
            if (standby.retryAtMs > context.nowMs) {
                continue;
            }
            if (brokers.anyReady() == null) {
                pause(standby); // all addresses are tried in turn
            } else {
                standby.retryAtMs = Long.MAX_VALUE;
                brokers.toBroker(entry.getKey(), standby.address);
            }
        }
    }

    /** When {@link #onTick} has something to do next. */
    long deadlineMs() {
        long deadline = Long.MAX_VALUE;
        for (Standby standby : byBroker.values()) {
            deadline = Math.min(deadline, standby.retryAtMs);
        }
        return deadline;
    }
}
