package io.millrace.simulation;

import io.millrace.broker.metadata.ClusterSettings;
import io.millrace.broker.metadata.StoredSettings;
import io.millrace.broker.partition.Reply;
import io.millrace.protocol.ErrorCode;
import io.millrace.simulation.broker.SimBroker;
import io.millrace.simulation.kernel.Chance;
import io.millrace.simulation.kernel.Kernel;
import io.millrace.simulation.kernel.Life;
import java.util.List;

/**
 * An operator who bounds, in some of a cluster's runs, what replicas get that are not in sync, and changes that bound; at the end there is none.
 * Draws from a stream of its own, so that runs without him are as they were.
 */
final class Throttling {
    private static final double SHARE = 0.3;
    private static final long LEAST_BYTES_PER_S = 2_000;
    private static final long MOST_BYTES_PER_S = 500_000;
    private static final long AGAIN_NS = 500 * Kernel.MILLI;

    private final Kernel kernel;
    private final Chance chance;
    private final List<SimBroker> brokers;
    private final long everyNs;
    private boolean isEnding;
    private boolean isOver;

    Throttling(long seed, Kernel kernel, List<SimBroker> brokers, Scenario scenario) {
        this.kernel = kernel;
        this.chance = Chance.of(seed, "throttle");
        this.brokers = brokers;
        boolean occurs = !scenario.cluster().isAlone() && chance.chance(SHARE);
        long meanNs = chance.skewed(scenario.forNs() / 30, scenario.forNs() / 3);
        this.everyNs = occurs ? meanNs : Scenario.NEVER;
        this.isOver = !occurs;
    }

    /** The mean time between two changes. */
    long everyNs() {
        return everyNs;
    }

    void change() {
        set(chance.chance(0.2) ? 0 : chance.skewed(LEAST_BYTES_PER_S, MOST_BYTES_PER_S));
    }

    /** No more trouble: nothing is to be held back, and that is asked for until it is so. */
    void end() {
        if (!isOver) {
            isEnding = true;
            set(0);
            kernel.after(AGAIN_NS, Life.WORLD, "operator", "asks again for no throttle", this::end);
        }
    }

    private void set(long bytesPerSecond) {
        SimBroker asked = chance.oneOf(brokers);
        StoredSettings settings = asked.settings();
        if (!asked.isReady() || settings == null) {
            return;
        }
        kernel.note("operator", "sets the throttle to", bytesPerSecond);
        settings.change(present -> present.withCatchUp(bytesPerSecond), new Reply<ClusterSettings>() {
            @Override
            public void complete(ClusterSettings set) {
                isOver |= isEnding;
            }

            @Override
            public void fail(ErrorCode error, String message) {
                kernel.note("operator", "is refused: " + message);
            }
        });
    }
}
